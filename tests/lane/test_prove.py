"""`lane prove` on files that Pulumi writes: the same verdicts as a preview, whatever the form."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.programs import Out, Program
from tests.rules.networks import SUBNET, VPC, Net

FLAGSHIP = "nat-path-to-ecr-or-s3"


def prove(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lane", "prove", *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


def proved(document: dict[str, Any], *arguments: str) -> tuple[int, Any]:
    """The status and the report on a file."""
    done = prove("-", "--format", "json", *arguments, given=json.dumps(document))
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def lanes(report: Any) -> dict[tuple[str, str], tuple[str, str]]:
    names = {one["key"]: one["name"] for one in report["subnets"]}
    return {
        (names[one["subnet"]], one["service"]): (one["lane"], one["verdict"])
        for one in report["lanes"]
    }


def test_an_export_and_a_preview_of_one_leaking_network_say_the_same() -> None:
    program = Net().program

    exported, previewed = proved(program.export()), proved(program.preview())

    assert exported[0] == previewed[0] == 1
    assert (exported[1]["source"], previewed[1]["source"]) == ("export", "preview")
    assert lanes(exported[1]) == lanes(previewed[1])
    assert {
        name: verdict for name, verdict in lanes(exported[1]).items() if name[0] == "private-a"
    } == {
        ("private-a", service): ("nat", "refuted")
        for service in ("ecr.api", "ecr.dkr", "ecr.layers", "s3")
    }
    found = [one for one in exported[1]["violations"] if one["policy"] == FLAGSHIP]
    assert [one["key"].rpartition("::")[2] for one in found] == ["private-a", "private-b"]
    assert {one["level"] for one in found} == {"mandatory"}
    assert "0.0.0.0/0 -> NAT gateway nat" in found[0]["message"]


def test_an_export_with_every_endpoint_is_not_refused() -> None:
    status, report = proved(Net().endpoints().program.export())

    assert status == 0
    assert report["counts"]["refuted"] == report["counts"]["unknown"] == 0


def test_the_children_of_a_remote_component_are_judged_by_their_urns() -> None:
    """In an export the children of awsx.ec2.Vpc stand beside it, with the component as parent."""
    program = Program()
    component = program.add("awsx:ec2:Vpc", "net", {}, custom=False)
    net = Net(program=program)
    for place, entry in enumerate(program.entries):
        if not entry.parent and entry.made.urn != component.urn:
            object.__setattr__(program.entries[place], "parent", component.urn)

    status, report = proved(program.export())

    assert status == 1
    assert lanes(report)["private-a", "ecr.layers"] == ("nat", "refuted")
    assert len(net.private) == 2


def test_what_hangs_on_a_component_whose_children_are_not_shown_is_unknown_and_told() -> None:
    program = Program()
    component = program.add("acme:net:Vpc", "net", {"size": 3}, custom=False)
    program.add(SUBNET, "app", {"vpcId": Out("vpc-0inner", (component.urn,))})

    done = prove("-", given=json.dumps(program.preview()))

    assert done.returncode == 0
    assert "? unknown" in done.stdout
    assert "not shown, and what hangs on them is unknown: acme:net:Vpc net" in done.stdout


def test_unchanged_resources_that_a_preview_leaves_out_are_missing_and_not_absent() -> None:
    program = Net().program
    document = program.preview()
    document["changeSummary"] = {"same": 4}

    _, report = proved(document)

    assert report["counts"]["proved"] == 0


def test_the_configuration_of_the_pack_holds_here_too(tmp_path: Path) -> None:
    program = Program()
    vpc = program.add(VPC, "net", {"cidrBlock": "10.0.0.0/16"}, external=True)
    program.add(SUBNET, "app", {"vpcId": vpc.id, "cidrBlock": "10.0.1.0/24"})
    strict = tmp_path / "strict.json"
    strict.write_text(json.dumps({FLAGSHIP: {"strict": True}}))
    off = tmp_path / "off.json"
    off.write_text(json.dumps({"all": "disabled"}))

    assert proved(program.export())[0] == 0
    assert proved(program.export(), "--policy-pack-config", str(strict))[0] == 1
    assert proved(Net().program.export(), "--policy-pack-config", str(off))[0] == 0


def test_two_runs_print_the_same_bytes_for_people_and_for_scripts() -> None:
    document = json.dumps(Net().program.export())

    for form in ("text", "json"):
        first, second = (prove("-", "--format", form, given=document).stdout for _ in range(2))
        assert first == second
        assert "private-a" in first


def _export(state: dict[str, Any]) -> str:
    """The export of one VPC whose state says what `state` does."""
    vpc = {"urn": f"urn:pulumi:dev::shop::{VPC}::net", "type": VPC, **state}
    return json.dumps({"version": 3, "deployment": {"resources": [vpc]}})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "not valid JSON"),
        ("[]", "no stack export"),
        ("{}", "no stack export"),
        ('{"deployment": {"resources": 3}}', "deployment.resources"),
        ('{"steps": 3}', "steps"),
        ('{"steps": [{"op": "create"}]}', "the step 'create'"),
        ('{"steps": [{"op": "same", "newState": 7}]}', "the step 'same'"),
        (_export({"inputs": ["vpc-1"]}), "`inputs` of net must be an object, not ['vpc-1']"),
        (_export({"outputs": "vpc-1"}), "`outputs` of net must be an object, not 'vpc-1'"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_one_sentence(text: str, named: str) -> None:
    done = prove("-", "--format", "json", given=text)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert named in done.stderr
    assert done.stderr.startswith("lane: standard input")


def test_a_file_that_is_not_there_is_named() -> None:
    done = prove("no-such-file.json")

    assert done.returncode == 2
    assert "no-such-file.json cannot be read" in done.stderr


def test_an_unknown_policy_or_level_in_the_configuration_is_named(tmp_path: Path) -> None:
    document = json.dumps(Net().program.export())
    for content, named in (({"nat-pat": {}}, "'nat-pat'"), ({FLAGSHIP: "strict"}, "'strict'")):
        file = tmp_path / "config.json"
        file.write_text(json.dumps(content))
        done = prove("-", "--policy-pack-config", str(file), given=document)
        assert done.returncode == 2
        assert named in done.stderr
