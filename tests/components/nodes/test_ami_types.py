"""AMI types, compared with those of the EKS API, and which of them fit which instances."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import botocore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privatelane._invalid import InvalidInput
from privatelane.nodes._ami_types import (
    AMI_TYPES,
    REFUSED,
    ami_parameter,
    check_release,
    choose_ami_type,
)
from privatelane.nodes._instance_types import accelerator, architecture

ONE_OF_EACH = ("m7i.large", "m7g.large", "g6.xlarge", "g5g.xlarge", "p5.48xlarge", "trn2.48xlarge")


def api() -> list[str]:
    path = Path(botocore.__file__).parent / "data/eks/2017-11-01/service-2.json.gz"
    names: list[str] = json.loads(gzip.decompress(path.read_bytes()))["shapes"]["AMITypes"]["enum"]
    return names


def sentence(check: object, *args: object) -> str:
    assert callable(check)
    with pytest.raises(InvalidInput) as caught:
        check(*args)
    return str(caught.value)


def test_every_ami_type_of_the_api_is_offered_or_refused_with_a_reason() -> None:
    refused = {name for name in api() if name.startswith(tuple(REFUSED))}
    assert AMI_TYPES.keys() | refused == set(api())
    assert not AMI_TYPES.keys() & refused


@pytest.mark.parametrize("name", AMI_TYPES)
def test_an_ami_type_says_in_its_name_what_it_is(name: str) -> None:
    one = AMI_TYPES[name]
    assert one.name == name
    assert one.bottlerocket == name.startswith("BOTTLEROCKET")
    assert (one.architecture == "arm64") == ("ARM_64" in name)
    assert (one.accelerator or "none").upper() in {*name.split("_"), "NONE"}
    assert (one.accelerator is None) == (not {"NVIDIA", "NEURON"} & {*name.split("_")})
    assert one.fips == name.endswith("FIPS")


@pytest.mark.parametrize(
    ("instance_type", "expected"),
    [
        ("m7i.large", "AL2023_x86_64_STANDARD"),
        ("m7g.large", "AL2023_ARM_64_STANDARD"),
        ("g6.xlarge", "AL2023_x86_64_NVIDIA"),
        ("g5g.xlarge", "AL2023_ARM_64_NVIDIA"),
        ("g4ad.xlarge", "AL2023_x86_64_STANDARD"),
        ("inf2.xlarge", "AL2023_x86_64_NEURON"),
    ],
)
def test_the_default_is_amazon_linux_with_the_drivers_of_the_type(
    instance_type: str, expected: str
) -> None:
    assert choose_ami_type(None, [instance_type]).name == expected


@given(name=st.sampled_from(sorted(AMI_TYPES)), instance_type=st.sampled_from(ONE_OF_EACH))
def test_an_ami_is_taken_exactly_when_processor_and_drivers_fit(
    name: str, instance_type: str
) -> None:
    ami = AMI_TYPES[name]
    fits = ami.architecture == architecture(instance_type) and ami.accelerator in {
        None,
        accelerator(instance_type),
    }
    try:
        taken = choose_ami_type(name, [instance_type]) == ami
    except InvalidInput:
        taken = False
    assert taken == fits


@pytest.mark.parametrize(
    ("name", "types", "expected"),
    [
        (
            "AL2023_x86_64_STANDARD",
            ["m7g.large"],
            (
                "ami_type is 'AL2023_x86_64_STANDARD', but instance_types holds 'm7g.large', which"
                " has an arm64 processor; it must be 'AL2023_ARM_64_STANDARD'"
            ),
        ),
        (
            "BOTTLEROCKET_ARM_64_FIPS",
            ["m7i.large"],
            (
                "ami_type is 'BOTTLEROCKET_ARM_64_FIPS', but instance_types holds 'm7i.large',"
                " which has an x86_64 processor; it must be 'BOTTLEROCKET_x86_64_FIPS'"
            ),
        ),
        (
            "AL2023_x86_64_NEURON",
            ["m7g.large"],
            (
                "ami_type is 'AL2023_x86_64_NEURON', but instance_types holds 'm7g.large', which"
                " has an arm64 processor; give types of arm64"
            ),
        ),
        (
            "AL2023_x86_64_NVIDIA",
            ["m7i.large"],
            (
                "ami_type is 'AL2023_x86_64_NVIDIA' with the drivers of NVIDIA, but instance_types"
                " holds 'm7i.large', which has no such accelerator"
            ),
        ),
        (
            "AL2_x86_64",
            ["m7i.large"],
            (
                "ami_type is 'AL2_x86_64'; AWS has published no AMI of Amazon Linux 2 for EKS since"
                " 2025-11-26"
            ),
        ),
        (
            "WINDOWS_CORE_2022_x86_64",
            ["m7i.large"],
            (
                "ami_type is 'WINDOWS_CORE_2022_x86_64'; Windows nodes fetch base layers from"
                " Microsoft, which no VPC endpoint serves"
            ),
        ),
        (
            "CUSTOM",
            ["m7i.large"],
            (
                "ami_type is 'CUSTOM'; EKS sets it by itself for an AMI of one's own; give ami_id,"
                " and with ami_type the AMI that it was made from"
            ),
        ),
    ],
)
def test_an_ami_that_would_not_start_is_refused(name: str, types: list[str], expected: str) -> None:
    assert sentence(choose_ami_type, name, types) == expected


def test_an_unknown_ami_type_is_refused_with_the_nearest_one() -> None:
    told = sentence(choose_ami_type, "AL2023_X86_64_STANDART", ["m7i.large"])
    assert told.startswith("ami_type is 'AL2023_X86_64_STANDART', it must be one of ")
    assert told.endswith("; did you mean 'AL2023_x86_64_STANDARD'?")


@pytest.mark.parametrize(
    ("ami", "release", "expected"),
    [
        (
            "AL2023_ARM_64_STANDARD",
            "1.50.0-0f4ae2a3",
            (
                "release_version is '1.50.0-0f4ae2a3', for AL2023_ARM_64_STANDARD it must be a"
                " Kubernetes version and a day such as '1.34.1-20251112'"
            ),
        ),
        (
            "BOTTLEROCKET_ARM_64",
            "1.34.1-20251112x",
            (
                "release_version is '1.34.1-20251112x', for BOTTLEROCKET_ARM_64 it must be a"
                " version and commit of Bottlerocket such as '1.50.0-0f4ae2a3'"
            ),
        ),
        (
            "AL2023_ARM_64_STANDARD",
            "1.33.5-20251112",
            (
                "release_version is '1.33.5-20251112', which is of Kubernetes 1.33, but"
                " kubernetes_version is '1.34'"
            ),
        ),
    ],
)
def test_a_release_of_another_system_or_version_is_refused(
    ami: str, release: str, expected: str
) -> None:
    assert sentence(check_release, AMI_TYPES[ami], release, "1.34") == expected


@pytest.mark.parametrize(
    ("ami", "release", "expected"),
    [
        (
            "AL2023_ARM_64_STANDARD",
            "1.34.1-20251112",
            (
                "/aws/service/eks/optimized-ami/1.34/amazon-linux-2023/arm64/standard"
                "/amazon-eks-node-al2023-arm64-standard-1.34-v20251112/image_id"
            ),
        ),
        (
            "AL2023_x86_64_NVIDIA",
            "1.34.1-20251112",
            (
                "/aws/service/eks/optimized-ami/1.34/amazon-linux-2023/x86_64/nvidia"
                "/amazon-eks-node-al2023-x86_64-nvidia-1.34-v20251112/image_id"
            ),
        ),
        (
            "BOTTLEROCKET_x86_64",
            "1.50.0-0f4ae2a3",
            "/aws/service/bottlerocket/aws-k8s-1.34/x86_64/1.50.0-0f4ae2a3/image_id",
        ),
        (
            "BOTTLEROCKET_ARM_64_NVIDIA_FIPS",
            "1.50.0-0f4ae2a3",
            "/aws/service/bottlerocket/aws-k8s-1.34-nvidia-fips/arm64/1.50.0-0f4ae2a3/image_id",
        ),
    ],
)
def test_a_release_is_found_under_a_parameter_of_its_own(
    ami: str, release: str, expected: str
) -> None:
    assert check_release(AMI_TYPES[ami], release, "1.34") == release
    assert ami_parameter(AMI_TYPES[ami], release, "1.34") == expected


def test_no_two_amis_have_one_parameter() -> None:
    names = [
        ami_parameter(ami, "1.50.0-0f4ae2a3" if ami.bottlerocket else "1.34.1-20251112", "1.34")
        for ami in AMI_TYPES.values()
    ]
    assert len(set(names)) == len(AMI_TYPES)
