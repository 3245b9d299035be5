"""What every component does at its edge: refuse bad input, ask AWS, register its outputs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Optional, TypeGuard

import pulumi

from privatelane._invalid import InvalidInput


@contextmanager
def input_errors(where: str) -> Iterator[None]:
    """Turn bad input into an error of the program: one sentence, no traceback.

    `where` is the component's class and name, such as ``Network 'net'``. To be used around
    everything that reads arguments, before `super().__init__`, so that nothing is registered
    when they are refused.

    Raises:
        pulumi.RunError: in place of `InvalidInput`. The language host prints only its text.

    """
    try:
        yield
    except InvalidInput as error:
        end = "" if str(error).endswith("?") else "."
        raise pulumi.RunError(f"{where}: {error}{end}") from None


def register(component: pulumi.ComponentResource) -> None:
    """Register every output that the component's class declares, under its name in the schema."""
    component.register_outputs(
        {
            camel_case(key): getattr(component, key)
            for key in type(component).__annotations__
            if not key.startswith("_")
        }
    )


def gathered(leaves: Mapping[str, pulumi.Output[str]]) -> pulumi.Output[Mapping[str, str]]:
    """Return a map of Outputs as one Output, for a component's own outputs.

    It is unknown while one leaf is. What a resource takes should be the leaves themselves.
    """
    together: pulumi.Output[Any] = pulumi.Output.from_input(dict(leaves))
    return together


def is_plain(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Return whether `value` is a map whose values are all known now."""
    return isinstance(value, Mapping) and not any(
        isinstance(item, pulumi.Output) for item in value.values()
    )


def camel_case(name: str) -> str:
    """Return an argument's or output's name in the schema, as the component host derives it."""
    first, *others = name.split("_")
    return first + "".join(other[:1].upper() + other[1:] for other in others)


def invoke_options(opts: Optional[pulumi.ResourceOptions]) -> pulumi.InvokeOptions:
    """Return options with which a component asks AWS before it is registered itself."""
    given = opts or pulumi.ResourceOptions()
    return pulumi.InvokeOptions(parent=given.parent, provider=given_provider(opts, "aws"))


def provider_region(opts: Optional[pulumi.ResourceOptions]) -> Optional[str]:
    """Return the region that the stack's configuration gives the AWS provider, None if unknown.

    It is unknown when a provider of its own, or one that a parent may have, is used.
    """
    given = opts or pulumi.ResourceOptions()
    if given.parent is not None or given_provider(opts, "aws") is not None:
        return None
    return pulumi.Config("aws").get("region")


def waits_of(opts: Optional[pulumi.ResourceOptions]) -> pulumi.ResourceOptions:
    """Return options with which a child waits for what its component was told to wait for.

    Pulumi has none of a component's children wait for the component's own `depends_on`.
    """
    return pulumi.ResourceOptions(depends_on=opts.depends_on if opts else None)


def given_provider(
    opts: Optional[pulumi.ResourceOptions], package: str
) -> Optional[pulumi.ProviderResource]:
    """Return the provider of a package that a component is given, None when it is given none.

    Of two, Pulumi hands the one in `providers` on to children.
    """
    given = opts or pulumi.ResourceOptions()
    providers = given.providers or []
    candidates = [*(providers.values() if isinstance(providers, Mapping) else providers)]
    if given.provider is not None:
        candidates.append(given.provider)
    return next((one for one in candidates if one.package == package), None)
