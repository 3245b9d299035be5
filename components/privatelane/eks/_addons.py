"""The EKS add-ons that components know: where they run, who they are, what they may and need.

Source of names, service accounts and policies: "AWS add-ons" and "Community add-ons" in the EKS
user guide, a copy of autumn 2026, the user guide's page of each driver, and the IAM pages of
Mountpoint for S3, external-dns and cert-manager.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from privatelane._invalid import InvalidInput, choice, items


@dataclass(frozen=True, slots=True)
class Grant:
    """What the pods of an add-on may do with the resources that its user names."""

    sid: str
    actions: tuple[str, ...]
    suffix: str = ""
    """What follows the ARN of each resource."""


@dataclass(frozen=True, slots=True)
class Addon:
    """An add-on of EKS."""

    name: str
    namespace: str = "kube-system"
    accounts: tuple[str, ...] = ()
    """Service accounts of its pods that call AWS."""
    managed: tuple[str, ...] = ()
    """AWS managed policies that they need, as their ARNs end."""
    everywhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Actions that know no resource, or none that is known beforehand, by Sid."""
    grants: tuple[Grant, ...] = ()
    """What it may do with the resources that its user names."""
    resources: str | None = None
    """What these resources are; None where there are none."""
    optional: bool = False
    """Whether it is of use without any of them, and then calls AWS for nothing."""
    keys: str | None = None
    """Whose KMS keys it uses, `volumes` or `objects`; None where it uses none."""
    needs: frozenset[str] = frozenset()
    """Needs beside those of the nodes it runs on and of its pods' credentials."""
    before_nodes: bool = False
    """Whether nodes become ready only with it."""
    built_in: bool = False
    """Whether Auto Mode brings it."""

    def calls_aws(self, args: Mapping[str, Any]) -> bool:
        """Return whether its pods call AWS, with these settings (`ClusterAddonArgs`)."""
        if not self.accounts:
            return False
        given = ("policy_arns", "resource_arns", "role_arn")
        return not self.optional or any(args.get(key) for key in given)

    def check(self, args: Mapping[str, Any]) -> None:
        """Accept settings that are of use to this add-on.

        Raises:
            InvalidInput: one is of none, or the resources that it must have are missing.

        """
        for key in ("kms_key_arns", "policy_arns", "role_arn"):
            if args.get(key) and not self.accounts:
                raise InvalidInput(f"{key} is given, but {self.name!r} never calls AWS")
        if args.get("kms_key_arns") and self.keys is None:
            raise InvalidInput(f"kms_key_arns is given, but {self.name!r} uses no keys of yours")
        named = items("resource_arns", args.get("resource_arns", ()))
        if named and self.resources is None:
            raise InvalidInput(f"resource_arns is given, but {self.name!r} has no use for it")
        if self.resources and not named and not self.optional and not args.get("role_arn"):
            raise InvalidInput(
                f"resource_arns is missing, {self.name!r} must be told {self.resources}, or be"
                " given a role_arn"
            )

    def statements(
        self,
        resource_arns: Sequence[Any],
        kms_key_arns: Sequence[Any],
        joined: Callable[[Any, str], Any],
    ) -> list[dict[str, Any]]:
        """Return what its own policy says, beside the managed ones.

        ARNs may be Outputs; `joined` puts the end to one.
        """
        found: list[dict[str, Any]] = [
            {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": "*"}
            for sid, actions in self.everywhere.items()
        ]
        if resource_arns:
            found += [
                {
                    "Sid": grant.sid,
                    "Effect": "Allow",
                    "Action": list(grant.actions),
                    "Resource": [joined(arn, grant.suffix) for arn in resource_arns],
                }
                for grant in self.grants
            ]
        if kms_key_arns:
            found += _key_statements(self.keys == "volumes", list(kms_key_arns))
        return found


def _key_statements(volumes: bool, keys: list[Any]) -> list[dict[str, Any]]:
    use = ["kms:Decrypt", "kms:GenerateDataKey*"]
    if volumes:
        use += ["kms:DescribeKey", "kms:Encrypt", "kms:ReEncrypt*"]
    statements: list[dict[str, Any]] = [
        {"Sid": "UseKeys", "Effect": "Allow", "Action": sorted(use), "Resource": keys}
    ]
    if volumes:
        # EC2 uses the key for the volume, by a grant that the driver makes for it.
        statements.append(
            {
                "Sid": "GrantKeysToVolumes",
                "Effect": "Allow",
                "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
                "Resource": keys,
                "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
            }
        )
    return statements


_RECORDS = ("route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets")

_ADDONS = (
    # What nodes need to become ready.
    Addon(
        "vpc-cni",
        accounts=("aws-node",),
        managed=("AmazonEKS_CNI_Policy",),
        before_nodes=True,
        built_in=True,
    ),
    Addon("kube-proxy", before_nodes=True, built_in=True),
    Addon("eks-pod-identity-agent", before_nodes=True, built_in=True),
    # What needs nodes.
    Addon("coredns", built_in=True),
    Addon(
        "aws-ebs-csi-driver",
        accounts=("ebs-csi-controller-sa",),
        managed=("AmazonEBSCSIDriverPolicyV2",),
        keys="volumes",
        needs=frozenset({"ebs-csi"}),
        built_in=True,
    ),
    Addon(
        "aws-efs-csi-driver",
        accounts=("efs-csi-controller-sa",),
        managed=("service-role/AmazonEFSCSIDriverPolicy",),
        needs=frozenset({"efs-csi"}),
    ),
    Addon(
        "aws-fsx-csi-driver",
        accounts=("fsx-csi-controller-sa",),
        everywhere={
            "ManageFileSystems": (
                "fsx:CreateFileSystem",
                "fsx:DeleteFileSystem",
                "fsx:DescribeFileSystems",
                "fsx:TagResource",
                "fsx:UpdateFileSystem",
            )
        },
        needs=frozenset({"fsx-csi"}),
    ),
    Addon(
        "aws-mountpoint-s3-csi-driver",
        accounts=("s3-csi-driver-sa",),
        grants=(
            Grant("ListBuckets", ("s3:ListBucket",)),
            Grant(
                "UseObjects",
                ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"),
                "/*",
            ),
        ),
        resources="the ARNs of the buckets to mount",
        keys="objects",
        needs=frozenset({"s3"}),
    ),
    Addon("snapshot-controller"),
    Addon(
        "amazon-cloudwatch-observability",
        namespace="amazon-cloudwatch",
        accounts=("cloudwatch-agent",),
        managed=("AWSXrayWriteOnlyAccess", "CloudWatchAgentServerPolicy"),
        needs=frozenset({"container-insights", "xray"}),
    ),
    Addon(
        "adot",
        namespace="opentelemetry-operator-system",
        accounts=("adot-col-prom-metrics",),
        grants=(Grant("WriteMetrics", ("aps:RemoteWrite",)),),
        resources="the ARNs of the Prometheus workspaces to write to",
        optional=True,
        needs=frozenset({"prometheus"}),
    ),
    Addon("metrics-server"),
    Addon("kube-state-metrics", namespace="kube-state-metrics"),
    Addon("prometheus-node-exporter", namespace="prometheus-node-exporter"),
    Addon("eks-node-monitoring-agent", built_in=True),
    Addon(
        "external-dns",
        namespace="external-dns",
        accounts=("external-dns",),
        everywhere={"FindZones": ("route53:ListHostedZones", "route53:ListTagsForResources")},
        grants=(Grant("WriteRecords", (*_RECORDS, "route53:ListTagsForResource")),),
        resources="the ARNs of the hosted zones to write to",
        needs=frozenset({"external-dns"}),
    ),
    Addon(
        "cert-manager",
        namespace="cert-manager",
        accounts=("cert-manager",),
        everywhere={"FindZones": ("route53:GetChange", "route53:ListHostedZonesByName")},
        grants=(Grant("AnswerChallenges", _RECORDS),),
        resources="the ARNs of the hosted zones in which to answer DNS01 challenges",
        optional=True,
        needs=frozenset({"external-dns"}),
    ),
)

#: What nodes wait for, which an `EksCluster` brings: its `addon_versions` pins them.
NODE_ADDONS = frozenset(one.name for one in _ADDONS if one.before_nodes)

#: By name.
ADDONS: Mapping[str, Addon] = {one.name: one for one in _ADDONS}


def addon(where: str, name: object) -> Addon:
    """Return the add-on of that name.

    Raises:
        InvalidInput: it is none that is known here; the sentence names the nearest one.

    """
    return ADDONS[choice(where, name, sorted(ADDONS))]
