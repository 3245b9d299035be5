"""What an instance type's name says, held to what EC2 says of every type it has."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import botocore
import moto
import pytest

from privatelane._invalid import InvalidInput
from privatelane.nodes._instance_types import (
    ARM64,
    NEURON,
    NVIDIA,
    X86_64,
    accelerator,
    architecture,
    check_instance_types,
)


def recorded() -> dict[str, dict[str, Any]]:
    """EC2's `DescribeInstanceTypes` in us-east-1 and elsewhere, as moto has recorded it."""
    path = Path(moto.__file__).parent / "ec2/resources/instance_types.json.gz"
    types: dict[str, dict[str, Any]] = json.loads(gzip.decompress(path.read_bytes()))
    return {name: one for name, one in types.items() if not name.startswith("mac")}


def test_the_processor_is_what_ec2_says_of_each_type() -> None:
    types = recorded()
    assert len(types) > 1000
    assert {name: architecture(name) for name in types} == {
        name: ARM64 if ARM64 in one["ProcessorInfo"]["SupportedArchitectures"] else X86_64
        for name, one in types.items()
    }


def test_the_accelerator_is_what_ec2_says_of_each_type() -> None:
    expected: dict[str, str | None] = {}
    for name, one in recorded().items():
        makers = {gpu["Manufacturer"] for gpu in one.get("GpuInfo", {}).get("Gpus", [])}
        expected[name] = NVIDIA if makers == {"NVIDIA"} else NEURON if "NeuronInfo" in one else None
    # EC2 tells of no accelerator of the newest Trainium.
    expected |= dict.fromkeys((name for name in expected if name.startswith("trn2u")), NEURON)
    assert {name: accelerator(name) for name in expected} == expected


def test_every_type_of_the_api_has_a_name_that_is_understood() -> None:
    path = Path(botocore.__file__).parent / "data/ec2/2016-11-15/service-2.json.gz"
    shapes = json.loads(gzip.decompress(path.read_bytes()))["shapes"]
    for name in shapes["InstanceType"]["enum"]:
        if not name.startswith("mac"):
            assert check_instance_types("instance_types", [name]) == (name,)
    assert architecture("p6e-gb200.36xlarge") == ARM64
    assert architecture("u7i-12tb.224xlarge") == X86_64
    assert accelerator("g4ad.xlarge") is None


def test_types_of_one_processor_are_taken_in_their_order() -> None:
    types = ["m7i.large", "m7a.large", "c7i-flex.large"]
    assert check_instance_types("instance_types", types) == tuple(types)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "instance_types has 0 types, it must have 1 to 20"),
        (["m7i.large"] * 21, "instance_types has 21 types, it must have 1 to 20"),
        (
            ["m7g"],
            "instance_types holds 'm7g', it must be an instance type such as 'm7g.large'",
        ),
        (
            ["M7G.large"],
            "instance_types holds 'M7G.large', it must be an instance type such as 'm7g.large'",
        ),
        (
            ["m7g.large", "m7g.large"],
            "instance_types holds 'm7g.large' twice, it must hold each type once",
        ),
        (["mac2.metal"], "instance_types holds 'mac2.metal', EKS runs no nodes on Mac instances"),
        (
            ["m7g.large", "m7i.large", "c7g.large"],
            (
                "instance_types mixes 'm7i.large' (x86_64) and 'm7g.large' (arm64), no AMI runs on"
                " both; make a group of each"
            ),
        ),
        (
            ["m7i.large", "g6.xlarge"],
            (
                "instance_types mixes accelerators, 'g6.xlarge (NVIDIA)' and 'm7i.large (none)';"
                " make a group of each"
            ),
        ),
        ("m7g.large", "instance_types is 'm7g.large', it must be a plain list"),
        ([7], "instance_types is 7, it must be plain text"),
    ],
)
def test_types_that_no_group_can_run_are_refused(given: object, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_instance_types("instance_types", given)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("question", [architecture, accelerator])
def test_what_is_no_type_has_no_hardware(question: Any) -> None:
    with pytest.raises(ValueError, match="is no instance type"):
        question("large")
