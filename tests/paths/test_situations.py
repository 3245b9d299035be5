"""Every situation of the catalogue, with known ids and as a preview shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from privatelane_paths import judge, pulls
from tests.paths.build import unknown_ids
from tests.paths.situations import ALL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from privatelane_paths.facts import Network
    from tests.paths.situations.situation import Situation


def found(situation: Situation, network: Network) -> dict[str, str]:
    services = sorted({name.split()[-1] for name in situation.known})
    lanes = judge(network, services, situation.options)
    return {f"{lane.subnet} {lane.service}": lane.kind.value for lane in lanes}


def found_pulls(situation: Situation, network: Network) -> dict[str, str]:
    return {
        f"{pull.workload} {pull.subnet} {lane.service}": lane.kind.value
        for pull in pulls(network, situation.options)
        for lane in pull.lanes
    }


def picked(lanes: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    return {name: lanes[name] for name in wanted}


def titles(situation: Situation) -> str:
    return situation.title


@pytest.mark.parametrize("situation", ALL, ids=titles)
def test_known_ids(situation: Situation) -> None:
    network = situation.build.network()

    assert picked(found(situation, network), situation.known) == dict(situation.known)
    assert picked(found_pulls(situation, network), situation.pulls) == dict(situation.pulls)


@pytest.mark.parametrize("situation", ALL, ids=titles)
def test_unknown_ids(situation: Situation) -> None:
    network = unknown_ids(situation.build.network())
    expected = {**situation.known, **situation.unknown}

    assert picked(found(situation, network), expected) == expected
