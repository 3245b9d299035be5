from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from privatelane_rules._rule import Level
from tests.programs import Made, Out, Program

if TYPE_CHECKING:
    from tests.rules.conftest import Judged

known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])
NOWHERE = ("urn:pulumi:dev::net::aws:ec2/eip:Eip::office",)
BOOTSTRAP = "bootstrapClusterCreatorAdminPermissions"
SHUT = {"authenticationMode": "API", BOOTSTRAP: False}
ROLE = "arn:aws:iam::123456789012:role/pipeline"


def cluster(program: Program, access: object = None, name: str = "main") -> Made:
    inputs = {"roleArn": "arn:aws:iam::123456789012:role/eks", "vpcConfig": {"subnetIds": []}}
    return program.add(
        "aws:eks/cluster:Cluster",
        name,
        {**inputs, **({} if access is None else {"accessConfig": access})},
        outputs={"name": f"{name}-0123456"},
        identifier=f"{name}-0123456",
    )


def entry(program: Program, of: object, **inputs: Any) -> Made:
    return program.add(
        "aws:eks/accessEntry:AccessEntry",
        f"entry-{len(program.entries)}",
        {"clusterName": of, "principalArn": ROLE, **inputs},
    )


@known_or_not
@pytest.mark.parametrize("mode", ["API", "API_AND_CONFIG_MAP"])
def test_a_cluster_without_creator_and_entries_violates(
    judged: Judged, mode: str, known: bool
) -> None:
    program = Program()
    made = cluster(program, {**SHUT, "authenticationMode": mode})

    (found,) = judged(program, known=known)

    assert (found.urn, found.level) == (made.urn, Level.ADVISORY)
    assert "main lets nobody in" in found.message


@known_or_not
def test_entries_of_nodes_and_of_other_clusters_let_nobody_in(judged: Judged, known: bool) -> None:
    program = Program()
    made, other = cluster(program, SHUT), cluster(program, name="other")
    entry(program, made.name, type="EC2_LINUX")
    entry(program, made.name, type="FARGATE_LINUX")
    entry(program, other.name)
    entry(program, "elsewhere")

    (found,) = judged(program, known=known)

    assert found.urn == made.urn


@known_or_not
@pytest.mark.parametrize(
    "access", [None, {"authenticationMode": "API"}, {**SHUT, "authenticationMode": "CONFIG_MAP"}]
)
def test_a_creator_gets_in_unless_the_program_says_otherwise(
    judged: Judged, access: object, known: bool
) -> None:
    program = Program()
    cluster(program, access)

    assert judged(program, known=known) == []


@known_or_not
def test_one_entry_is_enough(judged: Judged, known: bool) -> None:
    program = Program()
    entry(program, cluster(program, SHUT).name, type="STANDARD")
    assert judged(program, known=known) == []

    program = Program()
    program.add(
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        "admin",
        {"clusterName": cluster(program, SHUT).name, "principalArn": ROLE},
    )
    assert judged(program, known=known) == []


@pytest.mark.parametrize(
    ("access", "missing"),
    [
        ({**SHUT, BOOTSTRAP: Out(False, NOWHERE)}, BOOTSTRAP),
        ({**SHUT, "authenticationMode": Out("API", NOWHERE)}, "authenticationMode"),
        ({BOOTSTRAP: False}, "authenticationMode"),
        (Out(SHUT, NOWHERE), "accessConfig"),
    ],
)
def test_settings_that_are_not_known_are_undecided(
    judged: Judged, access: object, missing: str
) -> None:
    program = Program()
    cluster(program, access)

    (found,) = judged(program)

    assert "Cannot be decided: whether anybody can administer main" in found.message
    assert missing in found.message


def test_an_entry_of_a_cluster_that_is_not_known_leaves_a_doubt(judged: Judged) -> None:
    program = Program()
    first, second = cluster(program, SHUT), cluster(program, name="second")
    entry(program, Out("main-0123456", (first.urn, second.urn)))

    (found,) = judged(program)

    assert "Cannot be decided" in found.message
    assert "which of main, second clusterName of entry-2 names" in found.message
