"""`lane preview` as a script sees it: bytes on standard output, sentences, exit status."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lane.running import ROOT, pack, preview, program, run_lane

Write = Callable[..., Path]
TINY = ("--policy-pack", str(pack("tiny")))


def text(name: str) -> str:
    """`lane preview` of a program for people."""
    return run_lane("preview", "--program", str(program(name)), *TINY).out


def test_the_object_has_the_promised_shape() -> None:
    report = preview("network").report
    assert list(report) == ["schema", "source", "stack", "subnets", "lanes", "violations", "counts"]
    assert (report["schema"], report["source"], report["stack"]) == (
        "privatelane/1",
        "preview",
        "dev",
    )
    vpc = "urn:pulumi:dev::network::aws:ec2/vpc:Vpc::main"
    subnets = [
        f"urn:pulumi:dev::network::test:index:Pair$aws:ec2/subnet:Subnet::app-{zone}"
        for zone in "ab"
    ]
    assert report["subnets"] == [
        {"key": subnets[0], "name": "app-a", "vpc": vpc, "zone": None, "cidrs": ["10.0.0.0/24"]},
        {"key": subnets[1], "name": "app-b", "vpc": vpc, "zone": None, "cidrs": ["10.0.1.0/24"]},
    ]
    services = ["ecr.api", "ecr.dkr", "ecr.layers", "s3"]
    assert [(lane["subnet"], lane["service"]) for lane in report["lanes"]] == [
        (subnet, service) for subnet in subnets for service in services
    ]
    for lane in report["lanes"]:
        assert list(lane) == ["subnet", "service", "lane", "verdict", "hops", "reason"]
        assert all(list(hop) == ["key", "kind", "text"] for hop in lane["hops"])
    for violation in report["violations"]:
        assert list(violation) == ["policy", "level", "key", "message"]
    verdicts = [lane["verdict"] for lane in report["lanes"]]
    assert report["counts"] == {
        "resources": 9,
        **{verdict: verdicts.count(verdict) for verdict in ("proved", "refuted", "unknown")},
    }


def test_two_runs_print_the_same_bytes() -> None:
    first = preview("asks")
    again = run_lane(
        "preview", "--format", "json", "--program", str(program("asks")), *TINY, PYTHONHASHSEED="7"
    )
    assert first.out == again.out
    assert first.status == again.status == 0


@pytest.mark.parametrize("name", ["network", "asks", "remote", "encrypted", "transforms", "reads"])
def test_importing_sdks_piece_by_piece_changes_nothing(name: str) -> None:
    assert preview(name, "--whole-sdks") == preview(name)


def test_standard_output_holds_the_object_alone_whatever_prints() -> None:
    done = preview("prints")
    assert done.report["counts"]["resources"] == 1
    assert done.err.splitlines() == ["printed", "written", "by a child", "info: logged", "at exit"]


def test_something_mandatory_is_status_1_and_something_advisory_0() -> None:
    assert preview("prints").status == 1
    assert preview("network").status == 0
    assert {one["level"] for one in preview("network").report["violations"]} == {"advisory"}


@pytest.mark.parametrize("how", ["run-error", "exception", "in-apply", "log-error", "duplicate"])
def test_a_program_that_fails_is_status_2_and_nothing_on_standard_output(how: str) -> None:
    done = preview("fails", "--stack", how)
    assert (done.status, done.out) == (2, "")
    assert done.err.splitlines() == [done.last_words]
    assert done.last_words.startswith("lane: ")


def test_debug_shows_where_a_failure_comes_from() -> None:
    done = preview("fails", "--stack", "exception", "--debug")
    assert done.status == 2
    assert "Traceback (most recent call last)" in done.err
    assert "raise ValueError" in done.err
    assert done.last_words == (
        "lane: the program failed at __main__.py, line 17: ValueError: 10.0.0.0/33 is no network"
    )


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("--stack", "nowhere"), "lane: --stack nowhere: "),
        (("--format", "yaml"), "lane: Invalid value for '--format': 'yaml' is not one of 'text', "),
        (("--colour",), "lane: No such option"),
        (("--policy-pack", "tests"), "lane: --policy-pack tests: there is no PulumiPolicy.yaml"),
        (("--policy-pack-config", "no.json"), "lane: --policy-pack-config no.json cannot be read"),
    ],
)
def test_an_impossible_option_is_status_2_and_one_sentence(
    args: tuple[str, ...], sentence: str
) -> None:
    done = preview("network", *args)
    assert (done.status, done.out) == (2, "")
    assert done.last_words.startswith(sentence)
    assert "Traceback" not in done.err


def test_a_misspelt_command_is_told_with_those_there_are() -> None:
    done = run_lane("prov", "export.json")
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "lane: No such command 'prov': there are preview, prove, verify, canary, cost, traffic, "
        "addons.\n"
    )


def test_a_pack_that_fails_is_status_2(project: Write) -> None:
    code = "import pulumi_aws as aws\naws.ec2.Vpc('breaks-stack', cidr_block='10.0.0.0/16')\n"
    folder = str(project(**{"__main__.py": code}))
    done = run_lane("preview", "--program", folder, "--policy-pack", str(pack("breaks")))
    assert (done.status, done.out) == (2, "")
    assert done.last_words.endswith("Exception calling application: no such lane")


def test_what_a_pack_prints_is_passed_on() -> None:
    done = run_lane(
        "preview",
        "--program",
        str(program("plain")),
        "--policy-pack",
        str(pack("breaks")),
        "--format",
        "json",
    )
    assert done.status == 0
    assert done.err == "said in passing\n"


def test_a_pack_is_configured_by_a_file(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"no-forbidden-block": "advisory"}))
    assert preview("plain").status == 1
    assert preview("plain", "--policy-pack-config", str(file)).status == 0


def test_the_program_is_the_one_in_the_current_folder_unless_named() -> None:
    done = run_lane("preview", "--format", "json", *TINY, cwd=program("plain"))
    assert done.out == preview("plain").out


def test_what_hangs_on_a_remote_component_is_unknown_and_never_passed() -> None:
    done = preview("remote")
    report = done.report
    assert report["counts"] == {"resources": 2, "proved": 0, "refuted": 0, "unknown": 4}
    assert "note: awsx:ec2:Vpc 'hidden' is a remote component" in done.err
    out = text("remote")
    assert "awsx:ec2:Vpc hidden  (remote component: its children are not visible here)" in out
    assert "? unknown" in out


def test_encrypted_values_appear_nowhere() -> None:
    done = preview("encrypted")
    assert done.status == 0
    assert "v1:7Zq0" not in done.out + done.err


def test_the_text_shows_tree_lanes_findings_and_the_sum() -> None:
    out = text("network")
    assert out.startswith("pulumi:pulumi:Stack network-dev\n")
    assert "└── test:index:Pair app\n    ├── aws:ec2:Subnet app-a\n" in out
    assert "\nadvisory vpc-subnets: main\n  How many subnets a VPC has.\n" in out
    counts = preview("network").report["counts"]
    assert out.splitlines()[-1] == (
        f"dev: 9 resources; lanes: {counts['proved']} proved, {counts['refuted']} refuted, "
        f"{counts['unknown']} unknown; violations: 0 mandatory, 2 advisory: not refused"
    )


def test_colours_are_for_terminals_and_not_for_those_who_refuse_them() -> None:
    assert "\x1b" not in text("plain")
    assert "\x1b[1;31mmandatory" in on_terminal()
    assert "\x1b[1;31m" not in on_terminal(NO_COLOR="1")


def on_terminal(**environment: str) -> str:
    """What `lane preview` writes when its output is a terminal."""
    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-m", "lane", "preview", "--program", str(program("plain")), *TINY],
        cwd=ROOT,
        env={
            **{name: value for name, value in os.environ.items() if name != "NO_COLOR"},
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'policies'}",
            "TERM": "xterm-256color",
            **environment,
        },
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    written = b""
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        while True:
            try:
                piece = terminal.read(4096)
            except OSError:  # how Linux says that nobody holds the other end any more
                break
            if not piece:
                break
            written += piece
    done.wait()
    return written.decode()


def test_the_version_is_printed() -> None:
    done = run_lane("--version")
    assert (done.status, done.out) == (0, "lane 0.1.0\n")


def test_an_empty_command_line_is_answered_with_help() -> None:
    done = run_lane()
    assert (done.status, done.err) == (2, "")
    assert "preview" in done.out


def test_a_command_that_there_is_not_is_refused() -> None:
    done = run_lane("previw")
    assert (done.status, done.out) == (2, "")
    assert done.last_words.startswith("lane: No such command 'previw': there are preview, ")


def test_help_says_what_the_command_does() -> None:
    done = run_lane("preview", "--help")
    assert done.status == 0
    assert "Show which way traffic takes to AWS, before anything is created." in done.out
