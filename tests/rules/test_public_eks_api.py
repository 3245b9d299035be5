from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from privatelane_rules._rule import Level
from tests.programs import Made, Out, Program

if TYPE_CHECKING:
    from tests.rules.conftest import Judged

known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])
NOWHERE = ("urn:pulumi:dev::net::aws:ec2/eip:Eip::office",)


def cluster(program: Program, **settings: object) -> Made:
    return program.add(
        "aws:eks/cluster:Cluster",
        "main",
        {"roleArn": "arn:aws:iam::123456789012:role/eks", "vpcConfig": settings},
    )


@known_or_not
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"endpointPrivateAccess": True},
        {"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.7/32", "0.0.0.0/0"]},
        {"publicAccessCidrs": ["128.0.0.0/1", "0.0.0.0/1"]},
        {"publicAccessCidrs": ["203.0.113.7/32", "::/0"]},
    ],
)
def test_an_api_for_everybody_violates(
    judged: Judged, settings: dict[str, object], known: bool
) -> None:
    program = Program()
    made = cluster(program, **settings)

    (found,) = judged(program, known=known)

    assert (found.urn, found.level) == (made.urn, Level.ADVISORY)
    assert "answers to every address there is" in found.message


@known_or_not
@pytest.mark.parametrize(
    "settings",
    [
        {"endpointPublicAccess": False, "endpointPrivateAccess": True},
        {"publicAccessCidrs": ["203.0.113.0/24"]},
    ],
)
def test_a_private_or_limited_api_is_fine(
    judged: Judged, settings: dict[str, object], known: bool
) -> None:
    program = Program()
    cluster(program, **settings)

    assert judged(program, known=known) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"endpointPublicAccess": Out(False, NOWHERE)},
        {"publicAccessCidrs": [Out("203.0.113.7/32", NOWHERE)]},
        {"publicAccessCidrs": Out(["203.0.113.7/32"], NOWHERE)},
    ],
)
def test_settings_that_are_not_known_are_undecided(
    judged: Judged, settings: dict[str, object]
) -> None:
    program = Program()
    cluster(program, **settings)

    (found,) = judged(program)

    assert "Cannot be decided" in found.message
