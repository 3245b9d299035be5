from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from privatelane_rules._rule import Level
from tests.programs import Out, Program

if TYPE_CHECKING:
    from tests.rules.conftest import Judged

ADDON = "aws:eks/addon:Addon"
known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])


@known_or_not
def test_an_addon_without_a_version_violates_even_after_aws_chose_one(
    judged: Judged, known: bool
) -> None:
    program = Program()
    made = program.add(
        ADDON,
        "dns",
        {"clusterName": "main", "addonName": "coredns"},
        outputs={"addonVersion": "v1.12.4-eksbuild.1"},
    )

    (found,) = judged(program, known=known)

    assert (found.urn, found.level) == (made.urn, Level.ADVISORY)
    assert "dns (coredns) has no version" in found.message


@known_or_not
def test_a_pinned_addon_is_fine(judged: Judged, known: bool) -> None:
    program = Program()
    inputs = {"clusterName": "main", "addonName": "coredns", "addonVersion": "v1.12.4-eksbuild.1"}
    program.add(ADDON, "dns", inputs)

    assert judged(program, known=known) == []


def test_a_version_that_is_only_known_later_is_undecided(judged: Judged) -> None:
    program = Program()
    version = Out("v1.12.4-eksbuild.1", ("urn:pulumi:dev::net::aws:eks/cluster:Cluster::main",))
    program.add(
        ADDON, "dns", {"clusterName": "main", "addonName": "coredns", "addonVersion": version}
    )

    (found,) = judged(program)

    assert "Cannot be decided: whether the version of dns is pinned" in found.message
    assert "the value of addonVersion of dns" in found.message
