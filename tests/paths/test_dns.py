"""What names resolve to: domains, records, and who goes before whom."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from privatelane_paths import LaneKind, judge
from privatelane_paths.dns import NOBODY_KNOWS, Answer, Answered, Names, covers, why_not
from privatelane_paths.facts import HostedZone, ResolverRule, ZoneRecord
from privatelane_paths.index import Index
from privatelane_paths.known import Maybe, Ref, Refs, Unknown
from privatelane_paths.services import flow
from tests.paths.build import REGION, Build, base
from tests.paths.words import is_how, is_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

API = "api.ecr.us-east-1.amazonaws.com"
PUBLIC, BROKEN = "public", "nothing"


@pytest.mark.parametrize(
    ("domain", "name", "answer"),
    [
        (API, API, True),
        ("us-east-1.amazonaws.com", API, True),
        (".", API, True),
        ("", API, True),
        ("amazonaws.com.", API, True),
        ("AMAZONAWS.com", API, True),
        ("corp.fsx", "a.CORP.FSX.", True),
        ("eu-west-1.amazonaws.com", API, False),
        ("x.api.ecr.us-east-1.amazonaws.com", API, False),
        ("azonaws.com", API, False),
        ("us-east-1.amazonaws.com", "api.ecr.*.amazonaws.com", None),
        ("amazonaws.com", "api.ecr.*.amazonaws.com", True),
        ("dkr.ecr.us-east-1.amazonaws.com", "*.dkr.ecr.us-east-1.amazonaws.com", True),
        ("prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com",
         "prod-*-starport-layer-bucket.s3.*.amazonaws.com", None),
        ("1.dkr.ecr.us-east-1.amazonaws.com", "*.dkr.ecr.us-east-1.amazonaws.com", None),
    ],
)  # fmt: skip
def test_a_domain_covers_itself_and_what_is_below(
    domain: str, name: str, answer: bool | None
) -> None:
    assert covers(domain, name) is answer


def asked(build: Build, service: str = "ecr.api", region: str | None = REGION) -> list[Answer]:
    network = build.network()
    answers = Names(Index(network)).resolve("main", flow(service, region))
    for answer in answers:
        assert is_how(answer.how), answer
        assert all(is_missing(network, fact) for fact in answer.missing), answer
    return list(answers)


def told(build: Build, service: str = "ecr.api", region: str | None = REGION) -> list[str]:
    return sorted(
        (answer.endpoint or answer.kind.value) + ("?" if answer.missing else "")
        for answer in asked(build, service, region)
    )


def with_zone(
    *records: tuple[str, str | Maybe[tuple[str, ...]]], domain: Maybe[str] = API
) -> Build:
    """A hosted zone on the VPC; a record leads to an endpoint or holds values."""
    build = base().interface("ecr.api", "app-a", private_dns=False)
    build.add("hosted_zones", HostedZone("zone", domain, Refs.of(["main"])))
    for place, (name, to) in enumerate(records):
        edge = Ref.to(to) if isinstance(to, str) else None
        values: Maybe[tuple[str, ...]] = () if isinstance(to, str) else to
        build.add("zone_records", ZoneRecord(f"r{place}", Ref.to("zone"), name, edge, values))
    return build


@pytest.mark.parametrize(
    ("says", "records", "answers"),
    [
        ("a record for the name", [(API, "vpce-ecr.api")], ["vpce-ecr.api"]),
        ("with a final dot", [(f"{API}.", "vpce-ecr.api")], ["vpce-ecr.api"]),
        ("the zone's own name left out", [("", "vpce-ecr.api")], ["vpce-ecr.api"]),
        ("no record", [], [BROKEN]),
        ("a record below", [(f"x.{API}", "vpce-ecr.api")], [BROKEN]),
        ("a wildcard below", [(f"*.{API}", "vpce-ecr.api")], [BROKEN]),
        ("an endpoint's host", [(API, ("vpce-0abc-xyz.ecr.us-east-1.vpce.amazonaws.com",))],
         ["vpce-0abc"]),
        ("an endpoint's host with a final dot",
         [(API, ("VPCE-0abc-xyz.ecr.us-east-1.vpce.amazonaws.com.",))], ["vpce-0abc"]),
        ("a private address", [(API, ("10.0.1.5",))], ["10.0.1.5"]),
        ("a public address", [(API, ("52.94.1.1",))], [PUBLIC]),
        ("another host", [(API, ("proxy.example",))], ["unknown?"]),
        ("an empty record", [(API, ())], [BROKEN]),
        ("unknown values", [(API, Unknown("v"))], ["unknown?"]),
    ],
)  # fmt: skip
def test_a_hosted_zone_answers_alone(
    says: str,
    records: Sequence[tuple[str, str | Maybe[tuple[str, ...]]]],
    answers: list[str],
) -> None:
    assert told(with_zone(*records)) == answers, says


WIDE = "us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("says", "records", "answers"),
    [
        ("a wildcard over labels", [(f"*.{WIDE}", "vpce-ecr.api")], ["vpce-ecr.api"]),
        ("the closer wildcard", [(f"*.{WIDE}", "vpce-far"), (f"*.ecr.{WIDE}", "vpce-ecr.api")],
         ["vpce-ecr.api"]),
        ("the exact name before wildcards", [(f"*.ecr.{WIDE}", "vpce-far"), (API, "vpce-ecr.api")],
         ["vpce-ecr.api"]),
        ("the name written relative to the zone", [("api.ecr", "vpce-ecr.api")], ["vpce-ecr.api"]),
        ("the zone itself", [(WIDE, "vpce-ecr.api")], [BROKEN]),
    ],
)  # fmt: skip
def test_records_of_a_wider_zone(
    says: str, records: Sequence[tuple[str, str]], answers: list[str]
) -> None:
    assert told(with_zone(*records, domain=WIDE)) == answers, says


def test_a_record_of_unknown_name_may_be_the_one() -> None:
    build = with_zone((API, "vpce-ecr.api"))
    record = ZoneRecord("r9", Ref.to("zone"), Unknown("its name"), Ref.to("vpce-9"))

    assert told(build.add("zone_records", record)) == ["vpce-9?", "vpce-ecr.api?"]


def test_a_record_may_lead_to_one_of_several_endpoints_or_to_any() -> None:
    one = with_zone((API, "x")).change(
        "zone_records", "r0", endpoint=Ref.one_of(["vpce-1", "vpce-2"], "which")
    )
    anything = with_zone((API, "x")).change(
        "zone_records", "r0", endpoint=Ref.anything("which", ["vpce-1"])
    )

    assert told(one) == ["vpce-1?", "vpce-2?"]
    assert told(anything) == ["unknown?", "vpce-1?"]


def test_a_record_of_perhaps_another_zone_leaves_the_zone_without_one() -> None:
    build = with_zone((API, "vpce-ecr.api"))
    build.change("zone_records", "r0", zone=Ref.one_of(["zone", "other"], "which zone"))

    assert told(build) == ["nothing?", "vpce-ecr.api?"]


def test_a_zone_on_perhaps_the_vpc_leaves_public_dns_possible() -> None:
    build = with_zone((API, "vpce-ecr.api"))
    build.change("hosted_zones", "zone", vpcs=Refs.some_of(["main"], "its VPCs"))

    assert told(build) == ["public?", "vpce-ecr.api?"]


def test_a_zone_of_unknown_domain_may_answer_before_all_others() -> None:
    build = with_zone((API, "vpce-ecr.api"), domain=Unknown("its domain"))

    assert told(build) == ["public?", "vpce-ecr.api?"]


def test_the_more_specific_zone_answers() -> None:
    build = with_zone((API, "vpce-ecr.api")).zone(WIDE, "main", any="vpce-far")

    assert told(build) == ["vpce-ecr.api"]


def test_two_zones_of_one_domain_leave_both_possible() -> None:
    build = with_zone((API, "vpce-ecr.api")).zone(API, "main", key="twin", at="vpce-far")

    assert told(build) == ["vpce-ecr.api?", "vpce-far?"]


def private_dns(**more: object) -> Build:
    build = base().interface("ecr.api", "app-a")
    return build.change("endpoints", "vpce-ecr.api", **more)


@pytest.mark.parametrize(
    ("says", "build", "answers"),
    [
        ("as it should be", private_dns(), ["vpce-ecr.api"]),
        ("private DNS unknown", private_dns(private_dns=Unknown("m")),
         ["public?", "vpce-ecr.api?"]),
        ("in one of two VPCs", private_dns(vpc=Ref.one_of(["main", "other"], "m")),
         ["public?", "vpce-ecr.api?"]),
        ("its kind unknown", private_dns(kind=Unknown("m")), ["public?", "vpce-ecr.api?"]),
        ("its state unknown", private_dns(state=Unknown("m")), ["public?", "vpce-ecr.api?"]),
        ("its service unknown", private_dns(service_name=Unknown("m")),
         ["public?", "vpce-ecr.api?"]),
        ("its region unknown", private_dns(service_region=Unknown("m")),
         ["public?", "vpce-ecr.api?"]),
        ("its subnets an unknown list", private_dns(subnets=Refs.some_of(["app-a"], "m")),
         ["vpce-ecr.api"]),
        ("no subnet", private_dns(subnets=Refs()), [PUBLIC]),
        ("of one's own region, spelt out", private_dns(service_region=REGION), ["vpce-ecr.api"]),
        ("of another region", private_dns(service_region="eu-west-1"), [PUBLIC]),
        ("DNS support unknown",
         private_dns().change("vpcs", "main", dns_support=Unknown("m")),
         ["public?", "vpce-ecr.api?"]),
        ("DNS support off", private_dns().change("vpcs", "main", dns_support=False), [PUBLIC]),
        ("DNS support off beside a hosted zone",
         private_dns().zone(API, "main", at="vpce-far").change("vpcs", "main", dns_support=False),
         [PUBLIC]),
        ("DNS servers unknown",
         private_dns().change("vpcs", "main", dns_servers=Unknown("m")),
         ["public?", "vpce-ecr.api?"]),
        ("no DNS server", private_dns().change("vpcs", "main", dns_servers=()), [PUBLIC]),
        ("AWS's and another DNS server",
         private_dns().change("vpcs", "main", dns_servers=("AmazonProvidedDNS", "10.0.0.2")),
         ["public?", "vpce-ecr.api?"]),
        ("AWS's DNS server", private_dns().change("vpcs", "main",
                                                  dns_servers=("AmazonProvidedDNS",)),
         ["vpce-ecr.api"]),
        ("the VPC's region unknown",
         private_dns().change("vpcs", "main", region=Unknown("m")), ["vpce-ecr.api"]),
    ],
)  # fmt: skip
def test_private_dns_of_an_endpoint(says: str, build: Build, answers: list[str]) -> None:
    assert told(build) == answers, says


def test_an_endpoint_named_for_another_region_serves_it_only_across_regions() -> None:
    name = "com.amazonaws.eu-west-1.ecr.api"

    assert told(private_dns(service_name=name)) == [PUBLIC]
    assert told(private_dns(service_name=name), region="eu-west-1") == [PUBLIC]
    far = private_dns(service_name=name, service_region="eu-west-1")
    assert told(far, region="eu-west-1") == ["vpce-ecr.api"]


@pytest.mark.parametrize(
    ("says", "build", "answers"),
    [
        ("alone", base().forward("amazonaws.com", "main"), [PUBLIC]),
        ("perhaps for the VPC",
         private_dns().forward("amazonaws.com", "main").change(
             "resolver_rules", "rule-amazonaws.com", vpcs=Refs.some_of(["main"], "m")),
         ["public?", "vpce-ecr.api"]),
        ("its domain unknown",
         private_dns().forward("x", "main").change("resolver_rules", "rule-x",
                                                   domain=Unknown("m")),
         ["public?", "vpce-ecr.api?"]),
        ("perhaps a system rule",
         private_dns().forward(API, "main", away=Unknown("m")), ["public?", "vpce-ecr.api?"]),
        ("a system rule for the name", private_dns().forward(API, "main", away=False),
         ["vpce-ecr.api"]),
        ("a system rule below a rule that forwards",
         private_dns().forward("com", "main").forward("amazonaws.com", "main", away=False),
         ["vpce-ecr.api"]),
        ("a system rule above a rule that forwards",
         base().forward("com", "main", away=False).forward("amazonaws.com", "main"), [PUBLIC]),
        ("for another name", private_dns().forward("example.com", "main"), ["vpce-ecr.api"]),
        ("above an endpoint's name, and above the rule a hosted zone",
         private_dns().forward("amazonaws.com", "main").zone("com", "main"),
         ["public?", "vpce-ecr.api"]),
        ("above a hosted zone", with_zone((API, "vpce-ecr.api")).forward("amazonaws.com", "main"),
         ["vpce-ecr.api"]),
        ("for the zone's own domain", with_zone((API, "vpce-ecr.api")).forward(API, "main"),
         [PUBLIC]),
    ],
)  # fmt: skip
def test_rules_that_forward(says: str, build: Build, answers: list[str]) -> None:
    assert told(build) == answers, says


@pytest.mark.parametrize(
    "link",
    [
        Build().peering("pcx", "main", "other"),
        Build().transit("tgw").attach("main", "app-a"),
        Build().gateway_of("vgw-1", "main"),
    ],
    ids=["peering", "transit gateway", "VPN"],
)
def test_servers_of_a_connected_network_may_know_endpoints_there(link: Build) -> None:
    build = base().forward("amazonaws.com", "main")
    for kind in link.kinds():
        for fact in getattr(link.network(), kind):
            build.add(kind, fact)

    assert told(build) == [f"{NOBODY_KNOWS}?", PUBLIC]


def test_what_is_outside_may_hold_an_endpoint() -> None:
    assert told(base().change("vpcs", "main", outside=True)) == ["public", "unseen?"]
    assert told(base().change("vpcs", "main", outside=True), "dynamodb") == ["public"]
    assert told(private_dns().change("vpcs", "main", outside=True)) == ["vpce-ecr.api"]


def test_unread_zones_matter_only_where_they_could_lead_somewhere() -> None:
    silent = base().interface("ecr.api", "app-a", private_dns=False)

    assert told(base().unread("hosted_zones", "z")) == [PUBLIC]
    assert told(silent.unread("hosted_zones", "z")) == [PUBLIC, "unknown?"]
    assert told(base().gateway("s3").unread("hosted_zones", "z"), "s3") == [PUBLIC]
    linked = base().peering("pcx", "main", "other").unread("hosted_zones", "z")
    assert told(linked) == [PUBLIC, "unknown?"]
    assert told(silent.unread("zone_records", "r")) == [PUBLIC, "unknown?"]
    records = base().interface("ecr.api", "app-a", private_dns=False).unread("zone_records", "r")
    assert told(records) == [PUBLIC, "unknown?"]


def test_an_answer_of_private_dns_says_whose_and_where() -> None:
    assert asked(private_dns()) == [
        Answer(Answered.ENDPOINT, "private DNS of vpce-ecr.api", "vpce-ecr.api", (), "main")
    ]


def test_a_vpc_that_is_not_among_the_facts_may_answer_anything() -> None:
    names = Names(Index(base().network()))
    found = {answer.kind: answer for answer in names.resolve("vpc-0abc", flow("ecr.api", REGION))}
    options = "the DHCP options of a VPC which is not among the facts: vpc-0abc"
    attributes = "the DNS attributes of a VPC which is not among the facts: vpc-0abc"

    assert found[Answered.PUBLIC].missing == (options,)
    assert found[Answered.UNSEEN].missing == tuple(
        sorted((attributes, options, "what vpc-0abc holds, which is not among the facts"))
    )


def test_what_chooses_between_answers_is_named() -> None:
    def missing(build: Build) -> dict[str, tuple[str, ...]]:
        return {one.endpoint or one.kind.value: one.missing for one in asked(build)}

    assert missing(private_dns(private_dns=Unknown("m"))) == {
        "vpce-ecr.api": ("m",),
        "public": ("m",),
    }
    assert missing(private_dns(vpc=Ref.one_of(["main", "other"], "m")))["public"] == ("m",)
    assert missing(private_dns().change("vpcs", "main", dns_servers=("10.0.0.2",))) == {
        "public": ("whether 10.0.0.2 ask the VPC's resolver",),
        "vpce-ecr.api": ("whether 10.0.0.2 ask the VPC's resolver",),
    }
    assert missing(private_dns().change("vpcs", "main", dns_support=Unknown("m")))["public"] == (
        "m",
    )
    rule = private_dns().forward("amazonaws.com", "main")
    assert missing(rule)["public"] == (
        "whether the rule that forwards amazonaws.com goes before api.ecr.us-east-1.amazonaws.com",
    )
    rule.change("resolver_rules", "rule-amazonaws.com", vpcs=Refs.some_of(["main"], "m"))
    assert "m" in missing(rule)["public"]
    twins = with_zone((API, "vpce-ecr.api")).zone(API, "main", key="twin", at="vpce-far")
    assert missing(twins)["vpce-far"] == (f"which of the zones for {API} answers",)
    perhaps = private_dns().forward(API, "main", away=Unknown("m"))
    assert missing(perhaps) == {"public": ("m",), "vpce-ecr.api": ("m",)}


@pytest.mark.parametrize("kind", ["attachments", "peerings"])
def test_connections_nobody_could_read_may_lead_to_endpoints(kind: str) -> None:
    build = base().forward("amazonaws.com", "main").unread(kind, "m")

    assert told(build) == [f"{NOBODY_KNOWS}?", PUBLIC]


def test_connections_of_other_vpcs_lead_nowhere_from_here() -> None:
    build = base().forward("amazonaws.com", "main").vpc("other", "10.9.0.0/16")
    build.peering("pcx", "other", "third").transit("tgw").attach("other", "x")
    build.gateway_of("vgw-1", "other").gateway_of("vgw-2", None)

    assert told(build) == [PUBLIC]


def test_the_hub_of_a_peering_may_have_asked_for_it() -> None:
    assert told(base().forward("amazonaws.com", "main").peering("pcx", "other", "main")) == [
        f"{NOBODY_KNOWS}?",
        PUBLIC,
    ]


def test_what_may_be_hidden_in_a_zone_is_unknown_whatever_it_shows() -> None:
    build = with_zone((API, "vpce-ecr.api")).change("hosted_zones", "zone", missing="its records")

    assert told(build) == ["unknown?", "vpce-ecr.api?"]
    assert {one.missing for one in asked(build)} == {("its records",)}


@pytest.mark.parametrize(
    ("endpoint", "vpc", "why"),
    [
        ({}, {}, ""),
        ({"private_dns": False}, {}, "its private DNS is off"),
        ({"inbound_only": True}, {}, "its private DNS answers inbound resolvers only"),
        ({}, {"dns_support": False}, "DNS support is off in its VPC"),
        ({}, {"dns_hostnames": False}, "DNS hostnames are off in its VPC"),
        ({"state": "deleted"}, {}, "it is deleted"),
        ({"subnets": Refs()}, {}, "it stands in no subnet"),
        ({"service_region": "eu-west-1"}, {}, "it is for eu-west-1, not for us-east-1"),
        ({"private_dns": Unknown("p")}, {"dns_support": Unknown("s")}, Unknown("p")),
        ({}, {"dns_support": Unknown("s")}, Unknown("s")),
        ({"state": Unknown("t")}, {"dns_hostnames": Unknown("h")}, Unknown("h")),
        ({"state": Unknown("t")}, {}, Unknown("t")),
        ({"private_dns": Unknown("p")}, {"dns_support": False}, "DNS support is off in its VPC"),
    ],
)
def test_why_private_dns_does_not_answer(
    endpoint: dict[str, Any], vpc: dict[str, Any], why: str | Unknown
) -> None:
    network = base().interface("ecr.api", "app-a", **endpoint).change("vpcs", "main", **vpc)
    index = Index(network.network())

    found = why_not(index.endpoints["vpce-ecr.api"], index.vpc("main"), "us-east-1")

    assert found == why


def test_an_endpoint_is_for_the_region_its_service_is_named_for() -> None:
    index = Index(base().interface("ecr.api", "app-a").network())
    endpoint = index.endpoints["vpce-ecr.api"]
    nowhere = base().vpc("far", region=Unknown("its region")).network()
    far = Index(nowhere).vpc("far")

    assert why_not(endpoint, None, "eu-west-1") == "it is for us-east-1, not for eu-west-1"
    assert why_not(endpoint, far, "eu-west-1") == "it is for us-east-1, not for eu-west-1"
    world = replace(endpoint, service_name="com.amazonaws.iam")
    assert why_not(world, index.vpc("main"), "us-east-1") == ""
    assert why_not(world, index.vpc("main"), "eu-west-1") == (
        "it is for us-east-1, not for eu-west-1"
    )


def test_private_dns_of_an_endpoint_whose_vpc_is_not_among_the_facts_is_its_own() -> None:
    index = Index(base().interface("ecr.api", "app-a").network())
    assert why_not(index.endpoints["vpce-ecr.api"], None, "us-east-1") == ""


def missing_of(build: Build, region: str | None = REGION) -> dict[str, tuple[str, ...]]:
    """What each answer supposes."""
    answers = Names(Index(build.network())).resolve("main", flow("ecr.api", region))
    return {one.endpoint or one.kind.value: one.missing for one in answers}


def test_which_region_a_name_is_of_decides_whether_a_zone_or_a_rule_is_for_it() -> None:
    covers_it = "us-east-1.amazonaws.com, covers api.ecr.*.amazonaws.com"
    zone = f"whether the domain of a private hosted zone, {covers_it}"
    rule = f"whether the domain of a resolver rule, {covers_it}"
    record = f"whether the record {API} is for the name asked for"

    assert missing_of(with_zone((API, "vpce-ecr.api"), domain=WIDE), None) == {
        "nothing": (zone, record),
        "public": (zone,),
        "vpce-ecr.api": (zone, record),
    }
    assert missing_of(with_zone((API, "vpce-ecr.api"), domain="amazonaws.com"), None) == {
        "nothing": (record,),
        "vpce-ecr.api": (record,),
    }
    assert missing_of(base().forward(WIDE, "main"), None) == {"public": (rule,)}


AND_OTHERS = Refs.some_of(["other"], "its VPCs", ["main"])


def test_what_is_on_the_vpc_for_certain_is_in_no_doubt_for_what_else_it_is_on() -> None:
    zone = with_zone((API, "vpce-ecr.api")).change("hosted_zones", "zone", vpcs=AND_OTHERS)
    rule = base().forward("amazonaws.com", "main")
    rule.change("resolver_rules", "rule-amazonaws.com", vpcs=AND_OTHERS)

    assert missing_of(zone) == {"vpce-ecr.api": ()}
    assert missing_of(rule) == {"public": ()}


def rules(*found: ResolverRule, build: Build | None = None) -> Build:
    network = build or private_dns()
    for one in found:
        network.add("resolver_rules", one)
    return network


PERHAPS = Refs.some_of(["main"], "its VPCs")


def test_a_rule_that_is_there_for_certain_leaves_no_doubt_about_another_of_its_domain() -> None:
    sure = ResolverRule("rule-b", API, forward=True, vpcs=Refs.of(["main"]))
    first = ResolverRule("rule-a", API, forward=True, vpcs=PERHAPS)
    second = ResolverRule("rule-c", API, forward=True, vpcs=PERHAPS)

    assert missing_of(rules(first, sure)) == {"public": ()}
    assert missing_of(rules(first, second)) == {
        "public": ("its VPCs",),
        "vpce-ecr.api": ("its VPCs",),
    }


def test_below_a_rule_that_perhaps_keeps_the_name_a_wider_rule_perhaps_forwards_it() -> None:
    build = rules(ResolverRule("rule-below", API, forward=False, vpcs=PERHAPS))
    order = f"whether the rule that forwards amazonaws.com goes before {API}"

    assert missing_of(build.forward("amazonaws.com", "main")) == {
        "public": ("its VPCs", order),
        "vpce-ecr.api": (),
    }


def test_a_record_of_unknown_name_leaves_the_others_possible_wherever_it_comes() -> None:
    build = with_zone((API, "vpce-ecr.api"))
    record = ZoneRecord("a", Ref.to("zone"), Unknown("its name"), Ref.to("vpce-9"))

    assert missing_of(build.add("zone_records", record)) == {
        "vpce-9": ("its name",),
        "vpce-ecr.api": ("its name",),
    }


@pytest.mark.parametrize(
    ("leads", "answers"),
    [
        (("vpce-ecr.api", ("52.94.1.1",)), ["public?", "vpce-ecr.api?"]),
        ((("52.94.1.1",), "vpce-ecr.api"), ["public?", "vpce-ecr.api?"]),
        (("vpce-1", "vpce-2"), ["vpce-1?", "vpce-2?"]),
        (("vpce-ecr.api", "vpce-ecr.api"), ["vpce-ecr.api"]),
    ],
)
def test_records_that_share_a_name_may_each_be_the_one_that_answers(
    leads: tuple[str | tuple[str, ...], ...], answers: list[str]
) -> None:
    """AWS: weighted, latency and failover records of one name and type are told by an id."""
    build = with_zone(*((API, lead) for lead in leads))
    doubt = f"which of the records for {API} answers"

    assert told(build) == answers
    assert {one.missing for one in asked(build)} == {(doubt,) if len(answers) > 1 else ()}


def test_a_record_that_is_perhaps_in_the_zone_leaves_its_namesake_in_doubt() -> None:
    build = with_zone((API, "vpce-ecr.api"), (API, ("52.94.1.1",)))
    build.change("zone_records", "r1", zone=Ref.one_of(["zone", "other"], "which zone"))

    assert missing_of(build) == {"public": ("which zone",), "vpce-ecr.api": ("which zone",)}


def test_traffic_to_a_name_that_may_also_be_public_is_not_proved() -> None:
    weighted = with_zone((API, "vpce-ecr.api"), (API, ("52.94.1.1",)))
    (lane,) = (one for one in judge(weighted.network(), ["ecr.api"]) if one.subnet == "app-a")

    assert (lane.kind, lane.missing) == (
        LaneKind.UNKNOWN,
        (f"which of the records for {API} answers",),
    )


def test_names_of_records_are_compared_without_regard_to_case() -> None:
    build = with_zone(("FSX", "vpce-fsx"), domain=WIDE)

    assert told(build, "fsx") == ["vpce-fsx"]


def test_every_server_of_the_dhcp_options_is_named() -> None:
    build = private_dns().change("vpcs", "main", dns_servers=("10.0.0.2", "10.0.0.3"))
    doubt = ("whether 10.0.0.2, 10.0.0.3 ask the VPC's resolver",)
    how = "the DNS servers 10.0.0.2, 10.0.0.3 of the VPC's DHCP options"

    assert asked(build) == [
        Answer(Answered.ENDPOINT, "private DNS of vpce-ecr.api", "vpce-ecr.api", doubt, "main"),
        Answer(Answered.PUBLIC, how, None, doubt),
    ]


@pytest.mark.parametrize("addresses", ["ipv4", "dualstack"])
def test_whether_private_dns_covers_dual_stack_names_is_in_doubt_but_for_ipv4(
    addresses: str,
) -> None:
    """AWS's ECR guide says both; an endpoint of IPv4 alone certainly answers none of them."""
    build = base().interface("ecr.dkr", "app-a", ip_address_type=addresses)
    registry = flow("ecr.dkr", REGION)
    zone = "dkr-ecr.us-east-1.on.aws"
    wanted = replace(
        registry,
        service=replace(registry.service, dual_stack=True),
        host=f"111122223333.{zone}",
        zone=zone,
    )
    found = Names(Index(build.network())).resolve("main", wanted)
    doubt = (f"whether private DNS of vpce-ecr.dkr covers {zone}",)
    how = "private DNS of vpce-ecr.dkr"

    assert found == (
        (Answer(Answered.PUBLIC, "public DNS"),)
        if addresses == "ipv4"
        else (
            Answer(Answered.ENDPOINT, how, "vpce-ecr.dkr", doubt, "main"),
            Answer(Answered.PUBLIC, "public DNS", None, doubt),
        )
    )
