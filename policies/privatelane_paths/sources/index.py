"""The resources of a stack, indexed once, and the tracing of their properties.

Nothing here knows what a route or an endpoint means. It answers, for a property: what is its value,
and if that is an id, which object of the stack (or outside it) does it name? Known ids are joined
by id; unknown ones by what they were computed from. What cannot be decided keeps its candidates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from ipaddress import ip_network
from typing import TYPE_CHECKING, cast

from privatelane_paths.known import Key, Maybe, Ref, Refs, Unknown
from privatelane_paths.sources.nouns import (
    ACCEPTERS,
    ENDPOINT,
    FIREWALL,
    NOUNS,
    PRODUCERS,
    SUBNET,
    VPC,
    Noun,
    implied,
)
from privatelane_paths.sources.resource import Resource, name_of, type_of

if TYPE_CHECKING:
    from privatelane_paths.facts import Prefix

__all__ = ["Index", "View", "firewall_endpoints", "prefix_of"]

_NOUN_OF = {token: noun for noun in NOUNS for token in noun.types}

#: Providers whose resources never hold the id of an AWS object in an output.
_INERT = ("random:", "tls:", "time:", "pulumi:providers:", "pulumi:pulumi:Stack")


@lru_cache(maxsize=4096)
def prefix_of(text: str) -> Prefix | None:
    """The prefix a CIDR writes; host bits are dropped, as AWS does; `None` if it is no CIDR."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


class Index:
    """All resources by URN, type, id and parent, and the objects that literal ids name."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.by_urn: dict[str, Resource] = {}
        self.gone: set[Key] = set()
        kept: list[Resource] = []
        for resource in sorted(resources, key=lambda one: (one.urn, one.delete)):
            if resource.delete:
                self.gone.update(key for key in (resource.id, resource.urn) if key)
            else:
                self.by_urn[resource.urn] = resource
                kept.append(resource)
        self.gone -= self.by_urn.keys()
        self.resources: tuple[Resource, ...] = tuple(kept)
        #: Literal ids and unseen URNs that something names, per noun: facts outside the stack.
        self.mentioned: dict[str, set[Key]] = defaultdict(set)
        self._by_type: dict[str, list[Resource]] = defaultdict(list)
        self._children: dict[str, list[Resource]] = defaultdict(list)
        for resource in self.resources:
            self._by_type[resource.type].append(resource)
            if resource.parent:
                self._children[resource.parent].append(resource)
        self._busy: set[tuple[str, str]] = set()
        self._ids: dict[str, Key] = {}
        self._adopted: dict[Key, Key] = {}
        self._adopted_of: dict[str, Key] = {}
        self._doubtful: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for resource in self.resources:
            identifier = resource.id or resource.outputs.get("id")
            noun = _NOUN_OF.get(resource.type)
            if noun is not None and isinstance(identifier, str) and noun.holds(identifier):
                self._ids[identifier] = resource.urn
            arn = resource.outputs.get("arn")
            if isinstance(arn, str) and arn:
                self._ids.setdefault(arn, resource.urn)
        self._learn_adoptions()
        self._learn_implied_ids()
        self.gone -= self._ids.keys()

    def views(self, *types: str) -> Iterator[View]:
        """A view of each resource of these types, ordered by URN within a type."""
        for token in types:
            for resource in self._by_type.get(token, ()):
                yield View(self, resource)

    def of(self, noun: Noun) -> Iterator[View]:
        """A view of each resource that is such an object."""
        return self.views(*sorted(noun.types))

    def view(self, urn: str) -> View | None:
        """The view of one resource, if the stack shows it."""
        resource = self.by_urn.get(urn)
        return None if resource is None else View(self, resource)

    def implied_key(self, urn: str, suffix: str) -> Key:
        """The key of an implied object: the resource that adopted it, if one did."""
        key = implied(urn, suffix)
        return self._adopted.get(key, key)

    def adopted_of(self, urn: str) -> Ref | None:
        """The VPC whose default object this resource manages, if that is certain."""
        vpc = self._adopted_of.get(urn)
        return None if vpc is None else Ref.to(vpc)

    def adoption_doubt(self, vpc: str, suffix: str) -> str:
        """The missing fact when some resource may manage the default object of this VPC."""
        return next(
            (missing for urns, missing in self._doubtful[suffix] if not urns or vpc in urns), ""
        )

    def key_of_id(self, identifier: str) -> Key:
        """The key of the object with this id: a resource's if the stack has it, else the id."""
        return self._ids.get(identifier, identifier)

    def descendants(self, urn: str) -> Iterator[Resource]:
        """All resources below a component."""
        waiting = [urn]
        while waiting:
            for child in self._children.get(waiting.pop(), ()):
                yield child
                waiting.append(child.urn)

    def direct(self, urns: Sequence[str], noun: Noun) -> bool:
        """Whether one of these resources is such an object itself."""
        return any(type_of(urn) in noun.types for urn in urns)

    def candidates(
        self, urns: Sequence[str], noun: Noun, *, direct_only: bool = False
    ) -> tuple[set[Key], bool]:
        """What an id computed from `urns` can name, and whether it can also be anything else."""
        direct: set[Key] = set()
        others: set[Key] = set()
        is_open = False
        for urn in urns:
            resource = self.by_urn.get(urn)
            token = resource.type if resource is not None else type_of(urn)
            if token in noun.types:
                direct.add(urn)
                if resource is None:
                    self.mentioned[noun.name].add(urn)
            elif resource is not None and not resource.custom:
                below = {one.urn for one in self.descendants(urn) if one.type in noun.types}
                direct |= below
                is_open |= not below
            else:
                found, certain = self._named_by(urn, token, resource, noun)
                others |= found
                is_open |= not certain
        if direct_only and direct:
            return direct, is_open
        return direct | others, is_open

    def _named_by(
        self, urn: str, token: str, resource: Resource | None, noun: Noun
    ) -> tuple[set[Key], bool]:
        """What the outputs of a resource of another type can name, and if that is all they can."""
        suffix = noun.implied.get(token)
        if suffix is not None:
            return {self.implied_key(urn, suffix)}, True
        if noun is ENDPOINT and token in FIREWALL.types and resource is not None:
            return set(firewall_endpoints(View(self, resource))), True
        accepted = ACCEPTERS.get(token)
        if accepted is not None and accepted[0] is noun and resource is not None:
            return self._forwarded(resource, accepted[1], noun)
        if token in PRODUCERS or not token.startswith(("aws:", *_INERT)):
            return set(), False
        if resource is not None:
            for name in noun.forward:
                if name in (resource.inputs or resource.outputs):
                    return self._forwarded(resource, name, noun)
        return set(), True

    def _forwarded(self, resource: Resource, name: str, noun: Noun) -> tuple[set[Key], bool]:
        step = (resource.urn, name)
        if step in self._busy:
            return set(), True
        self._busy.add(step)
        try:
            if name.endswith("s"):
                refs = View(self, resource).refs(name, noun)
                return set(refs.certain | refs.possible), not refs.open
            ref = View(self, resource).ref(name, noun)
            return (set(), True) if ref is None else (set(ref.keys), not ref.open)
        finally:
            self._busy.discard(step)

    def _learn_adoptions(self) -> None:
        """Which resources manage the default table, group or ACL that came with a VPC."""
        for token, name, suffix in (
            (
                "aws:ec2/defaultRouteTable:DefaultRouteTable",
                "defaultRouteTableId",
                "main-route-table",
            ),
            (
                "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl",
                "defaultNetworkAclId",
                "default-network-acl",
            ),
            (
                "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
                "vpcId",
                "default-security-group",
            ),
        ):
            for view in self.views(token):
                vpc = self._vpc_of_default(view, name)
                if vpc is not None:
                    self._adopted[implied(vpc, suffix)] = view.resource.urn
                    self._adopted_of[view.resource.urn] = vpc
                elif not isinstance(view.raw(name), str):
                    urns = tuple(urn for urn in view.deps(name) if type_of(urn) in VPC.types)
                    missing = f"whose {suffix.replace('-', ' ')} {view.name} manages"
                    self._doubtful[suffix].append((urns, missing))

    def _vpc_of_default(self, view: View, name: str) -> str | None:
        """The VPC whose default object a resource adopts, if that is certain."""
        value = view.raw(name)
        if isinstance(value, str) and value:
            if name == "vpcId":
                return self.key_of_id(value)
            for vpc in self.of(VPC):
                if vpc.resource.outputs.get(name) == value:
                    return vpc.resource.urn
            return None
        urns = view.resource.property_dependencies.get(name, ())
        vpcs = [urn for urn in urns if type_of(urn) in VPC.types]
        return vpcs[0] if len(vpcs) == 1 else None

    def _learn_implied_ids(self) -> None:
        """The ids of implied objects, where the outputs of an existing resource show them."""
        for vpc in self.of(VPC):
            for name, suffix in (
                ("defaultRouteTableId", "main-route-table"),
                ("defaultSecurityGroupId", "default-security-group"),
                ("defaultNetworkAclId", "default-network-acl"),
            ):
                self._learn(vpc.resource, name, suffix)
        for noun_type, name, suffix in (
            ("aws:ec2/instance:Instance", "primaryNetworkInterfaceId", "primary-interface"),
            ("aws:ec2/vpcEndpoint:VpcEndpoint", "prefixListId", "prefix-list"),
            (
                "aws:ec2transitgateway/transitGateway:TransitGateway",
                "associationDefaultRouteTableId",
                "default-route-table",
            ),
            ("aws:ec2/vpnConnection:VpnConnection", "transitGatewayAttachmentId", "attachment"),
        ):
            for view in self.views(noun_type):
                self._learn(view.resource, name, suffix)
        for view in self.views("aws:eks/cluster:Cluster"):
            settings = view.resource.outputs.get("vpcConfig")
            if isinstance(settings, Mapping):
                group = settings.get("clusterSecurityGroupId")
                if isinstance(group, str) and group:
                    key = self.implied_key(view.resource.urn, "cluster-security-group")
                    self._ids.setdefault(group, key)
        for view in self.of(FIREWALL):
            for key, endpoint in _attached(view):
                self._ids.setdefault(endpoint, key)

    def _learn(self, resource: Resource, name: str, suffix: str) -> None:
        identifier = resource.outputs.get(name)
        if isinstance(identifier, str) and identifier:
            self._ids.setdefault(identifier, self.implied_key(resource.urn, suffix))


class View:
    """A resource, or one element of a list inside it, read property by property.

    Inputs are what the program declares and come first; outputs answer for what AWS or the provider
    filled in. An input under `ignoreChanges` is not what will be applied, so only outputs count.
    """

    __slots__ = ("_deps", "_path", "_tree", "index", "resource")

    def __init__(
        self,
        index: Index,
        resource: Resource,
        tree: Mapping[str, object] | None = None,
        path: str = "",
        deps: tuple[str, ...] | None = None,
    ) -> None:
        self.index = index
        self.resource = resource
        self._tree = tree
        self._path = path
        self._deps = deps

    @property
    def key(self) -> Key:
        """The key of the resource's fact."""
        return self.resource.urn

    @property
    def name(self) -> str:
        """The logical name of the resource."""
        return self.resource.name

    def label(self, name: str) -> str:
        """The property in words, as a missing fact names it."""
        return f"{self._path}{name} of {self.resource.name}"

    def missing(self, name: str) -> str:
        """The missing fact when the property is unknown."""
        return f"the value of {self.label(name)}"

    def raw(self, name: str) -> object:
        """The plain tree of a property, `Unknown`, or `None` when it is absent or empty text."""
        if self._tree is not None:
            value = self._tree.get(name)
            return None if value == "" else value
        resource = self.resource
        if resource.inputs is None and not resource.outputs:
            return Unknown(self.missing(name))
        declared = None if resource.inputs is None else resource.inputs.get(name)
        made = resource.outputs.get(name)
        if _ignored(resource, name):
            if made is None and not resource.outputs:
                made = Unknown(f"{self.label(name)}, which the program tells Pulumi to ignore")
            return None if made == "" else made
        if declared is None or declared == "":
            if isinstance(made, Unknown) and resource.inputs is not None:
                return None
            return None if made == "" else made
        if isinstance(declared, Unknown) and made is not None and not isinstance(made, Unknown):
            return None if made == "" else made
        return declared

    def stated(self, name: str) -> Maybe[tuple[View, ...]] | None:
        """The elements of a list as the program writes it, even where Pulumi is to ignore it."""
        inputs = self.resource.inputs
        if inputs is None or inputs.get(name) is None:
            return self.items(name)
        return self._elements(name, inputs[name])

    def named(self, name: str, noun: Noun) -> View | None:
        """The resource that a property names by ARN, id or its own name, if that is certain."""
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, str):
            ref = self.ref(name, noun)
            return self.index.view(ref.keys[0]) if ref is not None and ref.decided else None
        key = self.index.key_of_id(value)
        if key != value:
            return self.index.view(key)
        for view in self.index.of(noun):
            inputs, made = view.resource.inputs or {}, view.resource.outputs
            # The policy SDK hands over no ids, but outputs have them as well.
            known = (view.resource.id, made.get("id"), inputs.get("name"), inputs.get("family"))
            if value in known or value.rpartition("/")[2].partition(":")[0] in known:
                return view
        return None

    def declared(self, name: str) -> bool:
        """Whether the program itself sets the property."""
        if self._tree is not None:
            return self._tree.get(name) is not None
        return self.resource.inputs is not None and self.resource.inputs.get(name) is not None

    def deps(self, name: str) -> tuple[str, ...]:
        """The URNs from which the property was computed; of an ignored input they say nothing."""
        if self._deps is not None:
            return self._deps
        if _ignored(self.resource, name):
            return ()
        return self.resource.property_dependencies.get(name, ())

    def imprecise(self) -> bool:
        """Whether the engine filled in the same dependencies for every property.

        It does so for SDKs that send none, and then they say little about a single property.
        """
        sets = list(self.resource.property_dependencies.values())
        return (
            len(sets) > 1
            and len(sets[0]) > 1
            and all(set(one) == set(sets[0]) for one in sets[1:])
            and set(sets[0]) == set(self.resource.dependencies)
        )

    def text(self, name: str) -> Maybe[str] | None:
        """A text, `None` when absent."""
        value = self.raw(name)
        if value is None or isinstance(value, str):
            return value
        return Unknown(self.missing(name))

    def flag(self, name: str, default: bool) -> Maybe[bool]:
        """A boolean with the provider's default."""
        value = self.raw(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        return Unknown(self.missing(name))

    def number(self, name: str) -> Maybe[int] | None:
        """A whole number, `None` when absent; the policy SDK delivers numbers as floats."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            return Unknown(self.missing(name))
        try:
            return int(value)
        except (ValueError, OverflowError):
            return Unknown(self.missing(name))

    def prefix(self, name: str) -> Maybe[Prefix] | None:
        """A CIDR, `None` when absent."""
        value = self.text(name)
        if value is None or isinstance(value, Unknown):
            return value
        prefix = prefix_of(value)
        return Unknown(f"a valid CIDR in {self.label(name)}") if prefix is None else prefix

    def texts(self, name: str) -> Maybe[tuple[Maybe[str], ...]] | None:
        """A list of texts, some of which may be unknown; `None` when absent."""
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, list):
            return Unknown(self.missing(name))
        return tuple(
            one if isinstance(one, str) else Unknown(f"an element of {self.label(name)}")
            for one in value
        )

    def items(self, name: str) -> Maybe[tuple[View, ...]] | None:
        """The elements of a list of objects, each a view; `None` when absent."""
        value = self.raw(name)
        return None if value is None else self._elements(name, value)

    def _elements(self, name: str, value: object) -> Maybe[tuple[View, ...]]:
        if isinstance(value, Mapping):
            value = [value]
        if not isinstance(value, list) or any(not isinstance(one, Mapping) for one in value):
            return Unknown(self.missing(name))
        deps = self.deps(name)
        return tuple(
            View(
                self.index,
                self.resource,
                cast("Mapping[str, object]", one),
                f"{self._path}{name}[{position}].",
                deps,
            )
            for position, one in enumerate(value)
        )

    def item(self, name: str) -> Maybe[View] | None:
        """An object inside the resource, or the only element of a list; `None` when absent."""
        found = self.items(name)
        if found is None or isinstance(found, Unknown):
            return found
        return found[0] if found else None

    def ref(self, name: str, *nouns: Noun) -> Ref | None:
        """The edge that an id property makes to an object of one of the nouns."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, str):
            return Ref.to(self._literal(value, nouns))
        keys, is_open = self.traced(name, *nouns)
        if is_open or not keys:
            return Ref.anything(self.missing(name), keys)
        if len(keys) == 1:
            return Ref.to(*keys)
        return Ref.one_of(keys, self.which(name, keys))

    def refs(self, name: str, noun: Noun) -> Refs:
        """The edges that a list of ids makes to objects of the noun.

        A list of known length decides its members when exactly as many candidates as unknown
        elements remain. The dependencies' order says nothing, so elements are never paired with it.
        """
        value = self.raw(name)
        if value is None:
            return Refs()
        return self._edges(name, value, noun)

    def refs_in(self, name: str, field: str, noun: Noun) -> Refs:
        """The same for a list of objects, each of which names one object in `field`."""
        items = self.stated(name)
        if items is None:
            return Refs()
        if isinstance(items, Unknown):
            return self._edges(name, items, noun)
        values = [item.raw(field) for item in items]
        return self._edges(name, [one for one in values if one is not None], noun)

    def _edges(self, name: str, value: object, noun: Noun) -> Refs:
        if not isinstance(value, list):
            keys, is_open = self.traced(name, noun)
            if is_open or not keys:
                return _open(self.missing(name), possible=keys)
            if len(keys) == 1:
                return Refs.of(keys)
            return Refs.some_of(keys, self.which(name, keys))
        known = {self._literal(one, (noun,)) for one in value if isinstance(one, str) and one}
        unknown = sum(1 for one in value if not isinstance(one, str))
        if not unknown:
            return Refs.of(known)
        keys, is_open = self.traced(name, noun)
        rest = keys - known
        if not is_open and len(rest) == unknown:
            return Refs.of(known | rest)
        if not is_open and rest and len(rest) > unknown:
            return Refs.some_of(rest, self.which(name, rest), known)
        certain = known | rest if len(rest) == 1 and not is_open else known
        return _open(f"{unknown} of the values in {self.label(name)}", certain, rest - certain)

    def members(self, name: str, noun: Noun) -> Refs:
        """The edges of a list that association resources may fill as well.

        When the program leaves the list out, the provider fills its output with whatever AWS had
        at the last refresh. What made those members may be on its way out in this very update, so
        they are only possible ones.
        """
        found = self.refs(name, noun)
        if self.resource.inputs is None or self.declared(name):
            return found
        return Refs.some_of(
            found.certain | found.possible,
            f"whether {self.label(name)} stays as the last refresh showed it",
        )

    def traced(self, name: str, *nouns: Noun) -> tuple[set[Key], bool]:
        """What an unknown id can name, of the first noun that fits, and if it can be more."""
        urns = self.deps(name)
        if not urns:
            return set(), True
        direct_only = len(urns) > 1 and self.imprecise()
        for noun in nouns:
            keys, is_open = self.index.candidates(urns, noun, direct_only=direct_only)
            if keys:
                return keys, is_open
        return set(), True

    def _literal(self, identifier: str, nouns: Sequence[Noun]) -> Key:
        key = self.index.key_of_id(identifier)
        if key == identifier and key not in self.index.by_urn:
            for noun in nouns:
                if noun.holds(identifier):
                    self.index.mentioned[noun.name].add(identifier)
                    break
        return key

    def which(self, name: str, keys: Iterable[Key]) -> str:
        """The missing fact when one of several candidates is meant."""
        names = ", ".join(sorted({name_of(key) for key in keys}))
        return f"which of {names} {self.label(name)} names"


def firewall_endpoints(view: View) -> dict[Key, Refs]:
    """A firewall's endpoints by key, each with the subnet it stands in.

    One endpoint stands in each subnet, so the subnet tells them apart. While the subnets are not
    decided, one key stands for all of the endpoints.
    """
    places = view.refs_in("subnetMappings", "subnetId", SUBNET)
    if places.decided:
        return {_endpoint_in(view, place): Refs.of([place]) for place in sorted(places.certain)}
    return {implied(view.resource.urn, "endpoint"): places}


def _endpoint_in(view: View, subnet: Key) -> Key:
    return implied(view.resource.urn, f"endpoint in {subnet}")


def _attached(view: View) -> Iterator[tuple[Key, str]]:
    """Key and id of each endpoint of an existing firewall, joined by the subnet it stands in."""
    statuses = view.resource.outputs.get("firewallStatuses")
    for status in statuses if isinstance(statuses, list) else ():
        states = status.get("syncStates") if isinstance(status, Mapping) else None
        for state in states if isinstance(states, list) else ():
            found = state.get("attachments") if isinstance(state, Mapping) else None
            for place in found if isinstance(found, list) else ():
                subnet, endpoint = place.get("subnetId"), place.get("endpointId")
                if isinstance(subnet, str) and isinstance(endpoint, str):
                    yield _endpoint_in(view, view.index.key_of_id(subnet)), endpoint


def _open(missing: str, certain: Iterable[Key] = (), possible: Iterable[Key] = ()) -> Refs:
    sure = frozenset(certain)
    return Refs(sure, frozenset(possible) - sure, missing, open=True)


def _ignored(resource: Resource, name: str) -> bool:
    return bool(resource.ignore_changes) and any(
        path == name or path.startswith((f"{name}.", f"{name}[")) or path == "*"
        for path in resource.ignore_changes
    )
