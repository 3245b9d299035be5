"""The lanes that `lane` computes and the violations that the real pack reports tell one story."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.lane.running import ROOT, Finished, program, run_lane

LEAKY = ROOT / "examples" / "leaky"
PROGRAMS = {
    "the dev stack": ROOT,
    "the leaky example": LEAKY,
    "a remote component": program("remote"),
    "reads and references": program("reads"),
    "a network without any route": program("network"),
}


@cache
def previewed(folder: Path) -> Finished:
    return run_lane("preview", "--format", "json", "--program", str(folder))


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize(
    ("verdict", "policy"),
    [("refuted", "nat-path-to-ecr-or-s3"), ("unknown", "undecided-path-to-ecr-or-s3")],
)
def test_a_subnet_has_a_lane_of_a_verdict_exactly_when_the_pack_says_so(
    name: str, verdict: str, policy: str
) -> None:
    report = previewed(PROGRAMS[name]).report
    shown = {lane["subnet"] for lane in report["lanes"] if lane["verdict"] == verdict}
    told = {one["key"] for one in report["violations"] if one["policy"] == policy}
    assert told == shown


def test_the_leaky_example_is_refused_for_each_of_its_private_subnets() -> None:
    done = previewed(LEAKY)
    assert done.status == 1
    refused = {
        one["key"].rpartition("::")[2]
        for one in done.report["violations"]
        if one["level"] == "mandatory"
    }
    assert refused == {"private-us-east-1a", "private-us-east-1b"}
    assert done.report["counts"]["refuted"] == 8


def test_the_dev_stack_sends_nothing_through_its_nat() -> None:
    report = previewed(ROOT).report
    assert report["counts"]["refuted"] == report["counts"]["unknown"] == 0
    assert report["counts"]["proved"] == len(report["lanes"]) > 0
