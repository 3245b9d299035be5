"""What workloads meet when they pull their images and call the services they need."""

from __future__ import annotations

import pytest

from privatelane_paths import ImageOrigin, Judge, Lane, Options, Pull, Verdict, needs, pulls
from privatelane_paths.facts import Network, PullThroughCache, WorkloadKind
from privatelane_paths.images import parse_image
from privatelane_paths.known import Maybe, Ref, Refs, Unknown
from privatelane_paths.services import Flow, Service
from privatelane_paths.verdicts import Hop, LaneKind, Outcome
from privatelane_paths.workloads import _ecr_flow, _Pulls, _registry_flow
from tests.paths.build import ANYWHERE, Build, base
from tests.paths.situations.names import good
from tests.paths.situations.route_tables import with_default

OWN = "111122223333.dkr.ecr.us-east-1.amazonaws.com"
FAR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"


def web(build: Build, *images: str, **more: object) -> tuple[Pull, ...]:
    build.workload("web", "app-a", images=images or (f"{OWN}/app:1",), **more)
    return pulls(build.network())


def one(build: Build, *images: str, **more: object) -> Pull:
    (pull,) = web(build, *images, **more)
    return pull


def lanes(pull: Pull) -> dict[str, str]:
    return {lane.service: lane.kind.value for lane in pull.lanes}


def test_a_pull_talks_to_the_api_the_registry_and_the_layers() -> None:
    pull = one(good())

    assert (pull.workload, pull.subnet, pull.image) == ("web", "app-a", f"{OWN}/app:1")
    assert pull.origin is ImageOrigin.SAME_REGION
    assert pull.region == "us-east-1"
    assert lanes(pull) == {
        "ecr.api": "interface-endpoint",
        "ecr.dkr": "interface-endpoint",
        "ecr.layers": "gateway-endpoint",
    }
    assert pull.verdict is Verdict.PROVED
    assert pull.works is True
    assert pull.caution == ""
    assert pull.missing == ()


def test_one_lane_through_a_nat_refutes_the_pull() -> None:
    pull = one(good(gateway=False))

    assert pull.verdict is Verdict.REFUTED
    assert pull.works is True


def test_one_broken_lane_breaks_the_pull() -> None:
    pull = one(good().change("endpoints", "vpce-s3", policy='{"Statement": []}'))

    assert pull.verdict is Verdict.PROVED
    assert pull.works is False


def test_one_lane_without_a_route_breaks_the_pull() -> None:
    pull = one(good(gateway=False).drop("routes", f"rt-app-a:{ANYWHERE}"))

    assert lanes(pull)["ecr.layers"] == "none"
    assert pull.works is False


def test_one_unknown_lane_leaves_the_pull_unknown() -> None:
    pull = one(good().change("endpoints", "vpce-s3", route_tables=Refs.anything("its tables")))

    assert pull.verdict is Verdict.UNKNOWN
    assert pull.works == Unknown("its tables")


@pytest.mark.parametrize(
    ("version", "steps"),
    [
        ("LATEST", ["ecr.api", "ecr.dkr", "ecr.layers"]),
        ("1.4.0", ["ecr.api", "ecr.dkr", "ecr.layers"]),
        ("1.0.0", ["ecr.api", "ecr.dkr", "ecr.layers"]),
        ("1.3.0", ["ecr.dkr", "ecr.layers"]),
        ("1.1.0", ["ecr.dkr", "ecr.layers"]),
        (Unknown("platformVersion"), ["ecr.api", "ecr.dkr", "ecr.layers"]),
    ],
)
def test_old_fargate_logs_in_outside_the_subnet(version: Maybe[str], steps: list[str]) -> None:
    assert list(lanes(one(good(), platform_version=version))) == steps


def test_only_fargate_has_platform_versions() -> None:
    pull = one(good(), kind=WorkloadKind.EKS_NODES, platform_version="1.3.0")

    assert list(lanes(pull)) == ["ecr.api", "ecr.dkr", "ecr.layers"]


@pytest.mark.parametrize(
    ("image", "origin"),
    [
        (f"{OWN}/app", ImageOrigin.SAME_REGION),
        (f"{FAR}/app", ImageOrigin.OTHER_REGION),
        ("*.dkr.ecr.us-east-1.amazonaws.com/*", ImageOrigin.SAME_REGION),
        ("public.ecr.aws/a/b", ImageOrigin.PUBLIC_REGISTRY),
        ("nginx", ImageOrigin.PUBLIC_REGISTRY),
        ("ghcr.io/a/b", ImageOrigin.PUBLIC_REGISTRY),
        ("eu.gcr.io/a/b", ImageOrigin.PUBLIC_REGISTRY),
        ("notgcr.io/a/b", ImageOrigin.OTHER_REGISTRY),
        ("52.1.2.3:5000/app", ImageOrigin.PUBLIC_REGISTRY),
        ("10.0.1.5:5000/app", ImageOrigin.OTHER_REGISTRY),
        ("registry.corp.example/app", ImageOrigin.OTHER_REGISTRY),
    ],
)
def test_where_an_image_comes_from(image: str, origin: ImageOrigin) -> None:
    assert one(good(), image).origin is origin


def test_an_image_of_another_region_needs_that_regions_services() -> None:
    pull = one(good(), f"{FAR}/app")

    assert pull.region == "eu-west-1"
    assert lanes(pull) == {"ecr.api": "nat", "ecr.dkr": "nat", "ecr.layers": "nat"}
    assert "eu-west-1" in pull.lanes[0].reason


def test_an_unknown_region_is_taken_for_the_images() -> None:
    build = good().change("vpcs", "main", region=Unknown("its region"))

    assert one(build, f"{OWN}/app").origin is ImageOrigin.SAME_REGION


def cached(prefix: Maybe[str], image: str, **more: object) -> Pull:
    build = good()
    fields = {"upstream": "public.ecr.aws", "region": "us-east-1", **more}
    build.add("pull_through_caches", PullThroughCache("ptc", prefix, **fields))  # type: ignore[arg-type]
    return one(build, image)


def test_an_image_below_a_cached_prefix_may_need_the_internet_once() -> None:
    pull = cached("ecr-public", f"{OWN}/ecr-public/nginx")

    assert pull.origin is ImageOrigin.PULL_THROUGH
    assert pull.caution == (
        "the first pull fills the cache from public.ecr.aws and may need a way to the internet; "
        "pull the image once from elsewhere before"
    )
    assert lanes(pull)["ecr.dkr"] == "interface-endpoint"


@pytest.mark.parametrize(
    ("prefix", "image", "region", "is_cached"),
    [
        ("ROOT", f"{OWN}/app", "us-east-1", True),
        ("hub", f"{OWN}/hub/app", Unknown("r"), True),
        ("hub", "*.dkr.ecr.us-east-1.amazonaws.com/hub/app", "us-east-1", True),
        ("hub", f"{OWN}/hubcap/app", "us-east-1", False),
        ("hub", f"{OWN}/app", "us-east-1", False),
        ("hub", f"{OWN}/hub/app", "eu-west-1", False),
        (Unknown("p"), f"{OWN}/hub/app", "us-east-1", False),
    ],
)
def test_which_images_a_cache_is_for(
    prefix: Maybe[str], image: str, region: Maybe[str], is_cached: bool
) -> None:
    assert bool(cached(prefix, image, region=region).caution) == is_cached


def test_an_unknown_upstream_is_called_so() -> None:
    assert "from its upstream and" in cached("hub", f"{OWN}/hub/a", upstream=Unknown("u")).caution


def test_a_cache_of_another_region_is_still_another_region() -> None:
    pull = cached("hub", f"{FAR}/hub/a", region="eu-west-1")

    assert pull.origin is ImageOrigin.OTHER_REGION
    assert pull.caution


def test_an_unknown_image_is_an_unknown_pull() -> None:
    build = good().workload("web", "app-a", images=(Unknown("the image of web"),))
    (pull,) = pulls(build.network())
    image = Unknown("the image of web")

    assert pull == Pull("web", "app-a", image, ImageOrigin.UNKNOWN, missing=("the image of web",))
    assert pull.verdict is Verdict.UNKNOWN
    assert pull.works == Unknown("the image of web")


def test_unknown_images_are_one_unknown_pull_a_subnet() -> None:
    build = good().workload("web", "app-a", "app-b", images=Unknown("the images of web"))
    found = pulls(build.network())

    assert [(pull.subnet, pull.missing) for pull in found] == [
        ("app-a", ("the images of web",)),
        ("app-b", ("the images of web",)),
    ]


def test_each_image_is_pulled_in_each_subnet() -> None:
    build = good().workload("web", "app-b", "app-a", images=(f"{OWN}/a", f"{OWN}/b"))

    assert [(pull.image, pull.subnet) for pull in pulls(build.network())] == [
        (f"{OWN}/a", "app-a"),
        (f"{OWN}/a", "app-b"),
        (f"{OWN}/b", "app-a"),
        (f"{OWN}/b", "app-b"),
    ]


def test_a_possible_subnet_is_judged_but_not_certain() -> None:
    build = good().workload("web", "app-a")
    build.change("workloads", "web", subnets=Refs.some_of(["app-a"], "its subnets"))
    (pull,) = pulls(build.network())

    assert lanes(pull)["ecr.layers"] == "gateway-endpoint"
    assert pull.missing == ("its subnets",)
    assert pull.verdict is Verdict.UNKNOWN


def test_a_subnet_outside_the_facts_is_unknown() -> None:
    (pull,) = pulls(good().workload("web", "subnet-0abc").network())

    missing = ("subnet subnet-0abc, which is not among the facts",)
    assert pull == Pull(
        "web", "subnet-0abc", f"{OWN}/app:1", ImageOrigin.SAME_REGION, missing=missing
    )


def test_unknown_subnets_are_one_unknown_pull_an_image() -> None:
    build = good().workload("web")
    build.change("workloads", "web", subnets=Refs.anything("the subnets of web"))
    (pull,) = pulls(build.network())

    missing = ("the subnets of web",)
    assert pull == Pull("web", "", f"{OWN}/app:1", ImageOrigin.SAME_REGION, missing=missing)


def test_subnets_of_which_some_are_known_are_judged_where_they_are_known() -> None:
    build = good().workload("web")
    build.change("workloads", "web", subnets=Refs.anything("the subnets of web", ["app-a"]))

    assert [(pull.subnet, pull.missing) for pull in pulls(build.network())] == [("app-a", ())]


def test_a_workload_in_no_subnet_pulls_nothing() -> None:
    assert pulls(good().workload("web").network()) == ()


def test_a_workload_that_is_deleted_pulls_nothing() -> None:
    build = good().workload("web", "app-a", services=("logs",)).gone("web")

    assert pulls(build.network()) == ()
    assert needs(build.network()) == ()

    build.workload("worker", "app-a", services=("logs",))
    assert {pull.workload for pull in pulls(build.network())} == {"worker"}
    assert {need.workload for need in needs(build.network())} == {"worker"}


def behind_igw(**more: object) -> list[str]:
    build = with_default("igw-main").workload("web", "app-a", **more)
    (pull,) = pulls(build.network())
    return [lane.kind.value for lane in pull.lanes]


def test_an_internet_gateway_serves_fargate_only_with_a_public_address() -> None:
    assert behind_igw(public_ip=True) == ["internet-gateway"] * 3
    assert behind_igw(public_ip=False) == ["broken"] * 3
    assert behind_igw(kind=WorkloadKind.EKS_FARGATE) == ["broken"] * 3
    assert behind_igw(kind=WorkloadKind.ECS_EC2) == ["internet-gateway"] * 3


def test_whether_fargate_has_a_public_address_may_be_unknown() -> None:
    build = with_default("igw-main").workload("web", "app-a", public_ip=Unknown("assignPublicIp"))
    (pull,) = pulls(build.network())

    assert pull.verdict is Verdict.PROVED
    assert pull.works == Unknown("assignPublicIp")


def test_a_gateway_endpoint_needs_no_public_address() -> None:
    pull = one(with_default("igw-main").gateway("s3", "rt-app-a"), public_ip=False)

    assert lanes(pull) == {
        "ecr.api": "broken",
        "ecr.dkr": "broken",
        "ecr.layers": "gateway-endpoint",
    }
    assert pull.lanes[0].reason == (
        "subnet app-a leads to an internet gateway, and the task has no public address"
    )
    assert pull.lanes[0].fix == (
        "assign public addresses to the tasks, or run them in a subnet with a private way",
    )


def test_a_private_registry_may_be_reached_privately() -> None:
    assert lanes(one(base(), "10.0.1.5:5000/app")) == {"10.0.1.5:5000": "unknown"}
    pull = one(base().drop("routes", f"rt-app-a:{ANYWHERE}"), "registry.corp.example/app")
    assert lanes(pull) == {"registry.corp.example": "none"}


def test_needs_are_judged_beside_images() -> None:
    build = (
        good()
        .interface("logs", "app-a")
        .workload("web", "app-a", "app-b", services=("ssm", "logs", "logs"))
    )
    found = needs(build.network())

    assert [(need.workload, need.subnet, need.lane.service, need.lane.kind.value)
            for need in found] == [
        ("web", "app-a", "logs", "interface-endpoint"),
        ("web", "app-a", "ssm", "nat"),
        ("web", "app-b", "logs", "interface-endpoint"),
        ("web", "app-b", "ssm", "nat"),
    ]  # fmt: skip


def test_a_judge_may_be_shared() -> None:
    network: Network = good().workload("web", "app-a", services=("logs",)).network()
    bench = Judge(network)

    assert pulls(network, bench=bench) == pulls(network)
    assert needs(network, bench=bench) == needs(network)


def test_a_subnet_in_one_of_two_vpcs_is_judged_in_both() -> None:
    build = good().vpc("other", "10.9.0.0/16")
    build.change("subnets", "app-a", vpc=Ref.one_of(["main", "other"], "its VPC"))
    pull = one(build)

    assert {lane.service: lane.missing for lane in pull.lanes}["ecr.api"] == ("its VPC",)


def test_a_pull_without_lanes_and_reasons_does_not_work_for_certain() -> None:
    pull = Pull("w", "s", "i", ImageOrigin.UNKNOWN)

    assert pull.works == Unknown("the image")
    assert pull.verdict is Verdict.UNKNOWN


def test_a_refuted_lane_outweighs_what_is_missing() -> None:
    lane = Lane("s", "ecr.api", LaneKind.NAT, (), "r")
    pull = Pull("w", "s", "i", ImageOrigin.SAME_REGION, (lane,), None, ("m",))

    assert pull.verdict is Verdict.REFUTED
    assert pull.works == Unknown("m")


@pytest.mark.parametrize(
    ("host", "zone"),
    [
        ("111122223333.dkr-ecr.us-east-1.on.aws", "dkr-ecr.us-east-1.on.aws"),
        ("111122223333.dkr-ecr-fips.us-east-1.on.aws", "dkr-ecr-fips.us-east-1.on.aws"),
    ],
)
def test_the_dual_stack_registry_has_a_name_and_a_zone_of_its_own(host: str, zone: str) -> None:
    image = parse_image(f"{host}/app:1")
    found = _ecr_flow("ecr-fips.dkr" if image.fips else "ecr.dkr", image, None)

    assert (found.host, found.zone, found.service.dual_stack) == (host, zone, True)
    assert found.region == "us-east-1"


def test_the_registry_of_an_unknown_region_is_asked_for_under_its_own_account() -> None:
    image = parse_image("111122223333.dkr.ecr.*.amazonaws.com/app:1")

    assert _ecr_flow("ecr.dkr", image, None).host == "111122223333.dkr.ecr.*.amazonaws.com"


def test_a_registry_that_is_no_service_of_aws_has_no_endpoint() -> None:
    host, name = "registry.corp.example:5000", "registry.corp.example"
    service = Service(host, host, "", name, None, gateway=False, interface=False)

    assert _registry_flow(host) == Flow(service, None, name, None)


def test_an_image_of_another_registry_is_one_lane_to_its_host() -> None:
    build = base().workload("web", images=("quay.io/a/b", "registry.corp.example/app"))
    build.change("workloads", "web", subnets=Refs.some_of(["app-a"], "its subnets"))
    public, own = pulls(build.network())
    elsewhere = "where registry.corp.example stands"

    assert public == Pull(
        "web",
        "app-a",
        "quay.io/a/b",
        ImageOrigin.PUBLIC_REGISTRY,
        public.lanes,
        missing=("its subnets",),
    )
    assert own == Pull(
        "web",
        "app-a",
        "registry.corp.example/app",
        ImageOrigin.OTHER_REGISTRY,
        own.lanes,
        missing=("its subnets",),
    )
    assert [(lane.service, lane.kind.value, lane.missing, lane.fix) for lane in public.lanes] == [
        (
            "quay.io",
            "nat",
            (),
            ("copy the image from quay.io to a private ECR repository of the region",),
        )
    ]
    assert [(lane.service, lane.kind.value, lane.missing) for lane in own.lanes] == [
        ("registry.corp.example", "unknown", (elsewhere,))
    ]


def test_a_cache_of_unknown_prefix_hides_no_other() -> None:
    build = good().add("pull_through_caches", PullThroughCache("a", Unknown("p"), "u", "us-east-1"))
    build.add("pull_through_caches", PullThroughCache("b", "hub", "docker.io", "us-east-1"))

    assert one(build, f"{OWN}/hub/app").origin is ImageOrigin.PULL_THROUGH


def test_what_is_needed_is_of_the_region_of_the_subnets_vpc() -> None:
    (need,) = needs(base().workload("web", "app-a", services=("logs",)).network())

    assert need.lane.reason == (
        "the public addresses of logs in us-east-1 are reached through NAT gateway nat-a"
    )
    assert need.lane.fix == (
        (
            "create an interface endpoint for com.amazonaws.us-east-1.logs in main with private "
            "DNS on"
        ),
    )


def test_workloads_are_judged_as_the_options_say() -> None:
    build = with_default("eni-0abc").workload("web", "app-a", services=("logs",))
    network = build.network()

    def found(options: Options) -> set[str]:
        lanes = [lane for pull in pulls(network, options) for lane in pull.lanes]
        lanes.extend(need.lane for need in needs(network, options))
        return {lane.kind.value for lane in lanes}

    assert found(Options(interface="nat")) == {"nat"}
    assert found(Options(interface="unknown")) == {"unknown"}


def test_a_workload_in_a_vpc_that_nobody_knows_is_in_doubt() -> None:
    build = base().change("subnets", "app-a", vpc=Ref.anything("its VPC", ["main"]))
    pull = one(build)
    step = pull.lanes[0]

    assert (step.kind, step.missing) == (LaneKind.UNKNOWN, ("its VPC",))
    assert step.reason == (
        "it cannot be decided which holds: nat: the public addresses of ecr.api in us-east-1 are "
        "reached through NAT gateway nat-a; or unknown: it cannot be decided without its VPC"
    )


def test_whether_there_is_a_public_address_is_in_doubt_for_either_end() -> None:
    network = base().workload("web", "app-a", public_ip=Unknown("assignPublicIp")).network()
    judge = Judge(network)
    hops = (Hop("igw-main", "internet-gateway", "internet gateway igw-main"),)
    open_way = Outcome(LaneKind.INTERNET_GATEWAY, "it is reached", hops, ("m",))
    private = Outcome(LaneKind.INTERFACE_ENDPOINT, "it is private", (), ("m",))
    doubts = ("assignPublicIp", "m")

    found = _Pulls(judge, network.workloads[0])._with_address(
        (open_way, private), judge.index.subnets["app-a"]
    )

    assert found == (
        Outcome(LaneKind.INTERNET_GATEWAY, "it is reached", hops, doubts),
        Outcome(
            LaneKind.BROKEN,
            "subnet app-a leads to an internet gateway, and the task has no public address",
            hops,
            doubts,
            ("assign public addresses to the tasks, or run them in a subnet with a private way",),
        ),
        private,
    )
