"""What the stacks with Kubernetes look like before they exist."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.stacks.conftest import PROGRAM, ROOT, Preview, preview

ZONES = ("use1-az1", "use1-az2", "use1-az4")


def config_of(stack: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    return deepcopy(config)


@pytest.mark.parametrize("stack", ["eks", "eks-prod"])
def test_nodes_of_three_zones_reach_images_by_endpoints_and_nothing_is_wrong(stack: str) -> None:
    answer = preview("--stack", stack)

    assert answer.status == 0, answer.err
    assert answer.lanes() == {
        (f"network-nodes-{zone}", service): lane
        for zone in ZONES
        for service, lane in {
            "ecr.api": "interface-endpoint",
            "ecr.dkr": "interface-endpoint",
            "ecr.layers": "gateway-endpoint",
            "s3": "gateway-endpoint",
        }.items()
    }
    assert answer.verdicts() == {"proved"}
    assert answer.report["violations"] == []


#: What is changed in a stack, and what the sentence must name: the field, the value, what is right.
CASES: dict[str, tuple[str, list[str], Any, list[str]]] = {
    "a version that EKS does not offer": (
        "eks",
        ["cluster", "kubernetes_version"],
        "1.27",
        ["kubernetes_version is '1.27'", "'1.36'", "as of"],
    ),
    "a version past its standard support": (
        "eks",
        ["cluster", "kubernetes_version"],
        "1.32",
        ["kubernetes_version is '1.32'", "EXTENDED"],
    ),
    "an add-on's version that does not fit": (
        "eks-prod",
        ["addons", "coredns", "version"],
        "v1.11.4-eksbuild.53",
        ["'v1.11.4-eksbuild.53'", "'1.31' and '1.32'", "v1.14.3-eksbuild.16"],
    ),
    "a range of services that overlaps with the VPC": (
        "eks",
        ["cluster", "service_ipv4_cidr"],
        "10.30.0.0/20",
        ["service_ipv4_cidr is '10.30.0.0/20'", "vpc_cidr_blocks", "'172.20.0.0/16' is free"],
    ),
    "an add-on that Auto Mode brings": (
        "eks",
        ["addons", "ebs"],
        {"addon": "aws-ebs-csi-driver"},
        ["'aws-ebs-csi-driver'", "Auto Mode brings itself"],
    ),
    "an add-on that the cluster brings": (
        "eks-prod",
        ["addons", "cni"],
        {"addon": "vpc-cni"},
        ["privatelane:eks.addons.cni.addon is 'vpc-cni'", "cluster.addon_versions"],
    ),
    "Auto Mode together with settings of the CNI": (
        "eks",
        ["cluster", "vpc_cni"],
        {"prefix_delegation": True},
        ["vpc_cni is given together with auto_mode"],
    ),
    "nobody who could administer the cluster": (
        "eks",
        ["cluster", "access"],
        {},
        ["access gives nobody AmazonEKSClusterAdminPolicy"],
    ),
    "a misspelt setting deep inside": (
        "eks-prod",
        ["node_groups", "shop", "instance_typos"],
        ["m7g.large"],
        ["privatelane:eks.node_groups.shop.instance_typos", "did you mean 'instance_types'"],
    ),
    "a setting that the program makes itself": (
        "eks",
        ["cluster", "subnet_ids"],
        {},
        ["privatelane:eks.cluster.subnet_ids is no setting"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_settings_of_a_cluster_are_refused_with_one_sentence(
    case: str, preview_of: Callable[[dict[str, Any]], Preview]
) -> None:
    stack, path, value, named = CASES[case]
    config = config_of(stack)
    place = config["privatelane:eks"]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value

    answer = preview_of(config)

    assert (answer.status, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert "Traceback" not in answer.err
    for text in named:
        assert text in answer.err


def test_beside_a_cluster_of_pulumi_eks_all_that_is_not_hidden_in_it_is_proved() -> None:
    answer = preview("--program", "examples/with-pulumi-eks")

    assert answer.status == 0
    assert answer.verdicts() == {"proved"}
    assert len(answer.lanes()) == 12
    assert answer.report["counts"]["resources"] == 37
    found = {one["policy"]: one["message"] for one in answer.report["violations"]}
    assert found.keys() == {"eks-nodes-that-cannot-start", "vpc-without-flow-logs"}
    # The provider of pulumi-eks makes the cluster, and its security group, where nobody sees it.
    assert "Missing is the cluster security group" in found["eks-nodes-that-cannot-start"]
    assert "eks:index:Cluster 'orders' is a remote component" in answer.err


def test_a_zone_that_eks_refuses_is_named_with_those_to_take(
    preview_of: Callable[[dict[str, Any]], Preview],
) -> None:
    config = config_of("eks")
    config["privatelane:network"] |= {
        "zones": ["use1-az1", "use1-az2", "use1-az3"],
        "eks_zones_only": False,
    }

    answer = preview_of(config)

    assert answer.status == 2
    assert "'use1-az3', where EKS has no control plane" in answer.err
    assert "zones: use1-az1, use1-az2" in answer.err


def test_missing_endpoints_are_named_when_the_network_has_no_way_out(tmp_path: Path) -> None:
    for file in (*PROGRAM, "Pulumi.eks.yaml"):
        shutil.copy(ROOT / file, tmp_path)
    main = tmp_path / "__main__.py"
    needs = '"needs": settings.needs'
    assert needs in main.read_text()
    main.write_text(main.read_text().replace(needs, '"needs": {"nodes": ["eks-node"]}'))

    answer = preview("--stack", "eks", program=tmp_path)

    assert (answer.status, answer.out) == (2, "")
    assert "group 'nodes' has no endpoint for eks, eks-auth, ssm (need 'eks-auto')" in answer.err


#: Prints the reasons of the endpoints that a stack would have, by service.
REASONS = """
import json, sys
from pathlib import Path
from lane.embedded import run
from lane.program import load_project
found = run(load_project(Path(sys.argv[1]), sys.argv[2]))
json.dump(found.exports["endpoints"], sys.stdout)
"""


@pytest.mark.parametrize(
    ("stack", "combination", "of_addons"),
    [
        ("eks", "Auto Mode", {"elasticfilesystem"}),
        ("eks-prod", "Bottlerocket", {"logs", "monitoring", "xray"}),
    ],
)
def test_the_endpoints_of_a_stack_are_those_of_the_table_and_of_its_add_ons(
    stack: str, combination: str, of_addons: set[str]
) -> None:
    table = json.loads((ROOT / "tests/components/eks/endpoints.json").read_text())
    golden: dict[str, str] = table["combinations"][combination]

    done = subprocess.run(
        [sys.executable, "-c", REASONS, str(ROOT), stack],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    reasons: dict[str, str] = json.loads(done.stdout)
    assert reasons.keys() == {*golden, *of_addons}
    for service, reason in golden.items():
        assert reason in reasons[service]
