"""Security groups and network ACLs: what passes for certain, what for certain not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from privatelane_paths.facts import (
    Direction,
    NetworkAclEntry,
    PortRange,
    SecurityRule,
)
from privatelane_paths.filters import Packets, acl_admits, acls_of, groups_admit
from privatelane_paths.index import Index
from privatelane_paths.known import Maybe, Ref, Refs, Unknown
from privatelane_paths.space import AddressSet, public
from tests.paths.build import ANYWHERE, Build, acl_line, prefix, rule
from tests.paths.words import is_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

IN, OUT = Direction.INGRESS, Direction.EGRESS
SUBNET = AddressSet.of([prefix("10.0.10.0/24")], 4)
FAR = Packets("subnet app", SUBNET)
YES, NO, DOUBT = "all pass", "none passes", "who knows"


#: What is not known of the far end itself.
FAR_FACTS = {
    "its groups",
    "m",
    "which addresses of ECR are used",
    "which addresses of a registry are used",
}


def told(answer: Maybe[bool], build: Build) -> str:
    if isinstance(answer, Unknown):
        assert is_missing(build.network(), answer.missing) or answer.missing in FAR_FACTS, answer
    return DOUBT if isinstance(answer, Unknown) else YES if answer else NO


def group(*rules: SecurityRule, far: Packets = FAR, missing: str = "", way: Direction = IN) -> str:
    build = Build().vpc("main").group("sg-a", *rules, missing=missing).group("sg-x")
    build.prefix_list("pl-known", "10.0.10.0/24", "10.0.11.0/24")
    build.prefix_list("pl-unknown", unknown="its entries")
    build.prefix_list("pl-s3", service="s3", unknown="its entries")
    build.prefix_list("pl-long", service="com.amazonaws.us-east-1.s3", unknown="its entries")
    return told(groups_admit(Index(build.network()), Refs.of(["sg-a"]), way, far, 4), build)


@pytest.mark.parametrize(
    ("says", "one", "answer"),
    [
        ("from everywhere", rule(ANYWHERE), YES),
        ("from the subnet", rule("10.0.10.0/24"), YES),
        ("from the VPC", rule("10.0.0.0/16"), YES),
        ("from half the subnet", rule("10.0.10.0/25"), DOUBT),
        ("from elsewhere", rule("10.0.11.0/24"), NO),
        ("by IPv6", rule("::/0"), NO),
        ("another port", rule(ANYWHERE, first=80, last=80), NO),
        ("ports up to it", rule(ANYWHERE, first=0, last=443), YES),
        ("ports from it", rule(ANYWHERE, first=443, last=500), YES),
        ("ports below it", rule(ANYWHERE, first=0, last=442), NO),
        ("ports above it", rule(ANYWHERE, first=444, last=500), NO),
        ("the upper half of all addresses", rule("128.0.0.0/1"), NO),
        ("all protocols", rule(ANYWHERE, protocol="-1"), YES),
        ("TCP by its number", rule(ANYWHERE, protocol="6"), YES),
        ("TCP in capitals", rule(ANYWHERE, protocol="TCP"), YES),
        ("UDP", rule(ANYWHERE, protocol="udp"), NO),
        ("the other direction", rule(ANYWHERE, OUT), NO),
        ("a list that holds it", rule("pl-known"), YES),
        ("a list nobody knows", rule("pl-unknown"), DOUBT),
        ("AWS's list, but the far end is no service", rule("pl-s3"), DOUBT),
        ("a list outside the facts", rule("pl-0abc"), DOUBT),
        ("a group", rule("sg-x"), DOUBT),
        ("an unknown protocol", SecurityRule("r", IN, Unknown("p"), None, prefix(ANYWHERE)), DOUBT),
        ("unknown ports", SecurityRule("r", IN, "tcp", Unknown("p"), prefix(ANYWHERE)), DOUBT),
        ("an unknown peer", SecurityRule("r", IN, "tcp", None, Unknown("p")), DOUBT),
        ("one of two peers",
         SecurityRule("r", IN, "tcp", None, Ref.one_of(["pl-known", "pl-unknown"], "m")), DOUBT),
    ],
)  # fmt: skip
def test_what_one_rule_admits(says: str, one: SecurityRule, answer: str) -> None:
    assert group(one) == answer, says


def test_rules_add_up() -> None:
    assert group(rule("10.0.10.0/25"), rule("10.0.10.128/25")) == YES
    assert group(rule("10.0.99.0/24"), rule("10.0.10.0/24")) == YES
    assert group(rule(ANYWHERE, first=80, last=80), rule(ANYWHERE)) == YES
    assert group() == NO


def test_doubtful_rules_do_not_undo_certain_ones() -> None:
    unknown = SecurityRule("r", IN, "tcp", None, Unknown("p"))

    assert group(unknown, rule("10.0.0.0/16")) == YES
    assert group(unknown, rule("10.9.0.0/16")) == DOUBT


def test_a_group_that_may_hold_more_rules_admits_perhaps_more() -> None:
    assert group(missing="its rules") == DOUBT
    assert group(rule(ANYWHERE), missing="its rules") == YES


def test_a_rule_for_a_group_admits_its_members() -> None:
    member = Packets("web", SUBNET, Refs.of(["sg-x"]))
    stranger = Packets("web", SUBNET, Refs.of(["sg-y"]))
    perhaps = Packets("web", SUBNET, Refs.some_of(["sg-x", "sg-y"], "its groups"))

    assert group(rule("sg-x"), far=member) == YES
    assert group(rule("sg-x"), far=stranger) == NO
    assert group(rule("sg-x"), far=perhaps) == DOUBT
    assert group(rule("sg-0abc"), far=stranger) == NO


def test_awss_own_list_admits_its_service() -> None:
    s3 = Packets("S3", AddressSet.full(4), None, "s3")
    ecr = Packets("ECR", AddressSet.full(4), None, "ecr.api")

    assert group(rule("pl-s3", OUT), far=s3, way=OUT) == YES
    assert group(rule("pl-long", OUT), far=s3, way=OUT) == YES
    assert group(rule("pl-s3", OUT), far=ecr, way=OUT) == NO


def test_unknown_addresses_pass_where_everything_does() -> None:
    nobody = Packets("subnet app", None)

    assert group(rule(ANYWHERE), far=nobody) == YES
    assert group(rule("10.0.0.0/16"), far=nobody) == DOUBT
    assert group(rule("::/0"), far=nobody) == NO


def admits(groups: Refs) -> str:
    build = Build().vpc("main").group("sg-a", rule(ANYWHERE)).group("sg-b")
    build.group("sg-far", outside=True)
    return told(groups_admit(Index(build.network()), groups, IN, FAR, 4), build)


def test_groups_add_up_and_doubtful_ones_only_perhaps() -> None:
    assert admits(Refs.of(["sg-a", "sg-b"])) == YES
    assert admits(Refs.of(["sg-b"])) == NO
    assert admits(Refs.some_of(["sg-a"], "m", ["sg-b"])) == DOUBT
    assert admits(Refs.anything("m", ["sg-a"])) == YES
    assert admits(Refs.anything("m", ["sg-b"])) == DOUBT
    assert admits(Refs.of(["sg-far"])) == DOUBT
    assert admits(Refs.of(["sg-0abc"])) == DOUBT
    assert admits(Refs()) == DOUBT


def acl(
    *lines: NetworkAclEntry,
    far: Packets = FAR,
    client: bool = True,
    missing: str = "",
    subnets: Refs | None = None,
) -> str:
    build = Build().vpc("main").subnet("app", "main", "10.0.10.0/24")
    build.acl("acl-a", *lines, on=["app"], missing=missing)
    if subnets is not None:
        build.change("network_acls", "acl-a", subnets=subnets)
    answer = acl_admits(Index(build.network()), "app", "main", far, 4, client=client)
    return told(answer, build)


BOTH = (acl_line(100, IN), acl_line(100, OUT))


@pytest.mark.parametrize(
    ("says", "lines", "answer"),
    [
        ("everything", BOTH, YES),
        ("nothing", (), NO),
        ("no answers", (acl_line(100, OUT),), NO),
        ("no questions", (acl_line(100, IN),), NO),
        ("answers to high ports", (acl_line(1, OUT), acl_line(1, IN, first=1024)), YES),
        ("answers to low ports", (acl_line(1, OUT), acl_line(1, IN, last=1023)), NO),
        ("answers to some ports", (acl_line(1, OUT), acl_line(1, IN, first=40000)), DOUBT),
        ("answers to the first port only", (acl_line(1, OUT), acl_line(1, IN, last=32768)), DOUBT),
        ("questions to 443 only", (acl_line(1, OUT, first=443, last=443), acl_line(1, IN)), YES),
        ("questions to 80 only", (acl_line(1, OUT, first=80, last=80), acl_line(1, IN)), NO),
        ("a lower number denies", (acl_line(1, OUT, allow=False), *BOTH), NO),
        ("a higher number denies", (*BOTH, acl_line(200, OUT, allow=False)), YES),
        ("a lower number denies elsewhere",
         (acl_line(1, OUT, allow=False, cidr="10.9.0.0/16"), *BOTH), YES),
        ("a lower number denies a part",
         (acl_line(1, OUT, allow=False, cidr="10.0.10.0/25"), *BOTH), DOUBT),
        ("only the upper half", (acl_line(1, OUT, cidr="128.0.0.0/1"), acl_line(1, IN)), NO),
        ("IPv6 only", (acl_line(1, OUT, cidr="::/0"), acl_line(1, IN)), NO),
        ("questions below 443 only", (acl_line(1, OUT, last=442), acl_line(1, IN)), NO),
        ("answers to all ports but the last", (acl_line(1, OUT), acl_line(1, IN, last=60998)),
         DOUBT),
        ("only elsewhere", (acl_line(1, OUT, cidr="10.9.0.0/16"), acl_line(1, IN)), NO),
        ("two lines for both halves",
         (acl_line(1, OUT, cidr="10.0.10.0/25"), acl_line(2, OUT, cidr="10.0.10.128/25"),
          acl_line(1, IN)), YES),
        ("UDP only", (NetworkAclEntry(1, OUT, True, "udp", None, prefix(ANYWHERE)),
                      acl_line(1, IN)), NO),
        ("all protocols, whose ports do not count",
         (NetworkAclEntry(1, OUT, True, "-1", PortRange(0, 0), prefix(ANYWHERE)),
          NetworkAclEntry(1, IN, True, "all", PortRange(0, 0), prefix(ANYWHERE))), YES),
        ("an unknown number", (NetworkAclEntry(Unknown("n"), OUT, True, "6", None,
                                               prefix(ANYWHERE)), acl_line(1, IN)), DOUBT),
        ("an unknown action", (NetworkAclEntry(1, OUT, Unknown("a"), "6", None,
                                               prefix(ANYWHERE)), acl_line(1, IN)), DOUBT),
        ("an unknown prefix", (NetworkAclEntry(1, OUT, True, "6", None, Unknown("p")),
                               acl_line(1, IN)), DOUBT),
        ("an unknown protocol", (NetworkAclEntry(1, OUT, True, Unknown("p"), None,
                                                 prefix(ANYWHERE)), acl_line(1, IN)), DOUBT),
        ("unknown ports", (NetworkAclEntry(1, OUT, True, "6", Unknown("p"), prefix(ANYWHERE)),
                           acl_line(1, IN)), DOUBT),
        ("something unknown, but no answers",
         (NetworkAclEntry(1, OUT, True, "6", Unknown("p"), prefix(ANYWHERE)),), NO),
    ],
)  # fmt: skip
def test_what_a_network_acl_lets_pass(
    says: str, lines: Sequence[NetworkAclEntry], answer: str
) -> None:
    assert acl(*lines) == answer, says


def test_a_server_answers_what_a_client_asks() -> None:
    asked = (acl_line(1, IN, first=443, last=443), acl_line(1, OUT, first=1024))

    assert acl(*asked, client=False) == YES
    assert acl(*asked, client=True) == NO


def test_lines_that_may_be_missing_leave_doubt() -> None:
    assert acl(*BOTH, missing="its lines") == DOUBT
    assert acl(missing="its lines") == DOUBT


def test_an_acl_that_may_be_on_the_subnet_blocks_perhaps() -> None:
    perhaps = Refs.some_of(["app"], "its subnets")

    assert acl(subnets=perhaps) == DOUBT
    assert acl(*BOTH, subnets=perhaps) == DOUBT
    assert acl(subnets=Refs.of(["other"])) == YES


def default(*lines: NetworkAclEntry, outside: bool = False, subnet: bool = False) -> str:
    build = Build().vpc("main", outside=outside)
    build.subnet("app", "main", "10.0.10.0/24", outside=subnet)
    if lines:
        build.acl("acl-default", *lines)
    answer = acl_admits(Index(build.network()), "app", "main", FAR, 4, client=True)
    return told(answer, build)


def test_without_an_acl_the_vpcs_default_one_counts() -> None:
    assert default() == YES
    assert default(*BOTH) == YES
    assert default(acl_line(1, IN)) == NO


def test_the_default_acl_of_what_is_outside_is_not_known() -> None:
    assert default(outside=True) == DOUBT
    assert default(subnet=True) == DOUBT


def test_unknown_addresses_pass_an_acl_where_everything_does() -> None:
    nobody = Packets("subnet app", None)

    assert acl(*BOTH, far=nobody) == YES
    assert acl(acl_line(1, OUT, cidr="10.0.0.0/16"), acl_line(1, IN), far=nobody) == DOUBT
    assert acl(far=nobody) == NO


def test_an_acl_that_denies_a_few_addresses_stops_no_service() -> None:
    ecr = Packets("ECR", public(4), None, "ecr.api")
    someone = Packets("a registry", public(4))
    few = acl_line(1, OUT, allow=False, cidr="8.8.8.0/24")
    many = acl_line(1, OUT, allow=False, cidr="8.8.8.0/23")

    assert acl(few, *BOTH, far=ecr) == YES
    assert acl(many, *BOTH, far=ecr) == DOUBT
    assert acl(few, *BOTH, far=someone) == DOUBT


def member_rule(ports: Maybe[PortRange | None]) -> SecurityRule:
    return SecurityRule("r", IN, "tcp", ports, Ref.to("web"))


PERHAPS_A = Refs.some_of(["sg-a"], "its groups")


@pytest.mark.parametrize(
    ("one", "groups", "missing"),
    [
        (SecurityRule("r", IN, "tcp", None, Unknown("the peer")), None, "the peer"),
        (SecurityRule("r", IN, "tcp", Unknown("ports"), prefix(ANYWHERE)), None, "ports"),
        (SecurityRule("r", IN, Unknown("protocol"), None, prefix(ANYWHERE)), None, "protocol"),
        (rule("pl-unknown"), None, "its entries"),
        (rule("pl-0abc"), None, "what pl-0abc admits"),
        (SecurityRule("r", IN, "tcp", None, Ref.anything("which group")), None, "which group"),
        (rule("10.0.10.0/25"), None,
         "which addresses of subnet app send, since only some are admitted"),
        (member_rule(Unknown("ports")), None, "ports"),
        (member_rule(None), PERHAPS_A, "its groups"),
        (rule(ANYWHERE), PERHAPS_A, "its groups"),
        (rule("10.9.0.0/16"), Refs.of(["sg-a", "sg-0abc"]), "the rules of security group sg-0abc"),
        (rule("10.9.0.0/16"), Refs.of(["sg-a", "sg-more"]), "more rules"),
        (rule("10.9.0.0/16"), Refs.of(["sg-a", "sg-far"]), "the rules of security group sg-far"),
        (rule(ANYWHERE), Refs(), "the rules of the default security group"),
    ],
)  # fmt: skip
def test_what_leaves_security_groups_in_doubt_is_named(
    one: SecurityRule, groups: Refs | None, missing: str
) -> None:
    build = Build().vpc("main").group("sg-a", one).group("web").group("sg-far", outside=True)
    build.group("sg-more", missing="more rules").prefix_list("pl-unknown", unknown="its entries")
    far = Packets("subnet app", SUBNET, Refs.of(["web"]))
    index = Index(build.network())

    assert groups_admit(index, groups or Refs.of(["sg-a"]), IN, far, 4) == Unknown(missing)


@pytest.mark.parametrize(
    ("carries", "answer"),
    [
        (None, Unknown("whether what sends from subnet app is in security group web")),
        (Refs.of(["web"]), True),
        (Refs.of(["other"]), False),
        (Refs.some_of(["web"], "its groups"), Unknown("its groups")),
    ],
)
def test_a_security_group_may_have_any_key(carries: Refs | None, answer: Maybe[bool]) -> None:
    """Where ids are not known yet, a group is called otherwise than `sg-...`."""
    index = Index(Build().vpc("main").group("sg-a", member_rule(None)).group("web").network())
    far = Packets("subnet app", SUBNET, carries)

    assert groups_admit(index, Refs.of(["sg-a"]), IN, far, 4) == answer


@pytest.mark.parametrize(
    ("lines", "missing"),
    [
        ((acl_line(1, OUT), acl_line(1, IN, first=40000)),
         "which ports of 32768 to 60999 acl-a is used with"),
        ((acl_line(1, OUT), acl_line(1, IN, last=60998)),
         "which ports of 32768 to 60999 acl-a is used with"),
        ((acl_line(1, OUT, cidr="10.0.10.0/25"), acl_line(1, IN)),
         "which addresses of subnet app are used"),
        ((NetworkAclEntry(Unknown("n"), OUT, True, "6", None, prefix(ANYWHERE)), acl_line(1, IN)),
         "n"),
        ((NetworkAclEntry(1, OUT, Unknown("a"), "6", None, prefix(ANYWHERE)), acl_line(1, IN)),
         "a"),
    ],
)  # fmt: skip
def test_what_leaves_a_network_acl_in_doubt_is_named(
    lines: Sequence[NetworkAclEntry], missing: str
) -> None:
    build = Build().vpc("main").subnet("app", "main").acl("acl-a", *lines, on=["app"])
    index = Index(build.network())

    assert acl_admits(index, "app", "main", FAR, 4, client=True) == Unknown(missing)


def test_no_packet_is_stopped_where_there_is_none() -> None:
    nobody = Packets("nobody", AddressSet(4))

    assert acl(far=nobody) == YES
    assert group(far=nobody) == YES


def acls(build: Build) -> tuple[list[str], str]:
    """The network ACLs that may be on the subnet, and what is missing to choose."""
    found, missing = acls_of(Index(build.network()), "app", "main")
    return [one.key for one in found], missing


def subnet_app(*, outside: bool = False) -> Build:
    return Build().vpc("main").subnet("app", "main", outside=outside)


PERHAPS_APP = Refs.some_of(["app"], "its subnets")


@pytest.mark.parametrize(
    ("says", "build", "found", "missing"),
    [
        ("none", subnet_app(), [], ""),
        ("none that the source shows", subnet_app(outside=True), [],
         "the network ACL of app, declared outside this stack"),
        ("the default one", subnet_app().acl("acl-0"), ["acl-0"], ""),
        ("another VPC's default one", subnet_app().acl("acl-0", vpc="other"), [], ""),
        ("its own in place of the default one",
         subnet_app().acl("acl-0").acl("acl-a", on=["app"]), ["acl-a"], ""),
        ("the first of two that the facts put on it",
         subnet_app().acl("acl-b", on=["app"]).acl("acl-a", on=["app"]), ["acl-a"], ""),
        ("perhaps its own, perhaps the default one",
         subnet_app().acl("acl-0").acl("acl-a", on=["app"]).change(
             "network_acls", "acl-a", subnets=PERHAPS_APP), ["acl-a", "acl-0"], "its subnets"),
        ("perhaps its own where nothing else is known",
         subnet_app(outside=True).acl("acl-a", on=["app"]).change(
             "network_acls", "acl-a", subnets=PERHAPS_APP), ["acl-a"], "its subnets"),
        ("a default one of perhaps another VPC",
         subnet_app().acl("acl-0").change(
             "network_acls", "acl-0", vpc=Ref.one_of(["main", "other"], "its VPC")),
         ["acl-0"], "its VPC"),
        ("the default one, and one of perhaps another VPC",
         subnet_app().acl("acl-0").acl("acl-1").change(
             "network_acls", "acl-1", vpc=Ref.one_of(["main", "other"], "its VPC")),
         ["acl-0", "acl-1"], "its VPC"),
    ],
)  # fmt: skip
def test_one_network_acl_is_on_each_subnet(
    says: str, build: Build, found: list[str], missing: str
) -> None:
    """AWS: a subnet has exactly one network ACL, the VPC's default one unless told otherwise."""
    assert acls(build) == (found, missing), says


def test_two_default_acls_of_one_vpc_that_disagree_leave_it_in_doubt() -> None:
    index = Index(subnet_app().acl("acl-0").acl("acl-1", *BOTH).network())

    answer = acl_admits(index, "app", "main", FAR, 4, client=True)

    assert answer == Unknown("the network ACL of app")
