"""What workloads meet: for each image and subnet the pull, and for each service they need the lane.

Here, other than for subnets, it is known who sends, so security groups and public addresses count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING

from privatelane_paths.facts import WorkloadKind
from privatelane_paths.images import Image, Registry, parse_image
from privatelane_paths.known import Key, Maybe, Refs, Unknown
from privatelane_paths.lanes import Judge
from privatelane_paths.services import Flow, Service, flow, known_region
from privatelane_paths.verdicts import Lane, LaneKind, Outcome, Outcomes, Verdict, branch, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_paths.facts import Network, Subnet, Workload
    from privatelane_paths.options import Options

__all__ = ["ImageOrigin", "Need", "Pull", "needs", "pulls"]

#: Fargate platform versions that logged in to ECR over an interface of AWS's own (aws-facts §1.1).
_OWN_LOGIN = frozenset({"1.1.0", "1.2.0", "1.3.0"})
#: Registries of which it is known that they stand on the internet; their subdomains, too.
_ON_THE_INTERNET = (
    "docker.io",
    "docker.com",
    "ghcr.io",
    "quay.io",
    "gcr.io",
    "pkg.dev",
    "registry.k8s.io",
    "mcr.microsoft.com",
    "azurecr.io",
    "nvcr.io",
    "docker.elastic.co",
    "registry.gitlab.com",
    "registry.redhat.io",
    "registry.access.redhat.com",
    "public.ecr.aws",
    "cgr.dev",
    "lscr.io",
    "icr.io",
)


class ImageOrigin(Enum):
    """Where an image comes from, as seen from the workload's region."""

    SAME_REGION = "same-region"
    OTHER_REGION = "other-region"
    PULL_THROUGH = "pull-through"
    PUBLIC_REGISTRY = "public-registry"
    OTHER_REGISTRY = "other-registry"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Pull:
    """One image pulled by one workload in one subnet.

    `lanes` has one lane for each thing the pull talks to; none when the image or the subnet is
    unknown, and then `missing` says why. `region` is the registry's. `caution` is what holds
    besides the lanes, such as a cache that must be filled once.
    """

    workload: Key
    subnet: Key
    image: Maybe[str]
    origin: ImageOrigin
    lanes: tuple[Lane, ...] = ()
    region: str | None = None
    missing: tuple[str, ...] = ()
    caution: str = ""

    @property
    def verdict(self) -> Verdict:
        """Whether the pull stays off NAT: refuted as soon as one lane is."""
        verdicts = {lane.verdict for lane in self.lanes}
        if Verdict.REFUTED in verdicts:
            return Verdict.REFUTED
        if not self.lanes or self.missing or Verdict.UNKNOWN in verdicts:
            return Verdict.UNKNOWN
        return Verdict.PROVED

    @property
    def works(self) -> Maybe[bool]:
        """Whether the pull can succeed: every lane must lead somewhere."""
        dead = (LaneKind.BROKEN, LaneKind.NONE)
        # A lane that is dead in one of several cases only is a doubt like any other.
        if any(lane.kind in dead and not lane.missing for lane in self.lanes):
            return False
        doubts = [*self.missing, *(fact for lane in self.lanes for fact in lane.missing)]
        if not self.lanes and not doubts:
            return Unknown("the image")
        return Unknown(doubts[0]) if doubts else True


@dataclass(frozen=True, slots=True)
class Need:
    """A service that a workload calls besides pulling its images, and its lane from one subnet."""

    workload: Key
    subnet: Key
    lane: Lane


def pulls(
    network: Network, options: Options | None = None, bench: Judge | None = None
) -> tuple[Pull, ...]:
    """Every image pull of the network's workloads, by workload, image and subnet.

    `bench` is a judge of the same network, if there is one already: it remembers its work.
    """
    judge = bench or Judge(network, options)
    return tuple(
        pull
        for workload in network.workloads
        if workload.key not in network.gone
        for pull in _Pulls(judge, workload).all()
    )


def needs(
    network: Network, options: Options | None = None, bench: Judge | None = None
) -> tuple[Need, ...]:
    """The lanes to the services that the network's workloads need besides their images."""
    judge = bench or Judge(network, options)
    found: list[Need] = []
    for workload in network.workloads:
        if workload.key in network.gone:
            continue
        one = _Pulls(judge, workload)
        for subnet in one.subnets():
            for name in sorted(set(workload.services)):
                lane = one.lane(subnet, name, partial(flow, name))
                found.append(Need(workload.key, subnet.key, lane))
    return tuple(found)


class _Pulls:
    """The pulls of one workload."""

    def __init__(self, judge: Judge, workload: Workload) -> None:
        self._judge = judge
        self._workload = workload
        groups = workload.security_groups
        self._groups: Refs | None = groups if groups != Refs() else None

    def subnets(self) -> Iterator[Subnet]:
        """The subnets of the facts that the workload is or may be in."""
        edges = self._workload.subnets
        for key in sorted(edges.certain | edges.possible):
            subnet = self._judge.index.subnet(key)
            if subnet is not None:
                yield subnet

    def all(self) -> Iterator[Pull]:
        """A pull for every image and subnet, and one for those that are unknown."""
        workload = self._workload
        if isinstance(workload.images, Unknown):
            images: tuple[Maybe[str], ...] = (workload.images,)
        else:
            images = workload.images
        shown = list(self.subnets())
        unseen = sorted(
            (workload.subnets.certain | workload.subnets.possible) - {one.key for one in shown}
        )
        for image in images:
            for subnet in shown:
                yield self._pull(image, subnet)
            for key in unseen:
                missing = f"subnet {key}, which is not among the facts"
                yield Pull(workload.key, key, image, _origin(image), (), None, (missing,))
            if workload.subnets.open and not shown and not unseen:
                missing = workload.subnets.missing
                yield Pull(workload.key, "", image, _origin(image), (), None, (missing,))

    def _pull(self, image: Maybe[str], subnet: Subnet) -> Pull:
        key = self._workload.key
        missing = self._placed(subnet)
        if isinstance(image, Unknown):
            facts = (*missing, image.missing)
            return Pull(key, subnet.key, image, ImageOrigin.UNKNOWN, (), None, facts)
        parsed = parse_image(image)
        if parsed.registry is Registry.ECR:
            return self._from_ecr(image, parsed, subnet, missing)
        lane = self.lane(subnet, parsed.host, lambda _: _registry_flow(parsed.host))
        origin = _origin(image)
        return Pull(key, subnet.key, image, origin, (lane,), None, missing)

    def _placed(self, subnet: Subnet) -> tuple[str, ...]:
        edges = self._workload.subnets
        return () if edges.must_have(subnet.key) else (edges.missing,)

    def _from_ecr(
        self, image: str, parsed: Image, subnet: Subnet, missing: tuple[str, ...]
    ) -> Pull:
        home = {known_region(self._judge.index.region_of(key)) for key in subnet.vpc.keys}
        elsewhere = parsed.region is not None and None not in home and parsed.region not in home
        origin = ImageOrigin.OTHER_REGION if elsewhere else ImageOrigin.SAME_REGION
        caution = self._cached(parsed)
        if caution and not elsewhere:
            origin = ImageOrigin.PULL_THROUGH
        lanes = tuple(
            self.lane(subnet, name, partial(_ecr_flow, name, parsed))
            for name in self._steps(parsed)
        )
        return Pull(
            self._workload.key, subnet.key, image, origin, lanes, parsed.region, missing, caution
        )

    def _steps(self, parsed: Image) -> tuple[str, ...]:
        """What the pull talks to; old Fargate logs in for the task, outside its subnet."""
        fips = "ecr-fips" if parsed.fips else "ecr"
        fargate = self._workload.kind is WorkloadKind.ECS_FARGATE
        if fargate and self._workload.platform_version in _OWN_LOGIN:
            return (f"{fips}.dkr", "ecr.layers")
        return (f"{fips}.api", f"{fips}.dkr", "ecr.layers")

    def _cached(self, parsed: Image) -> str:
        for rule in self._judge.index.network.pull_through_caches:
            if isinstance(rule.prefix, Unknown) or rule.key in self._judge.index.gone:
                continue
            other = isinstance(rule.region, str) and parsed.region not in (None, rule.region)
            root = rule.prefix.upper() == "ROOT"
            if not other and (root or parsed.repository.startswith(f"{rule.prefix}/")):
                upstream = "its upstream" if isinstance(rule.upstream, Unknown) else rule.upstream
                return (
                    f"the first pull fills the cache from {upstream} and may need a way to the "
                    "internet; pull the image once from elsewhere before"
                )
        return ""

    def lane(self, subnet: Subnet, name: str, to: _FlowOf) -> Lane:
        """The workload's lane from one subnet to a flow, given the region of the subnet's VPC."""
        cases: list[tuple[Outcomes, tuple[str, ...]]] = []
        wanted: list[Flow] = []
        missing = () if subnet.vpc.decided else (subnet.vpc.missing,)
        for vpc in subnet.vpc.keys:
            one = to(known_region(self._judge.index.region_of(vpc)))
            wanted.append(one)
            outcomes = self._judge.outcomes(subnet, vpc, one, self._groups)
            cases.append((self._with_address(outcomes, subnet), missing))
            if not one.service.endpoint and not _on_internet(name):
                cases.extend(self._elsewhere(name, outcomes))
        if subnet.vpc.open:
            cases.append((unknown(subnet.vpc.missing), missing))
        return self._judge.lane_of(subnet, name, (*wanted, to(None))[0], branch(cases))

    def _elsewhere(self, host: str, found: Outcomes) -> Iterator[tuple[Outcomes, tuple[str, ...]]]:
        """A registry of one's own may stand anywhere, unless no way there is a NAT."""
        if any(one.kind.verdict is not Verdict.PROVED for one in found):
            yield unknown(f"where {host} stands"), (f"where {host} stands",)

    def _with_address(self, outcomes: Outcomes, subnet: Subnet) -> Outcomes:
        """An internet gateway serves only what has a public address, which Fargate must ask for."""
        fargate = self._workload.kind in (WorkloadKind.ECS_FARGATE, WorkloadKind.EKS_FARGATE)
        public = self._workload.public_ip
        if not fargate or public is True:
            return outcomes
        reason = (
            f"subnet {subnet.name} leads to an internet gateway, and the task has no public address"
        )
        fix = ("assign public addresses to the tasks, or run them in a subnet with a private way",)
        found: list[Outcome] = []
        for one in outcomes:
            if not any(hop.kind == "internet-gateway" for hop in one.hops):
                found.append(one)
                continue
            broken = replace(one, kind=LaneKind.BROKEN, reason=reason, fix=fix)
            if isinstance(public, Unknown):
                doubt = tuple(sorted({*one.missing, public.missing}))
                found.extend((replace(one, missing=doubt), replace(broken, missing=doubt)))
            else:
                found.append(broken)
        return tuple(found)


if TYPE_CHECKING:
    from collections.abc import Callable

    _FlowOf = Callable[[str | None], Flow]


def _ecr_flow(name: str, parsed: Image, region: str | None) -> Flow:
    """The flow of one step of an ECR pull, to the image's own region and account."""
    wanted = flow(name, parsed.region or region)
    if not name.endswith(".dkr"):
        return wanted
    host = wanted.host
    if parsed.dual_stack:
        zone = f"dkr-ecr{'-fips' if parsed.fips else ''}.{parsed.region}.on.aws"
        service = replace(wanted.service, dual_stack=True)
        wanted = replace(wanted, service=service, zone=zone)
        host = f"*.{zone}"
    if parsed.account is not None:
        host = host.replace("*", parsed.account, 1)
    return replace(wanted, host=host)


def _registry_flow(host: str) -> Flow:
    name = host.partition(":")[0]
    return Flow(Service(host, host, "", name, None, interface=False), None, name, None)


def _origin(image: Maybe[str]) -> ImageOrigin:
    if isinstance(image, Unknown):
        return ImageOrigin.UNKNOWN
    parsed = parse_image(image)
    if parsed.registry is Registry.ECR:
        return ImageOrigin.SAME_REGION
    public = parsed.registry is Registry.ECR_PUBLIC or _on_internet(parsed.host)
    return ImageOrigin.PUBLIC_REGISTRY if public else ImageOrigin.OTHER_REGISTRY


def _on_internet(host: str) -> bool:
    name = host.partition(":")[0]
    try:
        return ip_address(name).is_global
    except ValueError:
        return any(name == known or name.endswith(f".{known}") for known in _ON_THE_INTERNET)
