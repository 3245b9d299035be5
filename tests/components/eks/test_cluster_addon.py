"""What `ClusterAddon` asks the engine for. Mocks do not show that AWS accepts it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest

from privatelane.eks._addon_versions import packaged_lock
from privatelane.eks._addons import ADDONS
from privatelane.eks.cluster_addon import ClusterAddon
from tests.components.ecs.fargate import Later, resolved
from tests.components.eks.clusters import (
    CLUSTER_ARN,
    PROVIDER,
    addon,
    addon_args,
    addon_refused,
    attached,
    deployed,
    failure,
    pod_identity_trust,
    trust,
)

if TYPE_CHECKING:
    from tests.components.mocks import Run

ZONE = "arn:aws:route53:::hostedzone/Z1"
BUCKET = "arn:aws:s3:::media"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
MANAGED = "arn:aws:iam::aws:policy"

LATER = [one.name for one in ADDONS.values() if not one.before_nodes]


def statements(result: Run) -> dict[str, dict[str, Any]]:
    document = json.loads(result.the("RolePolicy", "addon").inputs["policy"])
    return {one["Sid"]: one for one in document["Statement"]}


def test_an_addon_that_never_calls_aws_is_an_addon_and_nothing_else() -> None:
    result = addon("coredns", configuration='{"replicaCount": 3}', tags={"team": "web"})
    assert result.counts() == {"ClusterAddon": 1, "Addon": 1}
    inputs = result.the("Addon").inputs
    values = json.loads(inputs.pop("configurationValues"))
    assert values.pop("replicaCount") == 3
    # That they are spread over zones is the one thing that is added.
    assert values.keys() == {"topologySpreadConstraints"}
    assert inputs == {
        "clusterName": "main",
        "addonName": "coredns",
        "addonVersion": packaged_lock().addons["coredns"]["1.35"][0],
        "resolveConflictsOnCreate": "OVERWRITE",
        "resolveConflictsOnUpdate": "OVERWRITE",
        "tags": {"team": "web", "Name": "addon"},
    }


def test_its_pods_get_a_role_by_pod_identity_that_no_other_pod_can_take() -> None:
    result = addon("aws-ebs-csi-driver")
    assert result.counts() == {
        "ClusterAddon": 1,
        "Role": 1,
        "RolePolicyAttachment": 1,
        "Addon": 1,
    }
    pods = pod_identity_trust(CLUSTER_ARN, "kube-system", "ebs-csi-controller-sa")
    assert trust(result, "addon") == pods
    assert attached(result, "addon") == {f"{MANAGED}/AmazonEBSCSIDriverPolicyV2"}
    inputs = result.the("Addon").inputs
    assert inputs["podIdentityAssociations"] == [
        {"roleArn": "arn:addon", "serviceAccount": "ebs-csi-controller-sa"}
    ]
    assert result.the("Addon").depends_on == {"addon-AmazonEBSCSIDriverPolicyV2"}
    assert result.output("ClusterAddon")["roleArn"] == "arn:addon"


def test_by_irsa_the_role_is_told_to_the_addon_and_associated_with_nothing() -> None:
    result = addon("aws-efs-csi-driver", identity="irsa", oidc_provider_arn=PROVIDER)
    assert trust(result, "addon")["Principal"] == {"Federated": PROVIDER}
    inputs = result.the("Addon").inputs
    assert inputs["serviceAccountRoleArn"] == "arn:addon"
    assert "podIdentityAssociations" not in inputs
    assert attached(result, "addon") == {f"{MANAGED}/service-role/AmazonEFSCSIDriverPolicy"}


def test_volumes_under_a_key_of_ones_own_are_encrypted_by_a_grant_for_ec2_only() -> None:
    found = statements(addon("aws-ebs-csi-driver", kms_key_arns=[KEY]))
    assert set(found) == {"UseKeys", "GrantKeysToVolumes"}
    assert found["UseKeys"]["Resource"] == [KEY]
    assert found["GrantKeysToVolumes"]["Condition"] == {
        "Bool": {"kms:GrantIsForAWSResource": "true"}
    }


def test_buckets_are_mounted_with_rights_on_them_and_no_others() -> None:
    result = addon("aws-mountpoint-s3-csi-driver", resource_arns=[BUCKET], kms_key_arns=[KEY])
    assert statements(result) == {
        "ListBuckets": {
            "Sid": "ListBuckets",
            "Effect": "Allow",
            "Action": ["s3:ListBucket"],
            "Resource": [BUCKET],
        },
        "UseObjects": {
            "Sid": "UseObjects",
            "Effect": "Allow",
            "Action": [
                *("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject")
            ],
            "Resource": [f"{BUCKET}/*"],
        },
        "UseKeys": {
            "Sid": "UseKeys",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": [KEY],
        },
    }


def test_records_are_written_in_the_zones_that_are_named() -> None:
    found = statements(addon("external-dns", resource_arns=[ZONE]))
    assert found["WriteRecords"]["Resource"] == [ZONE]
    assert found["FindZones"]["Resource"] == "*"
    assert not any("Change" in action for action in found["FindZones"]["Action"])


def test_cert_manager_has_a_role_only_where_it_answers_challenges() -> None:
    assert addon("cert-manager").counts() == {"ClusterAddon": 1, "Addon": 1}
    assert set(statements(addon("cert-manager", resource_arns=[ZONE]))) == {
        "AnswerChallenges",
        "FindZones",
    }


def test_metrics_are_written_to_the_workspaces_that_are_named() -> None:
    workspace = "arn:aws:aps:eu-west-1:123456789012:workspace/ws-1"
    result = addon("adot", version="v0.150.0-eksbuild.1", resource_arns=[workspace])
    assert statements(result)["WriteMetrics"]["Resource"] == [workspace]


def test_a_cluster_of_somebody_elses_can_be_given_the_agent_and_the_cni() -> None:
    assert addon("eks-pod-identity-agent").counts() == {"ClusterAddon": 1, "Addon": 1}
    assert attached(addon("vpc-cni"), "addon") == {f"{MANAGED}/AmazonEKS_CNI_Policy"}


def test_a_role_that_is_given_is_used_and_none_is_made() -> None:
    result = addon("aws-ebs-csi-driver", role_arn="arn:mine")
    assert result.counts() == {"ClusterAddon": 1, "Addon": 1}
    (association,) = result.the("Addon").inputs["podIdentityAssociations"]
    assert association["roleArn"] == "arn:mine"
    assert result.output("ClusterAddon")["roleArn"] == "arn:mine"


def test_its_own_role_takes_further_policies_and_a_boundary() -> None:
    result = addon(
        "aws-efs-csi-driver",
        policy_arns={"files": "arn:aws:iam::aws:policy/extra"},
        permissions_boundary_arn="arn:boundary",
    )
    assert "arn:aws:iam::aws:policy/extra" in attached(result, "addon")
    assert result.the("Role").inputs["permissionsBoundary"] == "arn:boundary"


@pytest.mark.parametrize("name", LATER)
def test_no_addon_may_do_everything(name: str) -> None:
    """Its own statements name actions, and change things only where resources are named."""
    kind = ADDONS[name]
    for actions in kind.everywhere.values():
        assert not any(one.endswith("*") for one in actions)
    assert not any("FullAccess" in one or "Admin" in one for one in kind.managed)


def test_what_the_component_waits_for_the_addon_waits_for() -> None:
    def program() -> None:
        nodes = aws.eks.NodeGroup(
            "nodes",
            cluster_name="main",
            node_role_arn="arn:role",
            subnet_ids=["s-1"],
            scaling_config={"desired_size": 1, "max_size": 1, "min_size": 1},
        )
        ClusterAddon(
            "addon", resolved(addon_args("coredns")), pulumi.ResourceOptions(depends_on=[nodes])
        )

    assert deployed(program).the("Addon").depends_on == {"nodes"}


@pytest.mark.parametrize("name", ["coredns", "aws-ebs-csi-driver"])
def test_the_same_resources_are_asked_for_whether_ids_are_known_or_not(name: str) -> None:
    assert addon(name, preview=True).shape() == addon(name, preview=False).shape()


def test_its_pods_are_refused_where_they_would_not_reach_aws() -> None:
    network: dict[str, Any] = {
        "groups": ["app"],
        "egress": {"app": "none"},
        "private_services": {"app": "ec2"},
    }
    sentence = addon_refused("aws-ebs-csi-driver", **network)
    assert "group 'app' has no endpoint for eks-auth (need 'eks-pod-identity')" in sentence
    assert addon("aws-ebs-csi-driver", **{**network, "egress": {"app": "nat"}}).counts()["Addon"]
    assert addon("coredns", **network).counts()["Addon"]


def test_a_network_that_is_known_later_is_checked_before_the_addon_is_made() -> None:
    args = addon_args(
        "aws-ebs-csi-driver",
        groups=["app"],
        egress={"app": "none"},
        private_services=Later({"app": "eks-auth"}),
    )
    sentence, result = failure(lambda: ClusterAddon("addon", resolved(args)))
    assert "group 'app' has no endpoint for ec2 (need 'ebs-csi')" in sentence
    assert "Addon" not in result.counts()


def test_a_provider_that_turns_out_to_be_missing_is_named() -> None:
    args = addon_args("aws-efs-csi-driver", identity="irsa", oidc_provider_arn=Later(None))
    sentence, _ = failure(lambda: ClusterAddon("addon", resolved(args)))
    assert "oidc_provider_arn is null, the cluster has no provider" in sentence


REFUSALS: dict[str, tuple[str, dict[str, Any], str]] = {
    "a misspelt addon": ("core-dns", {}, "did you mean 'coredns'"),
    "what Auto Mode brings": (
        "aws-ebs-csi-driver",
        {"auto_mode": True},
        "addon is 'aws-ebs-csi-driver', which Auto Mode brings itself",
    ),
    "a version that is not there": ("adot", {}, "version is not given, and the lock has no"),
    "a version that does not fit": (
        "coredns",
        {"version": "v1.12.4-eksbuild.31"},
        "version is 'v1.12.4-eksbuild.31', which fits Kubernetes '1.33', not '1.35'",
    ),
    "a Kubernetes version that is not offered": (
        "coredns",
        {"kubernetes_version": "1.20"},
        "kubernetes_version is '1.20'",
    ),
    "buckets that are not named": (
        "aws-mountpoint-s3-csi-driver",
        {},
        "resource_arns is missing, 'aws-mountpoint-s3-csi-driver' must be told the ARNs of the",
    ),
    "resources that it has no use for": (
        "aws-ebs-csi-driver",
        {"resource_arns": [BUCKET]},
        "resource_arns is given, but 'aws-ebs-csi-driver' has no use for it",
    ),
    "keys that it does not use": (
        "aws-efs-csi-driver",
        {"kms_key_arns": [KEY]},
        "kms_key_arns is given, but 'aws-efs-csi-driver' uses no keys of yours",
    ),
    "a role that it never takes": (
        "metrics-server",
        {"role_arn": "arn:mine"},
        "role_arn is given, but 'metrics-server' never calls AWS",
    ),
    "IRSA without a provider": (
        "aws-ebs-csi-driver",
        {"identity": "irsa"},
        "identity is 'irsa', then oidc_provider_arn must be the cluster's provider",
    ),
    "a misspelt identity": (
        "aws-ebs-csi-driver",
        {"identity": "pod_identity"},
        "did you mean 'pod-identity'",
    ),
    "configuration that is no JSON": (
        "coredns",
        {"configuration": "{"},
        "configuration is no JSON",
    ),
    "configuration that is no object": (
        "coredns",
        {"configuration": "[]"},
        "configuration must be a JSON object",
    ),
    "groups without a network": (
        "aws-ebs-csi-driver",
        {"groups": ["app"]},
        "groups is 'app', then egress and private_services must be given",
    ),
    "a misspelt argument": ("coredns", {"configuraton": "{}"}, "did you mean 'configuration'"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_it_is_refused_with_one_sentence_before_anything_is_registered(case: str) -> None:
    name, given, named = REFUSALS[case]
    assert named in addon_refused(name, **given)
