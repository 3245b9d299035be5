from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from privatelane_rules._rule import Level
from tests.rules.networks import Net

if TYPE_CHECKING:
    from tests.rules.analyzer import Analyzer, Diagnostic

FLAGSHIP = "nat-path-to-ecr-or-s3"
TODAY = datetime.now(tz=timezone.utc).date()


def judge(pack: Analyzer, net: Net, *exemptions: dict[str, Any], **more: Any) -> list[Diagnostic]:
    pack.configure({FLAGSHIP: {"exemptions": list(exemptions), **more}})
    return pack.judge(net.program)


def urns(found: list[Diagnostic], policy: str = FLAGSHIP) -> list[str]:
    return [one.urn for one in found if one.policy == policy]


@pytest.mark.parametrize(
    "globs",
    [
        {"subnet": "private-a"},
        {"subnet": "*::private-a"},
        {"resource": "urn:pulumi:dev::net::*Subnet::private-a"},
        {"subnet": "private-?", "resource": "*-a"},
    ],
)
def test_an_exemption_covers_what_all_of_its_globs_match(
    pack: Analyzer, globs: dict[str, str]
) -> None:
    net = Net()

    found = judge(pack, net, {**globs, "reason": "moves next quarter"})

    assert urns(found) == [net.private["b"].urn]


def test_an_exemption_of_one_service_leaves_the_others(pack: Analyzer, tmp_path: Path) -> None:
    net = Net(zones=("a",))
    path = tmp_path / "report.json"

    found = judge(pack, net, {"service": "ecr.*", "reason": "why"}, reports={"json": str(path)})

    (rest,) = [one for one in found if one.policy == FLAGSHIP]
    assert "private-a reaches s3 through a NAT" in rest.message
    assert "ecr" not in rest.message.partition("\n")[2]
    (covered,) = json.loads(path.read_text())["exempted"]
    assert "private-a reaches ecr.api, ecr.dkr, ecr.layers through a NAT" in covered["message"]
    assert urns(judge(pack, net, {"service": "*", "reason": "why"})) == []


def test_two_exemptions_can_cover_one_finding_together(pack: Analyzer) -> None:
    net = Net(zones=("a",))

    assert urns(judge(pack, net, {"service": "ecr.*", "reason": "a"},
                      {"service": "s3", "reason": "b"})) == []  # fmt: skip


def test_a_subnet_is_known_by_its_id_once_it_exists(pack: Analyzer) -> None:
    net = Net()
    pack.configure({FLAGSHIP: {"exemptions": [
        {"subnet": net.private["a"].id.value, "reason": "why"}]}})  # fmt: skip

    assert urns(pack.judge(net.program, known=True)) == [net.private["b"].urn]
    assert len(urns(pack.judge(net.program, known=False))) == 2


def test_without_a_policy_it_covers_paths_only(pack: Analyzer) -> None:
    net = Net(zones=("a",))
    everything = {"resource": "*", "reason": "why"}

    found = judge(pack, net, everything)
    assert {one.policy for one in found} == {"vpc-without-flow-logs"}

    found = judge(pack, net, {**everything, "policy": "*"})
    assert found == []


def test_an_exemption_holds_through_its_last_day(pack: Analyzer) -> None:
    net = Net(zones=("a",))
    exemption = {"subnet": "*", "reason": "why", "expires": TODAY.isoformat()}

    found = judge(pack, net, exemption)

    assert urns(found) == urns(found, "expired-exemption") == []


def test_an_expired_one_covers_nothing_and_is_a_finding_itself(pack: Analyzer) -> None:
    net = Net(zones=("a",))
    day = (TODAY - timedelta(days=1)).isoformat()

    found = judge(
        pack, net, {"subnet": "*", "reason": "a trial", "owner": "team-net", "expires": day}
    )

    assert urns(found) == [net.private["a"].urn]
    (expired,) = [one for one in found if one.policy == "expired-exemption"]
    assert expired.level is Level.ADVISORY
    assert f"expired on {day}" in expired.message
    assert "Its reason was: a trial. Its owner is team-net." in expired.message


def test_used_and_unused_ones_are_listed_in_the_report(pack: Analyzer, tmp_path: Path) -> None:
    net = Net(zones=("a",))
    path = tmp_path / "report.json"

    judge(
        pack,
        net,
        {"subnet": "private-a", "reason": "a trial", "owner": "net", "expires": "2999-12-31"},
        {"subnet": "gone", "reason": "was needed once"},
        reports={"json": str(path)},
    )

    report = json.loads(path.read_text())
    assert [
        (one["policy"], one["key"], one["reason"], one["owner"], one["expires"])
        for one in report["exempted"]
    ] == [(FLAGSHIP, net.private["a"].urn, "a trial", "net", "2999-12-31")]
    assert report["unusedExemptions"] == ["subnet gone from *-path-to-ecr-or-s3: was needed once"]
    assert FLAGSHIP not in {one["policy"] for one in report["violations"]}
