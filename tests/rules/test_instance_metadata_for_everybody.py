from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from privatelane_rules._rule import Level
from tests.programs import Made, Out, Program

if TYPE_CHECKING:
    from tests.rules.conftest import Judged

TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
NODES = "aws:eks/nodeGroup:NodeGroup"
SCALING = "aws:autoscaling/group:Group"
NOWHERE = ("urn:pulumi:dev::net::aws:ec2/eip:Eip::office",)
V2 = {"httpTokens": "required"}
known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])


def template(program: Program, options: object, token: str = TEMPLATE) -> Made:
    inputs = {} if options is None else {"metadataOptions": options}
    return program.add(token, "it", inputs, identifier="lt-0001")


@known_or_not
@pytest.mark.parametrize("token", [TEMPLATE, "aws:ec2/instance:Instance"])
def test_optional_tokens_violate(judged: Judged, token: str, known: bool) -> None:
    program = Program()
    made = template(program, {"httpTokens": "optional"}, token)

    (found,) = judged(program, known=known)

    assert (found.urn, found.level) == (made.urn, Level.ADVISORY)
    assert "it answers IMDSv1" in found.message


@known_or_not
@pytest.mark.parametrize(
    "options",
    [V2, {"httpEndpoint": "disabled"}, {**V2, "httpPutResponseHopLimit": 2}],
)
def test_tokens_or_no_metadata_at_all_are_fine(
    judged: Judged, options: dict[str, Any], known: bool
) -> None:
    program = Program()
    template(program, options)

    assert judged(program, known=known) == []


def test_without_a_word_the_ami_decides_unless_the_account_does(judged: Judged) -> None:
    program = Program()
    template(program, None)

    (found,) = judged(program)
    assert "Cannot be decided: whether it requires IMDSv2" in found.message

    program.add(
        "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
        "all",
        {"httpTokens": "required"},
    )
    assert judged(program) == []


def launched_by(program: Program, made: Made, where: str) -> None:
    if where == "managed":
        program.add(NODES, "nodes", {"launchTemplate": {"id": made.id, "version": "1"}})
    elif where == "tagged":
        tags = [{"key": "kubernetes.io/cluster/main", "value": "owned"}]
        program.add(SCALING, "nodes", {"launchTemplate": {"id": made.id}, "tags": tags})
    else:
        inner = {"launchTemplateSpecification": {"launchTemplateId": made.id}}
        tags = [{"key": "kubernetes.io/cluster/main", "value": "owned"}]
        mixed = {"launchTemplate": inner}
        program.add(SCALING, "nodes", {"mixedInstancesPolicy": mixed, "tags": tags})


@known_or_not
@pytest.mark.parametrize("where", ["managed", "tagged", "mixed"])
def test_metadata_that_pods_can_reach_violates(judged: Judged, where: str, known: bool) -> None:
    program = Program()
    made = template(program, {**V2, "httpPutResponseHopLimit": 2})
    launched_by(program, made, where)

    (found,) = judged(program, known=known)

    assert found.urn == made.urn
    assert "lets metadata pass 2 hops" in found.message


@known_or_not
def test_one_hop_is_fine_for_nodes(judged: Judged, known: bool) -> None:
    program = Program()
    launched_by(program, template(program, {**V2, "httpPutResponseHopLimit": 1}), "managed")

    assert judged(program, known=known) == []


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        ({"httpTokens": Out("required", NOWHERE)}, "httpTokens"),
        ({**V2, "httpPutResponseHopLimit": Out(1, NOWHERE)}, "httpPutResponseHopLimit"),
        (Out(V2, NOWHERE), "metadataOptions"),
    ],
)
def test_options_that_are_not_known_are_undecided(
    judged: Judged, options: object, missing: str
) -> None:
    program = Program()
    launched_by(program, template(program, options), "managed")

    (found,) = judged(program)

    assert "Cannot be decided" in found.message
    assert missing in found.message
