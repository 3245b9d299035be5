"""Small Pulumi programs as data, in each of the forms in which a source may receive them.

A `Program` is written once with symbolic outputs. It can then be seen before anything exists (ids
unknown, edges only as property dependencies) and after an update (ids known), as resources of the
adapter, as the engine's analyzer requests, as `pulumi preview --json` and as a stack export.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime import proto

from privatelane_paths.sources.resource import COMPUTED, Provider, Resource

__all__ = ["UNKNOWN_TEXT", "Joined", "Made", "Out", "Program"]

#: What stands for an unknown value of any type in the engine's own messages and files.
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_PREFIXES = {
    "aws:ec2/vpc:Vpc": "vpc",
    "aws:ec2/subnet:Subnet": "subnet",
    "aws:ec2/routeTable:RouteTable": "rtb",
    "aws:ec2/internetGateway:InternetGateway": "igw",
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": "eigw",
    "aws:ec2/natGateway:NatGateway": "nat",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "vpce",
    "aws:ec2/securityGroup:SecurityGroup": "sg",
    "aws:ec2/networkAcl:NetworkAcl": "acl",
    "aws:ec2/networkInterface:NetworkInterface": "eni",
    "aws:ec2/instance:Instance": "i",
    "aws:ec2/vpnGateway:VpnGateway": "vgw",
    "aws:ec2/managedPrefixList:ManagedPrefixList": "pl",
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": "pcx",
    "aws:ec2/vpcDhcpOptions:VpcDhcpOptions": "dopt",
    "aws:ec2transitgateway/transitGateway:TransitGateway": "tgw",
    "aws:ec2transitgateway/routeTable:RouteTable": "tgw-rtb",
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment": "tgw-attach",
    "aws:ec2transitgateway/peeringAttachment:PeeringAttachment": "tgw-attach",
    "aws:route53/resolverRule:ResolverRule": "rslvr-rr",
    "aws:route53/profilesProfile:ProfilesProfile": "rp",
}


@dataclass(frozen=True)
class Out:
    """An output that is known only once `deps` exist; `value` is what it is then."""

    value: object
    deps: tuple[str, ...]


@dataclass(frozen=True)
class Joined:
    """Several outputs through `Output.all`: one unknown for the whole, all their dependencies."""

    parts: tuple[object, ...]


@dataclass(frozen=True)
class Made:
    """A resource of the program."""

    urn: str
    id: Out
    outputs: Mapping[str, object]

    def __getattr__(self, name: str) -> Out:
        """An output by its camelCase name."""
        if name.startswith("_") or name not in self.outputs:
            raise AttributeError(name)
        return Out(self.outputs[name], (self.urn,))


@dataclass
class _Entry:
    made: Made
    type: str
    name: str
    inputs: dict[str, object] | None
    parent: str
    custom: bool
    external: bool
    delete: bool
    region: str | None
    ignore_changes: tuple[str, ...]
    depends_on: tuple[str, ...]
    exists: bool
    identifier: str


@dataclass
class Program:
    """A stack under construction."""

    region: str | None = "us-east-1"
    stack: str = "dev"
    project: str = "net"
    entries: list[_Entry] = field(default_factory=list)

    def add(
        self,
        token: str,
        name: str,
        inputs: Mapping[str, object] | None = None,
        *,
        parent: Made | None = None,
        outputs: Mapping[str, object] | None = None,
        custom: bool = True,
        external: bool = False,
        delete: bool = False,
        exists: bool = False,
        region: str | None = None,
        ignore_changes: Sequence[str] = (),
        depends_on: Sequence[Made] = (),
        identifier: str | None = None,
    ) -> Made:
        """Declare a resource; `outputs` are those that AWS adds, beyond the id and the inputs.

        `exists`: it was made by an earlier update, so its id is known even in a preview.
        """
        above = ""
        if parent is not None:
            qualified = parent.urn.split("::")[2]
            above = qualified + "$"
        urn = f"urn:pulumi:{self.stack}::{self.project}::{above}{token}::{name}"
        given = identifier or f"{_PREFIXES.get(token, 'id')}-{len(self.entries):08x}"
        made = Made(
            urn,
            Out(given, () if exists else (urn,)),
            {"id": given, **_values(inputs or {}), **(outputs or {})},
        )
        self.entries.append(
            _Entry(
                made,
                token,
                name,
                None if inputs is None and external else dict(inputs or {}),
                "" if parent is None else parent.urn,
                custom,
                external,
                delete,
                region,
                tuple(ignore_changes),
                tuple(one.urn for one in depends_on),
                exists,
                given,
            )
        )
        return made

    def resources(self, *, known: bool) -> list[Resource]:
        """The program as the adapter's own resources."""
        found = []
        for one in self.entries:
            shown = known or one.exists or one.external or one.delete
            inputs = None if one.inputs is None else _plain(one.inputs, known, COMPUTED)
            outputs = (
                {**_plain(dict(one.made.outputs), True, COMPUTED)} if shown and one.custom else {}
            )
            deps = dict(_dependencies(one.inputs or {}))
            found.append(
                Resource(
                    one.made.urn,
                    one.type,
                    one.name,
                    inputs,
                    outputs,
                    deps,
                    tuple(
                        sorted(
                            {
                                *one.depends_on,
                                *(urn for several in deps.values() for urn in several),
                            }
                        )
                    ),
                    one.parent,
                    one.identifier if shown and one.custom else None,
                    Provider("", one.region or self.region),
                    one.custom,
                    one.external,
                    one.delete,
                    one.ignore_changes,
                )
            )
        return found

    def analyze_requests(self, *, known: bool) -> Iterator[proto.AnalyzeRequest]:
        """What the engine sends for each resource: its checked inputs. Reads are not analyzed."""
        for one in self.resources(known=known):
            if one.external or one.delete:
                continue
            yield proto.AnalyzeRequest(
                type=one.type,
                urn=one.urn,
                name=one.name,
                properties=_struct(one.inputs or {}),
                provider=self._provider(one),
            )

    def stack_request(self, *, known: bool) -> proto.AnalyzeStackRequest:
        """What the engine sends at the end: outputs and dependencies; reads are not shown."""
        return proto.AnalyzeStackRequest(
            resources=[
                proto.AnalyzerResource(
                    type=one.type,
                    urn=one.urn,
                    name=one.name,
                    properties=_struct(one.outputs or one.inputs or {}),
                    provider=self._provider(one),
                    parent=one.parent,
                    dependencies=one.dependencies,
                    propertyDependencies={
                        name: proto.AnalyzerPropertyDependencies(urns=urns)
                        for name, urns in one.property_dependencies.items()
                        if urns
                    },
                    options=proto.AnalyzerResourceOptions(ignoreChanges=one.ignore_changes),
                )
                for one in self.resources(known=known)
                if not one.external and not one.delete
            ]
        )

    def export(self) -> dict[str, Any]:
        """`pulumi stack export` after an update, as pulumi writes it."""
        provider = f"urn:pulumi:{self.stack}::{self.project}::pulumi:providers:aws::default"
        states: list[dict[str, Any]] = [
            {
                "urn": provider,
                "custom": True,
                "id": "11111111-0000-4000-8000-000000000000",
                "type": "pulumi:providers:aws",
                "inputs": {} if self.region is None else {"region": self.region},
                "outputs": {} if self.region is None else {"region": self.region},
            }
        ]
        for one in self.resources(known=True):
            state = self._state(one, provider)
            state["outputs"] = dict(one.outputs)
            if one.external:
                state.pop("inputs")
            states.append(state)
        return {"version": 3, "deployment": {"manifest": {}, "resources": states}}

    def preview(self) -> dict[str, Any]:
        """`pulumi preview --json` of a stack of which only what `exists` was made before."""
        steps: list[dict[str, Any]] = []
        same = 0
        for one, entry in zip(self.resources(known=False), self.entries, strict=True):
            state = self._state(one, f"urn:pulumi:{self.stack}::{self.project}::x::default")
            if entry.delete:
                steps.append({"op": "delete", "urn": one.urn, "oldState": state})
            elif entry.exists:
                same += 1
                new = {name: value for name, value in state.items() if name != "id"}
                old = {**state, "outputs": _with_sentinels(one.outputs)}
                step = {"op": "same", "urn": one.urn, "newState": new, "oldState": old}
                steps.append(step)
            else:
                operation = "read" if one.external else "create"
                steps.append({"op": operation, "urn": one.urn, "newState": state})
        config = {} if self.region is None else {"aws:region": self.region}
        return {"config": config, "steps": steps, "changeSummary": {"same": same}}

    def _state(self, one: Resource, provider: str) -> dict[str, Any]:
        state: dict[str, Any] = {
            "urn": one.urn,
            "custom": one.custom,
            "type": one.type,
            "inputs": _with_sentinels(one.inputs or {}),
            "parent": one.parent,
            "dependencies": list(one.dependencies),
            "propertyDependencies": {
                name: list(reversed(urns)) for name, urns in one.property_dependencies.items()
            },
        }
        if one.id is not None:
            state["id"] = one.id
        if one.custom and one.type.startswith("aws:"):
            state["provider"] = f"{provider}::11111111-0000-4000-8000-000000000000"
        for name, value in (("external", one.external), ("delete", one.delete)):
            if value:
                state[name] = True
        if one.ignore_changes:
            state["ignoreChanges"] = list(one.ignore_changes)
        return state

    def _provider(self, one: Resource) -> proto.AnalyzerProviderResource | None:
        if not one.custom or not one.type.startswith("aws:"):
            return None
        region = one.provider.region
        return proto.AnalyzerProviderResource(
            type="pulumi:providers:aws",
            urn=f"urn:pulumi:{self.stack}::{self.project}::pulumi:providers:aws::default_7_51_1",
            name="default_7_51_1",
            properties=_struct({"region": region} if isinstance(region, str) else {}),
        )


def _values(tree: Mapping[str, object]) -> dict[str, object]:
    return {name: _value(one, True, COMPUTED) for name, one in tree.items()}


def _plain(tree: Mapping[str, object], known: bool, unknown: object) -> dict[str, object]:
    return {name: _value(one, known, unknown) for name, one in tree.items() if one is not None}


def _value(tree: object, known: bool, unknown: object) -> object:
    if isinstance(tree, Out):
        return tree.value if known or not tree.deps else unknown
    if isinstance(tree, Joined):
        return [_value(one, known, unknown) for one in tree.parts] if known else unknown
    if isinstance(tree, Mapping):
        return _plain(tree, known, unknown)
    if isinstance(tree, (list, tuple)):
        return [_value(one, known, unknown) for one in tree]
    return tree


def _dependencies(inputs: Mapping[str, object]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, tree in inputs.items():
        urns = sorted(set(_urns(tree)))
        if urns:
            yield name, tuple(urns)


def _urns(tree: object) -> Iterable[str]:
    if isinstance(tree, Out):
        yield from tree.deps
    elif isinstance(tree, Joined):
        for one in tree.parts:
            yield from _urns(one)
    elif isinstance(tree, Mapping):
        for one in tree.values():
            yield from _urns(one)
    elif isinstance(tree, (list, tuple)):
        for one in tree:
            yield from _urns(one)


def _struct(tree: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(_with_sentinels(tree))
    return struct


def _with_sentinels(tree: Any) -> Any:
    if tree is COMPUTED:
        return UNKNOWN_TEXT
    if isinstance(tree, Mapping):
        return {name: _with_sentinels(one) for name, one in tree.items()}
    if isinstance(tree, list):
        return [_with_sentinels(one) for one in tree]
    return tree
