"""The endpoints of six sorts of cluster, held to a table that was written from AWS's pages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from privatelane import (
    addon_needs,
    cluster_needs,
    fargate_profile_needs,
    karpenter_needs,
    node_group_needs,
)
from privatelane._invalid import InvalidInput
from privatelane._needs import IDENTITIES, NEEDS, reasons, services_needed
from privatelane.eks._addons import ADDONS

GOLDEN = json.loads(Path(__file__).with_name("endpoints.json").read_text())["combinations"]

AL2023 = node_group_needs({"instance_types": ["m7g.large"]})

COMBINATIONS: dict[str, frozenset[str]] = {
    "Auto Mode": cluster_needs({"auto_mode": {}}),
    "managed nodes with Pod Identity": cluster_needs({}) | AL2023,
    "managed nodes with IRSA": cluster_needs({"pod_identity": False, "irsa": True}) | AL2023,
    "Bottlerocket": cluster_needs({})
    | node_group_needs({"instance_types": ["m7g.large"], "ami_type": "BOTTLEROCKET_ARM_64"}),
    "Fargate profile": cluster_needs({"pod_identity": False, "irsa": True})
    | fargate_profile_needs({}),
    "Karpenter": cluster_needs({}) | AL2023 | karpenter_needs({}),
}


def test_the_table_has_each_combination() -> None:
    assert set(GOLDEN) == set(COMBINATIONS)


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_its_endpoints_and_their_reasons_are_those_of_the_table(combination: str) -> None:
    found = reasons({"nodes": COMBINATIONS[combination]})
    # Who has the need stands in brackets behind each reason.
    told = {service: re.sub(r" \([^)]*\)", "", text) for service, text in found.items()}

    assert {one: set(text.split("; ")) for one, text in told.items()} == {
        one: set(text.split("; ")) for one, text in GOLDEN[combination].items()
    }


def test_the_documentation_has_the_same_table() -> None:
    page = (Path(__file__).parents[3] / "docs" / "eks.md").read_text()
    table = page.partition("| Choice | Endpoints |")[2].partition("\n\n")[0]
    rows = dict(re.findall(r"^\| ([^|]+?) \| (`[^|]+`) \|$", table, re.MULTILINE))
    assert {choice: set(cells.replace("`", "").split()) for choice, cells in rows.items()} == {
        choice: set(services) for choice, services in GOLDEN.items()
    }


def test_a_cluster_with_both_ways_to_credentials_needs_both_services() -> None:
    assert services_needed(cluster_needs({"irsa": True})) == {"eks-auth", "sts"}


@pytest.mark.parametrize(
    ("addon", "given", "services"),
    [
        ("coredns", {}, set()),
        ("snapshot-controller", {}, set()),
        ("metrics-server", {}, set()),
        ("aws-ebs-csi-driver", {}, {"ec2", "eks-auth"}),
        ("aws-ebs-csi-driver", {"identity": "irsa"}, {"ec2", "sts"}),
        ("aws-efs-csi-driver", {}, {"elasticfilesystem", "eks-auth"}),
        ("aws-fsx-csi-driver", {}, {"fsx", "eks-auth"}),
        ("aws-mountpoint-s3-csi-driver", {}, {"s3", "eks-auth"}),
        ("amazon-cloudwatch-observability", {}, {"eks-auth", "logs", "monitoring", "xray"}),
        ("external-dns", {}, {"eks-auth", "route53"}),
        # Of use without AWS, until it is told what to use there.
        ("cert-manager", {}, set()),
        ("cert-manager", {"resource_arns": ["arn:zone"]}, {"eks-auth", "route53"}),
        ("adot", {}, set()),
        ("adot", {"resource_arns": ["arn:ws"]}, {"aps-workspaces", "eks-auth", "sts"}),
    ],
)
def test_an_addon_needs_what_its_pods_call(
    addon: str, given: dict[str, Any], services: set[str]
) -> None:
    assert services_needed(addon_needs({"addon": addon, **given})) == services


def test_every_need_of_an_addon_is_one_and_every_identity_has_one() -> None:
    for addon in ADDONS.values():
        assert addon.needs <= NEEDS.keys()
    assert {f"eks-{one}" for one in IDENTITIES} <= NEEDS.keys()


def test_a_misspelt_addon_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidInput, match="did you mean 'aws-ebs-csi-driver'"):
        addon_needs({"addon": "aws-ebs-csi"})
