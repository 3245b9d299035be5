from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_rules._rule import Level
from tests.programs import Joined, Program
from tests.rules.networks import SUBNET, Net

if TYPE_CHECKING:
    from tests.rules.analyzer import Analyzer
    from tests.rules.conftest import Judged


def undecided_net() -> Net:
    net = Net(zones=("a",))
    net.interface("ecr.api")
    net.interface("ecr.dkr")
    net.s3(routeTableIds=Joined((net.table.id, net.public_table.id)))
    return net


def test_an_undecided_path_is_a_note_that_names_the_missing_fact(judged: Judged) -> None:
    net = undecided_net()

    found = {one.urn: one for one in judged(net)}

    note = found[net.private["a"].urn]
    assert note.level is Level.ADVISORY
    assert (
        "Whether private-a reaches ecr.layers, s3 through a NAT cannot be decided" in note.message
    )
    assert "routeTableIds of s3" in note.message


def test_under_strict_it_is_mandatory(judged: Judged) -> None:
    assert {one.level for one in judged(undecided_net(), strict=True)} == {Level.MANDATORY}


def test_strict_leaves_other_rules_their_level(pack: Analyzer) -> None:
    net = Net(zones=("a",))
    net.s3(routeTableIds=Joined((net.table.id, net.public_table.id)))
    pack.configure({"nat-path-to-ecr-or-s3": {"strict": True}})

    (found,) = [
        one
        for one in pack.judge(net.program)
        if one.policy == "gateway-endpoint-without-private-tables"
    ]

    assert found.level is Level.ADVISORY


def test_its_own_level_counts_without_strict(pack: Analyzer) -> None:
    pack.configure({"undecided-path-to-ecr-or-s3": {"enforcementLevel": "mandatory"}})

    found = [
        one
        for one in pack.judge(undecided_net().program)
        if one.policy == "undecided-path-to-ecr-or-s3"
    ]

    assert {one.level for one in found} == {Level.MANDATORY}


def test_once_the_ids_are_known_it_is_decided(judged: Judged) -> None:
    assert judged(undecided_net(), known=True) == []


def test_proved_and_refuted_paths_are_no_business_of_it(judged: Judged) -> None:
    assert judged(Net()) == []
    assert judged(Net().endpoints()) == []


def test_a_subnet_in_a_vpc_of_another_stack_is_undecided(judged: Judged) -> None:
    program = Program()
    subnet = program.add(SUBNET, "app", {"vpcId": "vpc-0other", "cidrBlock": "10.0.1.0/24"})

    (found,) = judged(program)

    assert found.urn == subnet.urn
    assert "vpc-0other" in found.message
