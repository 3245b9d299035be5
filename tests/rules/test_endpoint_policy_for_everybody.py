from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from privatelane_rules._rule import Level
from tests.programs import Out
from tests.rules.networks import EVERYBODY, Net

if TYPE_CHECKING:
    from tests.rules.conftest import Judged

known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])


@known_or_not
@pytest.mark.parametrize(
    ("policy", "text"),
    [
        (None, "s3 has no policy of its own"),
        (EVERYBODY, "allows every action on every resource to every principal"),
        (
            EVERYBODY.replace('"Principal": "*"', '"Principal": {"AWS": ["*"]}'),
            "allows every action on every resource to every principal",
        ),
    ],
)
def test_full_access_violates(judged: Judged, policy: str | None, text: str, known: bool) -> None:
    net = Net(zones=("a",))
    endpoint = net.s3(policy=policy)

    (found,) = judged(net, known=known)

    assert (found.urn, found.level) == (endpoint.urn, Level.ADVISORY)
    assert text in found.message


@known_or_not
def test_a_limited_policy_is_fine(judged: Judged, known: bool) -> None:
    assert judged(Net().endpoints(), known=known) == []


def test_a_policy_that_is_not_known_is_undecided(judged: Judged) -> None:
    net = Net(zones=("a",))
    net.s3(policy=Out(EVERYBODY, (net.vpc.urn,)))

    (found,) = judged(net)

    assert "Cannot be decided: whom the policy of s3 allows" in found.message
