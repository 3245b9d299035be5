"""SARIF, JUnit and Markdown of a preview, a file and an account, by the pack's own renderers."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from tests.lane.running import Finished, pack, program, run_lane
from tests.lane.verify.saved import network, save
from tests.rules.networks import Net

FLAGSHIP = "nat-path-to-ecr-or-s3"


def sarif(done: Finished) -> dict[str, Any]:
    (run,) = json.loads(done.out)["runs"]
    found: dict[str, Any] = run
    return found


def previewed(form: str) -> Finished:
    """A preview that another pack than ours judges."""
    given = ("--program", str(program("network")), "--policy-pack", str(pack("tiny")))
    return run_lane("preview", "--format", form, *given)


def leaking(folder: Path) -> str:
    file = folder / "export.json"
    file.write_text(json.dumps(Net(zones=("a",)).program.export()))
    return str(file)


def test_a_preview_reports_any_packs_policies_in_its_own_words() -> None:
    as_json, done = previewed("json"), previewed("sarif")
    run = sarif(done)

    rules = [one["id"] for one in run["tool"]["driver"]["rules"]]
    assert done.status == as_json.status == 0
    assert len(rules) == len(set(rules)) == 4
    assert all(one["shortDescription"]["text"] for one in run["tool"]["driver"]["rules"])
    assert [(rules[one["ruleIndex"]], one["message"]["text"]) for one in run["results"]] == [
        (one["policy"], one["message"])
        for one in sorted(
            as_json.report["violations"],
            key=lambda one: (one["policy"], one["level"], one["key"], one["message"]),
        )
    ]


def test_a_file_and_an_account_are_judged_by_the_packs_rules(tmp_path: Path) -> None:
    proved = run_lane("prove", leaking(tmp_path), "--format", "sarif")
    folder = save(tmp_path / "saved", network())
    verified = run_lane("verify", "--from", str(folder), "--format", "sarif")

    for done in (proved, verified):
        assert done.status == 1
        run = sarif(done)
        (found,) = (one for one in run["results"] if one["ruleId"] == FLAGSHIP)
        assert found["level"] == "error"
        assert run["tool"]["driver"]["rules"][found["ruleIndex"]]["id"] == FLAGSHIP


def test_a_pipeline_sees_a_failure_where_something_mandatory_is_violated(tmp_path: Path) -> None:
    done = run_lane("prove", leaking(tmp_path), "--format", "junit")
    root = ET.fromstring(done.out)  # noqa: S314 -- our own output
    assert (done.status, root.get("failures")) == (1, "1")
    failed = root.find(f"testsuite[@name='{FLAGSHIP}']/testcase[@name='private-a']/failure")
    assert failed is not None
    assert "through a NAT" in (failed.text or "")


def test_what_an_exemption_covers_is_suppressed_with_its_reason(tmp_path: Path) -> None:
    exemption = {"subnet": "private-*", "reason": "until June", "expires": "2999-01-01"}
    config = tmp_path / "config.json"
    config.write_text(json.dumps({FLAGSHIP: {"exemptions": [exemption]}}))
    done = run_lane(
        "prove", leaking(tmp_path), "--format", "sarif", "--policy-pack-config", str(config)
    )
    (found,) = (one for one in sarif(done)["results"] if one["ruleId"] == FLAGSHIP)
    assert found["suppressions"] == [{"kind": "external", "justification": "until June"}]
    assert done.status == 0


def test_a_pull_request_shows_the_lanes_and_what_they_cost() -> None:
    done = run_lane("preview", "--program", "examples/leaky", "--format", "markdown")
    assert done.status == 1
    assert "❌ nat" in done.out
    assert "#### Cost" in done.out
    assert "0.045 USD a GB" in done.out


@pytest.mark.parametrize("form", ["sarif", "junit", "markdown"])
def test_two_runs_print_the_same_bytes(tmp_path: Path, form: str) -> None:
    file = leaking(tmp_path)
    once, again = (run_lane("prove", file, "--format", form) for _ in range(2))
    assert once == again
