from __future__ import annotations

import json
import stat
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from privatelane_rules import RULES
from privatelane_rules._rule import Level
from privatelane_rules.reports import Exempted, Found, Report, as_junit, as_markdown, as_sarif
from privatelane_rules.reports._write import write_atomically
from tests.rules.analyzer import PACK, Analyzer, start
from tests.rules.networks import Net

FLAGSHIP = "nat-path-to-ecr-or-s3"
URN = "urn:pulumi:dev::net::aws:ec2/subnet:Subnet::private-a"
FOUND = Found(FLAGSHIP, "mandatory", URN, "private-a reaches s3 through a NAT:\n  s3: `x` -> <nat>")
NOTE = Found("vpc-without-flow-logs", "advisory", "", "main | has no flow log.")
COVERED = Exempted(Found(FLAGSHIP, "mandatory", URN + "2", "the same"), "a trial", "net", "")


def report(*violations: Found, exempted: tuple[Exempted, ...] = ()) -> Report:
    return Report("preview", "dev", (), (), violations, 3, exempted)


def test_the_pack_writes_what_it_is_configured_to(pack: Analyzer, tmp_path: Path) -> None:
    files = {name: tmp_path / "deep" / f"report.{name}" for name in ("json", "sarif", "junit")}
    files["markdown"] = tmp_path / "report.md"
    pack.configure({FLAGSHIP: {"reports": {name: str(path) for name, path in files.items()}}})
    net = Net(zones=("a",))

    found = pack.judge(net.program)

    written = json.loads(files["json"].read_text())
    assert written["schema"] == "privatelane/1"
    assert [
        (one["subnet"], one["service"], one["lane"], one["verdict"])
        for one in written["lanes"]
        if one["subnet"] == net.private["a"].urn
    ] == [
        (net.private["a"].urn, service, "nat", "refuted")
        for service in ("ecr.api", "ecr.dkr", "ecr.layers", "s3")
    ]
    assert written["counts"] == {"resources": 11, "proved": 4, "refuted": 4, "unknown": 0}
    assert len(written["violations"]) == len(found) == 2
    assert json.loads(files["sarif"].read_text())["version"] == "2.1.0"
    root = ET.parse(files["junit"]).getroot()  # noqa: S314 the pack's own file
    assert root.get("failures") == "1"
    assert "1 mandatory violation, 1 advisory one" in files["markdown"].read_text()
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".")]


def test_two_runs_write_the_same_bytes(pack: Analyzer, tmp_path: Path) -> None:
    net = Net().endpoints()
    written = []
    for name in ("first", "second"):
        pack.configure({FLAGSHIP: {"reports": {"json": str(tmp_path / name)}}})
        pack.judge(net.program)
        written.append((tmp_path / name).read_bytes())
        net.program.entries.reverse()

    assert written[0] == written[1]


def test_the_environment_wins_and_relative_paths_count_from_its_directory(tmp_path: Path) -> None:
    environment = {"PRIVATELANE_DIR": str(tmp_path), "PRIVATELANE_REPORT_JSON": "out/report.json"}
    with start(PACK, environment) as analyzer:
        analyzer.configure({FLAGSHIP: {"reports": {"json": "other.json"}}})
        analyzer.judge(Net().program)

    assert (tmp_path / "out" / "report.json").is_file()
    assert not (tmp_path / "other.json").exists()


def test_a_report_is_written_even_when_the_pack_failed(tmp_path: Path) -> None:
    with start(PACK, {"PRIVATELANE_REPORT_JSON": str(tmp_path / "report.json")}) as analyzer:
        analyzer.configure({FLAGSHIP: {"strict": "yes"}})
        analyzer.judge(Net().program)

    (failed,) = json.loads((tmp_path / "report.json").read_text())["violations"]
    assert failed["policy"] == "failed-proof"


def test_a_report_that_cannot_be_written_is_a_violation(pack: Analyzer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    pack.configure({FLAGSHIP: {"reports": {"json": str(tmp_path / "file" / "report.json")}}})

    found = [one for one in pack.judge(Net().program) if one.policy == "failed-proof"]

    assert [one.level for one in found] == [Level.MANDATORY]
    assert "The json report cannot be written" in found[0].message


def test_sarif_names_the_resource_by_its_urn_and_suppresses_what_is_exempted() -> None:
    (run,) = json.loads(as_sarif(report(FOUND, NOTE, exempted=(COVERED,)), RULES, "1.2.3"))["runs"]

    assert [one["id"] for one in run["tool"]["driver"]["rules"]] == [rule.id for rule in RULES]
    first, second, third = run["results"]
    assert (first["ruleId"], first["ruleIndex"], first["level"]) == (FLAGSHIP, 0, "error")
    (place,) = first["locations"][0]["logicalLocations"]
    assert place == {
        "fullyQualifiedName": URN,
        "name": "private-a",
        "kind": "aws:ec2/subnet:Subnet",
    }
    assert "suppressions" not in first
    assert "logicalLocations" not in second["locations"][0]
    assert second["level"] == "warning"
    assert third["suppressions"] == [{"kind": "external", "justification": "a trial"}]
    prints = {one["partialFingerprints"]["privatelane/1"] for one in run["results"]}
    assert len(prints) == 3


def test_junit_fails_on_mandatory_violations_only() -> None:
    text = as_junit(report(FOUND, NOTE, exempted=(COVERED,)), RULES)
    root = ET.fromstring(text)  # noqa: S314 the pack's own text

    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == (
        str(len(RULES) + 1),
        "1",
        "2",
    )
    failure = root.find(f"testsuite[@name='{FLAGSHIP}']/testcase[@name='private-a']/failure")
    assert failure is not None
    assert failure.text == FOUND.message


def test_junit_holds_what_xml_cannot() -> None:
    odd = Found(FLAGSHIP, "mandatory", "", "a\x00b\x1b]]>\ud800")

    root = ET.fromstring(as_junit(report(odd), RULES))  # noqa: S314 the pack's own text

    assert root.findtext(".//failure") == "a\ufffdb\ufffd]]>\ufffd"


def test_markdown_cannot_be_broken_by_names_and_messages() -> None:
    tricky = Found(FLAGSHIP, "mandatory", URN + "|<b>", "```\n</details>")
    text = as_markdown(report(tricky, NOTE, exempted=(COVERED,)))

    assert "private-a\\|&lt;b&gt;" in text
    assert "````text\n```\n</details>\n````" in text
    assert "1 mandatory violation, 1 advisory one, 1 exempted" in text
    assert "because a trial, net" in text


def test_a_file_is_replaced_whole_or_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report"
    write_atomically(path, "old")
    assert stat.S_IMODE(path.stat().st_mode) & 0o600 == 0o600

    def fail(*_: object) -> None:
        raise OSError("no")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no"):
        write_atomically(path, "new")

    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["report"]
