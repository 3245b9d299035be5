"""The four operations on a resource of one type, and the table of the types there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.engine.simaws.cloud import Cloud
    from tests.engine.simaws.wire import Props

#: Type token -> the class that handles it.
HANDLERS: dict[str, type[Handler]] = {}
_H = TypeVar("_H", bound="type[Handler]")


def handles(token: str) -> Callable[[_H], _H]:
    """Enter the class in the table as the handler of a type."""

    def enter(handler: _H) -> _H:
        HANDLERS[token] = handler
        return handler

    return enter


class Handler:
    """What a type's resources are in AWS; one object serves one call.

    The inputs of a create carry the provider's default tags already. `read` is the one place that
    says what stands in AWS; the outputs of every operation come from it.
    """

    #: The boto3 service that `self.aws` is a client of.
    service: ClassVar[str] = "ec2"

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.aws: Any = cloud.client(self.service)

    def create(self, inputs: Props) -> str:
        """Create the resource and say its id; what follows the first call is in `configure`."""
        raise NotImplementedError

    def configure(self, id_: str, inputs: Props) -> None:
        """Finish what `create` began; when this fails the engine still learns the id."""

    def read(self, id_: str, known: Props) -> Props | None:
        """The properties as AWS reports them, or `None` if there is no such resource.

        `known` is what the engine knows: inputs after a create, the state on a refresh, nothing
        on an import.
        """
        raise NotImplementedError

    def update(self, id_: str, olds: Props, news: Props) -> None:
        """Change the resource in place, from the old inputs to the new ones."""

    def delete(self, id_: str, state: Props) -> None:
        """Delete the resource; that it is gone already is not an error."""
        raise NotImplementedError

    def identify(self, imported: str) -> str:
        """The resource's id, from what a program imports it by."""
        return imported


def tag_list(tags: dict[str, str] | None) -> list[dict[str, str]]:
    """Tags as most of AWS writes them."""
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def tag_map(tags: Iterable[dict[str, str]] | None) -> dict[str, str]:
    """Tags as Pulumi writes them; AWS's own (`aws:…`) are left out."""
    pairs = {
        tag.get("Key", tag.get("key", "")): tag.get("Value", tag.get("value", ""))
        for tag in tags or []
    }
    return {key: value for key, value in pairs.items() if not key.startswith("aws:")}


def given(inputs: Props, **names: str) -> dict[str, Any]:
    """Keyword arguments for boto3, of those inputs that were given: `VpcId="vpcId"`."""
    return {aws: inputs[ours] for aws, ours in names.items() if inputs.get(ours) is not None}


def tag_changes(olds: Props, news: Props) -> tuple[list[str], dict[str, str]]:
    """The keys of the tags to take away, and all tags that there are to be."""
    before, after = olds.get("tags") or {}, news.get("tags") or {}
    return [key for key in before if key not in after], after


def changed(olds: Props, news: Props, *keys: str) -> bool:
    """Whether any of the properties differs."""
    return any(olds.get(key) != news.get(key) for key in keys)


def altered(olds: Props, news: Props, *keys: str) -> bool:
    """Whether any of the properties differs in what the program says of it.

    The state holds more of a nested object than the program does: what AWS filled in.
    """
    return any(not _within(olds.get(key), news.get(key)) for key in keys)


def _within(old: object, new: object) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return all(_within(old.get(key), value) for key, value in new.items())
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return old == new or all(one in old for one in new)
    return old == new


def added(olds: Props, news: Props, key: str) -> list[Any]:
    """The elements of a list that are new."""
    return [item for item in news.get(key) or [] if item not in (olds.get(key) or [])]


def removed(olds: Props, news: Props, key: str) -> list[Any]:
    """The elements of a list that are gone."""
    return added(news, olds, key)
