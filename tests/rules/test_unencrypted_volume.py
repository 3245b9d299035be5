from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from privatelane_rules._rule import Level
from tests.programs import Made, Out, Program

if TYPE_CHECKING:
    from tests.rules.conftest import Judged

VOLUME = "aws:ebs/volume:Volume"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
INSTANCE = "aws:ec2/instance:Instance"
NODES = "aws:eks/nodeGroup:NodeGroup"
NOWHERE = ("urn:pulumi:dev::net::aws:ec2/eip:Eip::office",)
known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])


def mapping(**ebs: object) -> dict[str, Any]:
    return {"blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 8, **ebs}}]}


def add(program: Program, token: str, inputs: dict[str, Any]) -> Made:
    return program.add(token, "it", inputs, identifier="lt-0001" if token == TEMPLATE else None)


@known_or_not
@pytest.mark.parametrize(
    ("token", "inputs", "called"),
    [
        (VOLUME, {"size": 8}, "it"),
        (VOLUME, {"size": 8, "encrypted": False}, "it"),
        (TEMPLATE, mapping(), "the volume at /dev/xvda of it"),
        (TEMPLATE, mapping(encrypted="false"), "the volume at /dev/xvda of it"),
        (INSTANCE, {"rootBlockDevice": {"volumeSize": 8}}, "the root volume of it"),
        (
            INSTANCE,
            {"ebsBlockDevices": [{"deviceName": "/dev/sdf", "encrypted": False}]},
            "the volume at /dev/sdf of it",
        ),
    ],
)
def test_a_volume_that_nothing_encrypts_violates(
    judged: Judged, token: str, inputs: dict[str, Any], called: str, known: bool
) -> None:
    program = Program()
    made = add(program, token, inputs)

    (found,) = judged(program, known=known)

    assert (found.urn, found.level) == (made.urn, Level.ADVISORY)
    assert f"Nothing encrypts {called}." in found.message


@known_or_not
@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        (VOLUME, {"encrypted": True}),
        (TEMPLATE, mapping(encrypted="true")),
        (TEMPLATE, {"blockDeviceMappings": [{"deviceName": "/dev/sdb", "noDevice": "true"}]}),
        (TEMPLATE, {}),
        (INSTANCE, {"rootBlockDevice": {"encrypted": True}}),
    ],
)
def test_encrypted_volumes_are_fine(
    judged: Judged, token: str, inputs: dict[str, Any], known: bool
) -> None:
    program = Program()
    add(program, token, inputs)

    assert judged(program, known=known) == []


@known_or_not
def test_the_account_can_encrypt_everything(judged: Judged, known: bool) -> None:
    program = Program()
    add(program, VOLUME, {"size": 8})
    program.add("aws:ebs/encryptionByDefault:EncryptionByDefault", "all", {})

    assert judged(program, known=known) == []


@pytest.mark.parametrize(
    ("token", "inputs", "missing"),
    [
        (VOLUME, {"encrypted": Out(True, NOWHERE)}, "encrypted of it"),
        (VOLUME, {"snapshotId": "snap-1"}, "whether the snapshot of it is encrypted"),
        (TEMPLATE, mapping(encrypted=Out("true", NOWHERE)), "encrypted of it"),
        (TEMPLATE, {"blockDeviceMappings": Out([], NOWHERE)}, "blockDeviceMappings of it"),
        (INSTANCE, {"rootBlockDevice": Out({}, NOWHERE)}, "rootBlockDevice of it"),
        (NODES, {"subnetIds": []}, "a launch template that maps them"),
    ],
)
def test_what_is_not_known_is_undecided(
    judged: Judged, token: str, inputs: dict[str, Any], missing: str
) -> None:
    program = Program()
    add(program, token, inputs)

    (found,) = judged(program)

    assert "Cannot be decided" in found.message
    assert missing in found.message


@known_or_not
def test_nodes_of_a_template_are_judged_by_its_devices(judged: Judged, known: bool) -> None:
    program = Program()
    made = add(program, TEMPLATE, mapping(encrypted="true"))
    program.add(NODES, "nodes", {"launchTemplate": {"id": made.id, "version": "1"}})
    assert judged(program, known=known) == []

    program = Program()
    made = add(program, TEMPLATE, {})
    nodes = program.add(NODES, "nodes", {"launchTemplate": {"id": made.id, "version": "1"}})
    (found,) = judged(program, known=known)
    assert found.urn == nodes.urn
