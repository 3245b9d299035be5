"""The same network has the same lanes previewed, exported and read from AWS."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from lane.drift import compared
from lane.sources.aws import read_aws
from lane.sources.describe import network_of
from privatelane_paths import judge
from privatelane_paths.sources import graph
from privatelane_paths.sources.export import read_export
from tests.lane.verify.twin import REGION, Account, deploy, random_program
from tests.programs import Program

if TYPE_CHECKING:
    from privatelane_paths.facts import Network


def lanes(network: Network, ids: dict[str, str]) -> dict[tuple[str, str], str]:
    return {
        (ids.get(one.subnet, one.subnet), one.service): one.kind.value for one in judge(network)
    }


@pytest.mark.parametrize("seed", [0, 3, 6, 8, 14, 21, 25, 28])
def test_lanes_do_not_depend_on_where_the_facts_come_from(account: Account, seed: int) -> None:
    program = Program(region=REGION)
    random_program(Random(seed), program)  # noqa: S311 -- dice
    reading = read_export(deploy(program, account))
    ids = {one.urn: one.id for one in reading.resources if one.id}
    settings = reading.settings
    network = network_of(read_aws([REGION], session=account.session))

    live = lanes(network, {})

    previewed = lanes(graph.network_of(program.resources(known=False), settings), ids)
    exported = lanes(graph.network_of(reading.resources, settings), ids)
    assert previewed
    assert exported == previewed
    assert {key: live[key] for key in exported} == exported
    assert "unknown" not in live.values()
    found = compared(reading, network, judge(network))
    assert found.differences == ()
    assert found.notes == ()
