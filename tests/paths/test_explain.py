"""What a person reads about a lane, to the letter."""

from __future__ import annotations

from privatelane_paths import Lane, LaneKind, Options, explain, judge, path, pulls
from privatelane_paths.facts import Association, WorkloadKind
from privatelane_paths.known import Ref, Refs, Unknown
from tests.paths.build import ANYWHERE, Build, base, policy, rule
from tests.paths.situations.names import good
from tests.paths.situations.networks_apart import central_egress, hub_by_peering


def told(build: Build, subnet: str, service: str, options: Options | None = None) -> str:
    network = build.network()
    (lane,) = (one for one in judge(network, [service], options) if one.subnet == subnet)
    return explain(lane, network)


def test_a_nat_with_nothing_in_its_place() -> None:
    assert told(base(), "app-a", "ecr.api") == (
        "refuted: traffic from subnet app-a to ecr.api (ECR's API) goes through a NAT.\n"
        "Path: subnet app-a -> route table rt-app-a (association) -> 0.0.0.0/0 -> "
        "NAT gateway nat-a\n"
        "Why: the public addresses of ecr.api in us-east-1 are reached through NAT gateway nat-a.\n"
        "Fix: create an interface endpoint for com.amazonaws.us-east-1.ecr.api in main with "
        "private DNS on."
    )


def test_an_endpoint_on_another_table() -> None:
    build = base().gateway("s3", "rt-app-b", "rt-pub")

    assert told(build, "app-a", "ecr.layers") == (
        "refuted: traffic from subnet app-a to ecr.layers (image layers in S3) goes through a NAT."
        "\n"
        "Path: subnet app-a -> route table rt-app-a (association) -> 0.0.0.0/0 -> "
        "NAT gateway nat-a\n"
        "Why: the public addresses of s3 in us-east-1 are reached through NAT gateway nat-a.\n"
        "Not used: endpoint vpce-s3, because it is on rt-app-b, rt-pub, not on rt-app-a.\n"
        "Fix: put gateway endpoint vpce-s3 on route table rt-app-a."
    )


def test_a_main_table_and_no_endpoint_for_s3() -> None:
    build = base().drop("associations", "rt-app-a-on-app-a").main("main", "rt-app-b")

    assert told(build, "app-a", "s3") == (
        "refuted: traffic from subnet app-a to s3 (S3) goes through a NAT.\n"
        "Path: subnet app-a -> route table rt-app-b (implicit main) -> 0.0.0.0/0 -> "
        "NAT gateway nat-b\n"
        "Why: the public addresses of s3 in us-east-1 are reached through NAT gateway nat-b.\n"
        "Fix: create a gateway endpoint for com.amazonaws.us-east-1.s3 on route table rt-app-b."
    )


def test_private_dns_left_off() -> None:
    build = base().interface("ecr.dkr", "app-a", private_dns=False)

    assert told(build, "app-a", "ecr.dkr").splitlines()[3:] == [
        "Not used: endpoint vpce-ecr.dkr, because its private DNS is off.",
        "Fix: turn on private DNS on interface endpoint vpce-ecr.dkr.",
    ]


def test_dns_attributes_off() -> None:
    build = good().change("vpcs", "main", dns_hostnames=False)

    assert told(build, "app-a", "ecr.dkr").splitlines()[3:] == [
        "Not used: endpoint vpce-ecr.dkr, because DNS hostnames are off in its VPC.",
        "Fix: turn on DNS support and DNS hostnames in main.",
    ]


def test_no_subnet() -> None:
    build = base().interface("ecr.dkr")

    assert told(build, "app-a", "ecr.dkr").splitlines()[3:] == [
        "Not used: endpoint vpce-ecr.dkr, because it stands in no subnet.",
        "Fix: put interface endpoint vpce-ecr.dkr into a subnet of each zone.",
    ]


def test_servers_of_ones_own() -> None:
    build = good().change("vpcs", "main", dns_servers=("10.0.0.53",))

    assert told(build, "app-a", "ecr.dkr") == (
        "unknown: traffic from subnet app-a to ecr.dkr (ECR's registry) cannot be proved to avoid "
        "a NAT.\n"
        "Path: subnet app-a\n"
        "Why: it cannot be decided which holds: interface-endpoint: the name resolves to interface "
        "endpoint vpce-ecr.dkr; or nat: the public addresses of ecr.dkr in us-east-1 are reached "
        "through NAT gateway nat-a.\n"
        "Not used: endpoint vpce-ecr.dkr, because clients do not ask, or may not ask, the VPC's "
        "resolver for its name.\n"
        "Fix: let interface endpoint vpce-ecr.dkr answer for *.dkr.ecr.us-east-1.amazonaws.com in "
        "main.\n"
        "Unknown: whether 10.0.0.53 ask the VPC's resolver."
    )


def test_the_good_case_names_each_hop() -> None:
    assert told(good(), "app-b", "ecr.dkr") == (
        "proved: traffic from subnet app-b to ecr.dkr (ECR's registry) stays private through an "
        "interface endpoint.\n"
        "Path: subnet app-b -> *.dkr.ecr.us-east-1.amazonaws.com (private DNS of vpce-ecr.dkr) -> "
        "route table rt-app-b (association) -> local 10.0.0.0/16 -> "
        "interface endpoint vpce-ecr.dkr\n"
        "Why: the name resolves to interface endpoint vpce-ecr.dkr."
    )
    assert told(good(), "app-b", "s3") == (
        "proved: traffic from subnet app-b to s3 (S3) stays private through a gateway endpoint.\n"
        "Path: subnet app-b -> route table rt-app-b (association) -> the prefix list of s3 -> "
        "gateway endpoint vpce-s3\n"
        "Why: the public addresses of s3 in us-east-1 are reached through gateway endpoint vpce-s3."
    )


def test_an_egress_vpc_hop_by_hop() -> None:
    assert told(central_egress(), "app-a", "logs") == (
        "refuted: traffic from subnet app-a to logs goes through a NAT in another network.\n"
        "Path: subnet app-a -> route table rt-app-a (association) -> 0.0.0.0/0 -> "
        "transit gateway tgw -> the default route table -> 0.0.0.0/0 -> attachment att-egress -> "
        "route table rt-out-tgw (association) -> 0.0.0.0/0 -> NAT gateway nat-egress\n"
        "Why: the public addresses of logs in us-east-1 are reached through NAT gateway nat-egress "
        "in another VPC.\n"
        "Fix: create an interface endpoint for com.amazonaws.us-east-1.logs in main with private "
        "DNS on."
    )


def test_a_hub_behind_a_peering() -> None:
    assert told(hub_by_peering(), "app-a", "ecr.api").splitlines()[1] == (
        "Path: subnet app-a -> api.ecr.us-east-1.amazonaws.com (the private hosted zone "
        "api.ecr.us-east-1.amazonaws.com) -> route table rt-app-a (association) -> 10.200.0.0/16 "
        "-> VPC peering pcx-hub -> interface endpoint vpce-ecr.api"
    )


def test_what_is_broken_says_what_would_mend_it() -> None:
    build = good().group("sg-none", rule("10.99.0.0/16"))
    build.change("endpoints", "vpce-ecr.api", security_groups=Refs.of(["sg-none"]))

    assert told(build, "app-a", "ecr.api").splitlines()[2:] == [
        (
            "Why: the security groups of interface endpoint vpce-ecr.api do not admit HTTPS from "
            "subnet app-a."
        ),
        (
            "Fix: admit TCP 443 from subnet app-a in the security groups of interface endpoint "
            "vpce-ecr.api."
        ),
    ]


def test_a_policy_that_leaves_out_the_layers() -> None:
    build = good().change("endpoints", "vpce-s3", policy=policy("s3:*", "arn:aws:s3:::mine/*"))

    assert told(build, "app-a", "ecr.layers").splitlines()[2:] == [
        (
            "Why: the endpoint policy of gateway endpoint vpce-s3 does not allow s3:GetObject on "
            "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/layer."
        ),
        (
            "Fix: allow s3:GetObject on arn:aws:s3:::prod-us-east-1-starport-layer-bucket/layer in "
            "the endpoint policy of gateway endpoint vpce-s3."
        ),
    ]


def test_routes_that_compete_with_the_endpoint() -> None:
    build = good().route("rt-app-a", "52.216.0.0/15", "nat-a")

    assert told(build, "app-a", "s3").splitlines()[3:] == [
        "Not used: endpoint vpce-s3, because other routes may take the traffic before its own.",
        "Fix: remove the routes that may take its traffic before gateway endpoint vpce-s3.",
        "Unknown: whether a list's entry is longer than 52.216.0.0/15.",
        (
            "Unknown: which of the routes 52.216.0.0/15, the prefix list of s3 cover the public "
            "addresses of s3 in us-east-1."
        ),
    ]


def test_an_unknown_choice_of_tables_names_the_choice() -> None:
    build = base().drop("associations", "rt-app-a-on-app-a")
    tables = Ref.one_of(["rt-app-a", "rt-pub"], "the value of routeTableId of assoc")
    build.add("associations", Association("assoc", tables, Ref.to("app-a")))

    assert told(build, "app-a", "ecr.api").splitlines()[1:3] == [
        "Path: subnet app-a",
        (
            "Why: it cannot be decided which holds: nat: the public addresses of "
            "ecr.api in us-east-1 "
            "are reached through NAT gateway nat-a; or internet-gateway: the public addresses of "
            "ecr.api in us-east-1 are reached over the internet gateway."
        ),
    ]
    assert told(build, "app-a", "ecr.api").splitlines()[-1] == (
        "Unknown: the value of routeTableId of assoc."
    )


def test_why_endpoints_are_not_used() -> None:
    build = base().gateway("s3").gateway("s3", "rt-app-a", key="vpce-far",
                                         service_name="com.amazonaws.eu-west-1.s3")  # fmt: skip
    build.interface("s3", "app-a", key="vpce-inbound", inbound_only=True)
    build.interface("s3", "app-a", key="vpce-unknown", private_dns=Unknown("its private DNS"))
    build.gateway("s3", key="vpce-kind", kind=Unknown("its type"))
    build.gateway("x", key="vpce-name", service_name=Unknown("its service"))
    build.gateway("s3", key="vpce-open", route_tables=Refs.anything("its tables"))
    build.interface("s3", "app-a", key="vpce-away", service_name="com.amazonaws.eu-west-1.s3")
    build.interface("s3", "app-a", key="vpce-dead", state="failed")
    lines = told(build, "app-a", "s3").splitlines()

    assert [line for line in lines if line.startswith("Not used")] == [
        (
            "Not used: endpoint vpce-away, because it is for eu-west-1 without "
            "being a cross-region "
            "endpoint, not for us-east-1."
        ),
        "Not used: endpoint vpce-dead, because it is failed.",
        "Not used: endpoint vpce-far, because it is for eu-west-1, not for us-east-1.",
        "Not used: endpoint vpce-inbound, because its private DNS answers inbound resolvers only.",
        "Not used: endpoint vpce-kind, because it cannot be told without its type.",
        "Not used: endpoint vpce-name, because it cannot be told without its service.",
        "Not used: endpoint vpce-open, because it cannot be told without its tables.",
        "Not used: endpoint vpce-s3, because it is on no route table.",
        "Not used: endpoint vpce-unknown, because it cannot be told without its private DNS.",
    ]


def test_dynamodb_has_no_private_dns() -> None:
    build = base().interface("dynamodb", "app-a")

    assert told(build, "app-a", "dynamodb").splitlines()[3:] == [
        (
            "Not used: endpoint vpce-dynamodb, because DynamoDB has no private "
            "DNS: clients must be "
            "given its own name."
        ),
        (
            "Fix: create a gateway endpoint for com.amazonaws.us-east-1.dynamodb on route table "
            "rt-app-a."
        ),
    ]


def test_a_registry_without_an_endpoint() -> None:
    build = good().workload("web", "app-a", images=("ghcr.io/a/b:1",))
    network = build.network()
    (pull,) = pulls(network)

    assert explain(pull.lanes[0], network) == (
        "refuted: traffic from subnet app-a to ghcr.io goes through a NAT.\n"
        "Path: subnet app-a -> route table rt-app-a (association) -> 0.0.0.0/0 -> "
        "NAT gateway nat-a\n"
        "Why: the public addresses of ghcr.io are reached through NAT gateway nat-a.\n"
        "Fix: copy the image from ghcr.io to a private ECR repository of the region."
    )


def test_a_registry_with_a_port_is_named_as_it_is_written() -> None:
    build = base().workload("web", "app-a", images=("reg.example:5000/b:1",),
                            kind=WorkloadKind.EKS_NODES)  # fmt: skip
    network = build.network()
    (pull,) = pulls(network)

    assert explain(pull.lanes[0], network).startswith(
        "unknown: traffic from subnet app-a to reg.example:5000 cannot be proved to avoid a NAT."
    )


def test_no_way_at_all_asks_for_an_endpoint() -> None:
    build = base().drop("routes", f"rt-app-a:{ANYWHERE}")

    assert told(build, "app-a", "ecr.api").splitlines()[2:] == [
        "Why: route table rt-app-a has no route to the public addresses of ecr.api in us-east-1.",
        (
            "Fix: create an interface endpoint for com.amazonaws.us-east-1.ecr.api in main with "
            "private DNS on."
        ),
    ]


def test_what_leaves_by_an_internet_gateway_needs_no_mending() -> None:
    assert told(base(), "pub-a", "ecr.api").splitlines() == [
        (
            "proved: traffic from subnet pub-a to ecr.api (ECR's API) leaves by an "
            "internet gateway, "
            "without a NAT."
        ),
        (
            "Path: subnet pub-a -> route table rt-pub (association) -> 0.0.0.0/0 -> "
            "internet gateway igw-main"
        ),
        "Why: the public addresses of ecr.api in us-east-1 are reached over the internet gateway.",
    ]


def test_a_subnet_that_is_not_among_the_facts_names_itself() -> None:
    lane = Lane("subnet-0abc", "s3", LaneKind.UNKNOWN, (), "r", ("f",))

    assert explain(lane, Build().network()).startswith("unknown: traffic from subnet subnet-0abc")
    assert path(lane) == ""
