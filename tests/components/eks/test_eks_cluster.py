"""What `EksCluster` asks the engine for. Mocks do not show that AWS accepts it."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from privatelane.eks._addon_versions import packaged_lock
from privatelane.eks.eks_cluster import EksCluster
from tests.components.ecs.fargate import Later, resolved
from tests.components.eks.clusters import (
    ACCESS,
    ADMIN,
    AUTO_MODE_SERVICES,
    CLUSTER_ARN,
    PROVIDER,
    ZONES,
    attached,
    cluster,
    cluster_args,
    deployed,
    failure,
    pod_identity_trust,
    refused,
    trust,
)
from tests.components.mocks import UNKNOWN, name_of

MANAGED = "arn:aws:iam::aws:policy"
SUBNETS = [f"app-{zone}" for zone in ZONES]


def test_a_cluster_for_nodes_of_ones_own_brings_what_these_wait_for() -> None:
    result = cluster()
    assert result.counts() == {
        "EksCluster": 1,
        "Key": 1,
        "LogGroup": 1,
        "Role": 2,
        "RolePolicyAttachment": 2,
        "RolePolicy": 1,
        "Cluster": 1,
        "AccessEntry": 1,
        "AccessPolicyAssociation": 1,
        "Addon": 3,
    }
    assert result.parents() == {result.the("EksCluster").urn}


def test_the_api_is_private_secrets_are_encrypted_and_every_log_is_written() -> None:
    assert cluster(tags={"team": "web"}).the("Cluster").inputs == {
        "name": "main",
        "version": "1.35",
        "roleArn": "arn:eks-control-plane",
        "bootstrapSelfManagedAddons": False,
        "vpcConfig": {
            "subnetIds": SUBNETS,
            "endpointPrivateAccess": True,
            "endpointPublicAccess": False,
            "controlPlaneEgressMode": "AWS_MANAGED",
        },
        "accessConfig": {
            "authenticationMode": "API",
            "bootstrapClusterCreatorAdminPermissions": False,
        },
        "encryptionConfig": {"provider": {"keyArn": "arn:eks-secrets"}, "resources": ["secrets"]},
        "enabledClusterLogTypes": [
            *("api", "audit", "authenticator", "controllerManager", "scheduler")
        ],
        "kubernetesNetworkConfig": {
            "ipFamily": "ipv4",
            "serviceIpv4Cidr": "172.20.0.0/16",
            "elasticLoadBalancing": {"enabled": False},
        },
        "computeConfig": {"enabled": False},
        "storageConfig": {"blockStorage": {"enabled": False}},
        "upgradePolicy": {"supportType": "STANDARD"},
        "zonalShiftConfig": {"enabled": True},
        "deletionProtection": True,
        "tags": {"team": "web", "Name": "eks-cluster"},
    }


def test_the_cluster_waits_for_its_logs_its_key_and_its_roles_policies() -> None:
    made = cluster().the("Cluster")
    assert made.depends_on == {
        "eks-control-plane-AmazonEKSClusterPolicy",
        "eks-control-plane-secrets",
        "eks-logs",
    }
    assert made.request.deleteBeforeReplace


def test_logs_are_kept_for_a_set_time_in_the_group_that_eks_writes_to() -> None:
    result = cluster(log_retention_days=365, log_kms_key_arn="arn:log-key", log_types=["audit"])
    assert result.the("LogGroup").inputs == {
        "name": "/aws/eks/main/cluster",
        "retentionInDays": 365,
        "kmsKeyId": "arn:log-key",
        "tags": {"Name": "eks-logs"},
    }
    assert result.the("Cluster").inputs["enabledClusterLogTypes"] == ["audit"]


def test_the_key_rotates_and_the_control_plane_may_use_no_other() -> None:
    result = cluster()
    assert result.the("Key").inputs == {
        "description": "Kubernetes secrets of main",
        "enableKeyRotation": True,
        "deletionWindowInDays": 30,
        "tags": {"Name": "eks-secrets"},
    }
    (statement,) = json.loads(result.the("RolePolicy").inputs["policy"])["Statement"]
    assert statement["Resource"] == "arn:eks-secrets"
    assert set(statement["Action"]) == {
        *("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants")
    }


def test_a_key_that_is_given_is_used_and_none_is_made() -> None:
    result = cluster(kms_key_arn="arn:given")
    assert "Key" not in result.counts()
    provider = result.the("Cluster").inputs["encryptionConfig"]["provider"]
    assert provider == {"keyArn": "arn:given"}


def test_what_nodes_wait_for_is_pinned_by_the_lock_and_holds_against_other_hands() -> None:
    result = cluster()
    lock = packaged_lock().addons
    for addon in ("eks-pod-identity-agent", "kube-proxy", "vpc-cni"):
        inputs = result.the("Addon", f"eks-{addon}").inputs
        assert inputs["addonName"] == addon
        assert inputs["addonVersion"] == lock[addon]["1.35"][0]
        assert inputs["clusterName"] == "main"
        assert inputs["resolveConflictsOnCreate"] == "OVERWRITE"
        assert inputs["resolveConflictsOnUpdate"] == "OVERWRITE"


def test_a_pin_of_the_caller_wins() -> None:
    result = cluster(addon_versions={"vpc-cni": "v1.24.0-eksbuild.1"})
    assert result.the("Addon", "eks-vpc-cni").inputs["addonVersion"] == "v1.24.0-eksbuild.1"


def test_nodes_can_be_told_to_wait_for_the_add_ons() -> None:
    waits: list[str] = []

    async def program() -> None:
        made = EksCluster("eks", resolved(cluster_args()))
        waits.extend([name_of(str(await one.urn.future())) for one in made.before_nodes])

    deployed(program)
    assert waits == ["eks-eks-pod-identity-agent", "eks-kube-proxy", "eks-vpc-cni"]


def test_only_pods_of_the_cni_may_take_its_role_by_pod_identity() -> None:
    result = cluster()
    pods = pod_identity_trust(CLUSTER_ARN, "kube-system", "aws-node")
    assert trust(result, "eks-vpc-cni") == pods
    assert attached(result, "eks-vpc-cni") == {f"{MANAGED}/AmazonEKS_CNI_Policy"}
    addon = result.the("Addon", "eks-vpc-cni")
    assert addon.inputs["podIdentityAssociations"] == [
        {"roleArn": "arn:eks-vpc-cni", "serviceAccount": "aws-node"}
    ]
    assert addon.depends_on == {"eks-vpc-cni-AmazonEKS_CNI_Policy"}


def test_without_pod_identity_the_cni_takes_its_role_by_a_token_and_no_agent_runs() -> None:
    result = cluster(pod_identity=False, irsa=True, private_services={"app": "sts"})
    assert set(result.of("Addon")) == {"eks-kube-proxy", "eks-vpc-cni"}
    issuer = "oidc.eks.eu-west-1.amazonaws.com/id/ABC"
    assert trust(result, "eks-vpc-cni") == {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                f"{issuer}:aud": "sts.amazonaws.com",
                f"{issuer}:sub": ["system:serviceaccount:kube-system:aws-node"],
            }
        },
    }
    inputs = result.the("Addon", "eks-vpc-cni").inputs
    assert inputs["serviceAccountRoleArn"] == "arn:eks-vpc-cni"
    assert "podIdentityAssociations" not in inputs


def test_irsa_is_an_openid_connect_provider_for_the_clusters_issuer() -> None:
    result = cluster(irsa=True)
    assert result.the("OpenIdConnectProvider").inputs == {
        "url": "https://oidc.eks.example/id/ABC",
        "clientIdLists": ["sts.amazonaws.com"],
        "tags": {"Name": "eks-oidc"},
    }
    assert result.output("EksCluster")["oidcProviderArn"] == PROVIDER


def test_auto_mode_is_on_in_all_its_parts_and_brings_its_own_add_ons() -> None:
    result = cluster(auto_mode={})
    assert "Addon" not in result.counts()
    inputs = result.the("Cluster").inputs
    assert inputs["computeConfig"] == {
        "enabled": True,
        "nodePools": ["general-purpose", "system"],
        "nodeRoleArn": "arn:eks-nodes",
    }
    assert inputs["storageConfig"] == {"blockStorage": {"enabled": True}}
    assert inputs["kubernetesNetworkConfig"]["elasticLoadBalancing"] == {"enabled": True}
    assert trust(result, "eks-control-plane")["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert attached(result, "eks-control-plane") == {
        f"{MANAGED}/AmazonEKSBlockStoragePolicyV2",
        f"{MANAGED}/AmazonEKSClusterPolicy",
        f"{MANAGED}/AmazonEKSComputePolicy",
        f"{MANAGED}/AmazonEKSLoadBalancingPolicy",
        f"{MANAGED}/AmazonEKSNetworkingPolicy",
    }
    assert attached(result, "eks-nodes") == {
        f"{MANAGED}/AmazonEC2ContainerRegistryPullOnly",
        f"{MANAGED}/AmazonEKSWorkerNodeMinimalPolicy",
    }
    # EKS itself lets the nodes of its own pools in.
    assert set(result.of("AccessEntry")) == {"eks-admins"}


def test_node_pools_of_ones_own_get_a_role_that_may_enter_as_their_nodes() -> None:
    result = cluster(auto_mode={"node_pools": []})
    assert result.the("Cluster").inputs["computeConfig"] == {"enabled": True, "nodePools": []}
    entry = result.the("AccessEntry", "eks-auto-nodes").inputs
    assert (entry["principalArn"], entry["type"]) == ("arn:eks-nodes", "EC2")
    policy = result.the("AccessPolicyAssociation", "eks-auto-nodes-AmazonEKSAutoNodePolicy").inputs
    assert policy["policyArn"] == ("arn:aws:eks::aws:cluster-access-policy/AmazonEKSAutoNodePolicy")
    assert policy["accessScope"] == {"type": "cluster"}


def test_a_node_role_that_is_given_is_used_and_none_is_made() -> None:
    result = cluster(auto_mode={"node_pools": ["system"], "node_role_arn": "arn:mine"})
    assert set(result.of("Role")) == {"eks-control-plane"}
    compute = result.the("Cluster").inputs["computeConfig"]
    assert compute == {"enabled": True, "nodePools": ["system"], "nodeRoleArn": "arn:mine"}


def test_each_principal_has_an_entry_and_each_policy_its_scope() -> None:
    result = cluster(
        access={
            **ACCESS,
            "developers": {
                "principal_arn": "arn:aws:iam::123456789012:role/dev",
                "policies": {"AmazonEKSViewPolicy": ["shop", "web"], "AmazonEKSAdminPolicy": []},
                "kubernetes_groups": ["readers"],
            },
        }
    )
    assert result.the("AccessEntry", "eks-developers").inputs == {
        "clusterName": "main",
        "principalArn": "arn:aws:iam::123456789012:role/dev",
        "kubernetesGroups": ["readers"],
        "tags": {"Name": "eks-developers"},
    }
    scopes = {
        name: (one.inputs["policyArn"].rpartition("/")[2], one.inputs["accessScope"])
        for name, one in result.of("AccessPolicyAssociation").items()
    }
    assert scopes == {
        "eks-admins-AmazonEKSClusterAdminPolicy": (
            "AmazonEKSClusterAdminPolicy",
            {"type": "cluster"},
        ),
        "eks-developers-AmazonEKSAdminPolicy": ("AmazonEKSAdminPolicy", {"type": "cluster"}),
        "eks-developers-AmazonEKSViewPolicy": (
            "AmazonEKSViewPolicy",
            {"type": "namespace", "namespaces": ["shop", "web"]},
        ),
    }


def test_callers_of_the_private_api_are_let_in_at_its_own_port() -> None:
    rule = cluster(api_clients={"ci": {"cidr": "10.8.0.0/16"}}).the("SecurityGroupIngressRule")
    assert rule.inputs == {
        "securityGroupId": "sg-cluster",
        "cidrIpv4": "10.8.0.0/16",
        "fromPort": 443,
        "toPort": 443,
        "ipProtocol": "tcp",
        "description": "API from ci",
        "tags": {"Name": "eks-api-from-ci"},
    }


def test_a_public_api_has_a_list_of_callers_and_stays_private_too() -> None:
    network = cluster(public_access_cidrs=["52.94.76.0/24"]).the("Cluster").inputs["vpcConfig"]
    assert network["endpointPublicAccess"] is True
    assert network["endpointPrivateAccess"] is True
    assert network["publicAccessCidrs"] == ["52.94.76.0/24"]


def test_hybrid_networks_a_tier_and_a_way_out_of_ones_own_are_passed_on() -> None:
    inputs = (
        cluster(
            remote_node_networks=["192.168.0.0/20"],
            remote_pod_networks=["192.168.16.0/20"],
            control_plane_tier="tier-xl",
            control_plane_egress_mode="CUSTOMER_ROUTED",
            support_type="EXTENDED",
            deletion_protection=False,
            zonal_shift=False,
            bootstrap_cluster_creator_admin_permissions=True,
        )
        .the("Cluster")
        .inputs
    )
    assert inputs["remoteNetworkConfig"] == {
        "remoteNodeNetworks": {"cidrs": ["192.168.0.0/20"]},
        "remotePodNetworks": {"cidrs": ["192.168.16.0/20"]},
    }
    assert inputs["controlPlaneScalingConfig"] == {"tier": "tier-xl"}
    assert inputs["vpcConfig"]["controlPlaneEgressMode"] == "CUSTOMER_ROUTED"
    assert inputs["upgradePolicy"] == {"supportType": "EXTENDED"}
    assert inputs["deletionProtection"] is False
    assert inputs["zonalShiftConfig"] == {"enabled": False}
    assert inputs["accessConfig"]["bootstrapClusterCreatorAdminPermissions"] is True


def test_an_ipv6_cluster_leaves_its_services_to_eks_and_gives_the_cni_what_it_needs() -> None:
    result = cluster(
        ip_family="ipv6", subnet_ipv6_cidrs={f"app/{zone}": "2001:db8::/64" for zone in ZONES}
    )
    network = result.the("Cluster").inputs["kubernetesNetworkConfig"]
    assert network == {"ipFamily": "ipv6", "elasticLoadBalancing": {"enabled": False}}
    outputs = result.output("EksCluster")
    assert outputs["serviceIpv6Cidr"] == "fd00:1::/108"
    assert "serviceIpv4Cidr" not in outputs
    assert attached(result, "eks-vpc-cni") == set()
    statements = json.loads(result.the("RolePolicy", "eks-vpc-cni").inputs["policy"])["Statement"]
    assert {one["Sid"]: one["Resource"] for one in statements} == {
        "AssignAddresses": "*",
        "TagInterfaces": "arn:aws:ec2:*:*:network-interface/*",
    }


def configuration(**cni: Any) -> Any:
    result = cluster(vpc_cni=cni)
    return json.loads(result.the("Addon", "eks-vpc-cni").inputs["configurationValues"])


def test_the_cni_enforces_network_policies_unless_it_is_told_not_to() -> None:
    assert configuration() == {
        "enableNetworkPolicy": "true",
        "env": {"ENABLE_POD_ENI": "false", "ENABLE_PREFIX_DELEGATION": "false"},
    }
    assert configuration(network_policy=False)["enableNetworkPolicy"] == "false"


def test_pods_can_have_ranges_of_addresses_and_subnets_of_their_own() -> None:
    values = configuration(
        prefix_delegation=True, pod_group="pods", environment={"WARM_PREFIX_TARGET": "1"}
    )
    assert values["env"] == {
        "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true",
        "ENABLE_POD_ENI": "false",
        "ENABLE_PREFIX_DELEGATION": "true",
        "ENI_CONFIG_LABEL_DEF": "topology.k8s.aws/zone-id",
        "WARM_PREFIX_TARGET": "1",
    }
    assert values["eniConfig"] == {
        "create": True,
        "region": "eu-west-1",
        "subnets": {
            zone: {"id": f"pods-{zone}", "securityGroups": ["sg-cluster"]} for zone in ZONES
        },
    }


def test_pods_can_have_security_groups_of_their_own_which_the_control_plane_attaches() -> None:
    result = cluster(vpc_cni={"security_groups_for_pods": True, "enforcing_mode": "strict"})
    values = json.loads(result.the("Addon", "eks-vpc-cni").inputs["configurationValues"])
    assert values["env"]["ENABLE_POD_ENI"] == "true"
    assert values["env"]["POD_SECURITY_GROUP_ENFORCING_MODE"] == "strict"
    assert values["init"] == {"env": {"DISABLE_TCP_EARLY_DEMUX": "true"}}
    assert f"{MANAGED}/AmazonEKSVPCResourceController" in attached(result, "eks-control-plane")


@pytest.mark.parametrize(
    "given",
    [
        {"irsa": True, "api_clients": {"ci": {"cidr": "10.8.0.0/16"}}},
        {"auto_mode": {}},
        {"vpc_cni": {"pod_group": "pods"}},
    ],
)
def test_the_same_resources_are_asked_for_whether_ids_are_known_or_not(
    given: dict[str, Any],
) -> None:
    assert cluster(preview=True, **given).shape() == cluster(preview=False, **given).shape()


def test_what_a_preview_cannot_know_it_does_not_pretend_to_know() -> None:
    outputs = cluster(preview=True, auto_mode={}).output("EksCluster")
    assert outputs == {
        "clusterName": "main",
        "kubernetesVersion": "1.35",
        "serviceIpv4Cidr": "172.20.0.0/16",
        **dict.fromkeys(
            (
                "certificateAuthority",
                "clusterArn",
                "clusterEndpoint",
                "clusterSecurityGroupId",
                "nodeRoleArn",
                "oidcIssuer",
            ),
            UNKNOWN,
        ),
    }


def test_what_the_component_waits_for_its_cluster_waits_for() -> None:
    def program() -> None:
        endpoint = aws.ec2.VpcEndpoint("endpoint", vpc_id="vpc-1", service_name="s3")
        EksCluster("eks", resolved(cluster_args()), pulumi.ResourceOptions(depends_on=[endpoint]))

    assert "endpoint" in deployed(program).the("Cluster").depends_on


def test_a_network_that_is_known_later_is_checked_before_the_cluster_is_made() -> None:
    args = cluster_args(private_services=Later({"app": "ecr.api,s3"}))
    sentence, result = failure(lambda: EksCluster("eks", resolved(args)))
    assert "group 'app' has no endpoint for eks-auth (need 'eks-pod-identity')" in sentence
    assert result.of("/cluster:Cluster") == {}
    assert "Cluster" not in result.counts()


def test_ranges_and_sizes_that_are_known_later_are_checked_then() -> None:
    args = cluster_args(vpc_cidr_blocks=Later(["172.16.0.0/12"]))
    assert (
        "overlaps with '172.16.0.0/12' of vpc_cidr_blocks"
        in failure(lambda: EksCluster("eks", resolved(args)))[0]
    )
    small = cluster_args(
        auto_mode={}, subnet_cidrs=Later({f"app/{zone}": "10.0.0.0/28" for zone in ZONES})
    )
    assert "leaves 11 addresses" in failure(lambda: EksCluster("eks", resolved(small)))[0]


def test_subnets_whose_map_is_known_later_are_chosen_then() -> None:
    made = cluster(subnet_ids=Later({f"app/{zone}": f"app-{zone}" for zone in ZONES}))
    assert made.the("Cluster").inputs["vpcConfig"]["subnetIds"] == SUBNETS


def test_nodes_elsewhere_need_the_endpoints_there_and_not_in_the_control_planes_group() -> None:
    result = cluster(node_subnet_groups=["mixed"], private_services={})
    assert result.counts()["Cluster"] == 1


def test_behind_a_nat_no_endpoint_is_missing() -> None:
    ids = {f"mixed/{zone}": f"mixed-{zone}" for zone in ZONES}
    assert cluster(group="mixed", subnet_ids=ids, private_services={}).counts()["Cluster"] == 1


REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "a misspelt argument": ({"kubernets_version": "1.35"}, "did you mean 'kubernetes_version'"),
    "a cluster's name that EKS refuses": (
        {"cluster_name": "-main"},
        "cluster_name is '-main', it must be up to 100 letters",
    ),
    "a version that is not offered": (
        {"kubernetes_version": "1.99"},
        "kubernetes_version is '1.99', EKS offers '1.31'",
    ),
    "a group without subnets": ({"group": "nope"}, "group is 'nope'"),
    "a missing endpoint": (
        {"private_services": {"app": "ecr.api"}},
        "group 'app' has no endpoint for eks-auth (need 'eks-pod-identity'), and it has no NAT",
    ),
    "missing endpoints of Auto Mode": (
        {"auto_mode": {}, "private_services": {"app": "ec2,ecr.api,ecr.dkr,s3,sts"}},
        "group 'app' has no endpoint for eks, eks-auth, ssm (need 'eks-auto')",
    ),
    "a public group without endpoints": (
        {"node_subnet_groups": ["web"]},
        "group 'web' has no endpoint for eks-auth",
    ),
    "one zone": (
        {"zones": ["euw1-az1"]},
        "the control plane has subnets in 'euw1-az1' only, EKS needs two zones or more",
    ),
    "a zone without a subnet": (
        {"zones": ["euw1-az1", "euw1-az9"]},
        "zones has 'euw1-az9', group 'app' has subnets in 'euw1-az1', 'euw1-az2' and 'euw1-az3'",
    ),
    "a zone that EKS refuses": (
        {"subnet_ids": {f"app/use1-az{number}": "s" for number in (1, 2, 3)}},
        "'use1-az3', where EKS has no control plane; leave it out with zones: use1-az1, use1-az2",
    ),
    "such a zone by name": (
        {"zones": ["use1-az1", "use1-az3"]},
        "zones has 'use1-az3', where EKS has no control plane",
    ),
    "a subnet too small for Auto Mode": (
        {"auto_mode": {}, "subnet_cidrs": {"app/euw1-az1": "10.0.0.0/28"}},
        "subnet_cidrs['app/euw1-az1'] is '10.0.0.0/28', which leaves 11 addresses",
    ),
    "a subnet too small for any cluster": (
        {"subnet_cidrs": {"app/euw1-az1": "10.0.0.0/29"}},
        "which leaves 3 addresses; the control plane needs 6 or more, and AWS recommends 16",
    ),
    "services in the VPC's range": (
        {"service_ipv4_cidr": "10.0.64.0/20"},
        "service_ipv4_cidr is '10.0.64.0/20', which overlaps with '10.0.0.0/16' of vpc_cidr_blocks",
    ),
    "services in a peer's range": (
        {"peer_cidr_blocks": ["172.20.0.0/20"]},
        "'172.20.0.0/20' of peer_cidr_blocks; '10.100.0.0/16' is free",
    ),
    "services in a hybrid range": (
        {"remote_node_networks": ["172.20.0.0/16"]},
        "'172.20.0.0/16' of remote_node_networks",
    ),
    "hybrid pods in the VPC's range": (
        {"remote_node_networks": ["192.168.0.0/24"], "remote_pod_networks": ["10.0.0.0/8"]},
        "remote_pod_networks has '10.0.0.0/8', which overlaps with '10.0.0.0/16'",
    ),
    "hybrid pods without nodes": (
        {"remote_pod_networks": ["192.168.0.0/24"]},
        "remote_pod_networks is given, but remote_node_networks is not",
    ),
    "hybrid nodes in an IPv6 cluster": (
        {"ip_family": "ipv6", "remote_node_networks": ["192.168.0.0/24"]},
        "hybrid nodes have IPv4 only",
    ),
    "an IPv6 cluster in IPv4 subnets": (
        {"ip_family": "ipv6"},
        "the subnet of group 'app' in 'euw1-az1' has no IPv6 range",
    ),
    "IPv4 services in an IPv6 cluster": (
        {"ip_family": "ipv6", "service_ipv4_cidr": "172.20.0.0/16"},
        "service_ipv4_cidr is given with ip_family 'ipv6'",
    ),
    "an API that is open to the world": (
        {"public_access_cidrs": ["0.0.0.0/0"]},
        "public_access_cidrs is the whole internet",
    ),
    "nobody who administers": ({"access": {}}, "access gives nobody AmazonEKSClusterAdminPolicy"),
    "an administrator of one namespace only": (
        {
            "access": {
                "a": {"principal_arn": ADMIN, "policies": {"AmazonEKSClusterAdminPolicy": ["x"]}}
            }
        },
        "access gives nobody AmazonEKSClusterAdminPolicy",
    ),
    "a session instead of a role": (
        {"access": {"a": {"principal_arn": "arn:aws:sts::123456789012:assumed-role/admin/me"}}},
        "it must be the ARN of an IAM role or user, not of a session",
    ),
    "a misspelt access policy": (
        {"access": {"a": {"principal_arn": ADMIN, "policies": {"AmazonEKSVewPolicy": []}}}},
        "did you mean 'AmazonEKSViewPolicy'",
    ),
    "a group that EKS keeps to itself": (
        {"access": {"a": {"principal_arn": ADMIN, "kubernetes_groups": ["system:masters"]}}},
        "access.a.kubernetes_groups has 'system:masters'",
    ),
    "days that CloudWatch does not keep logs": (
        {"log_retention_days": 100},
        "log_retention_days is 100",
    ),
    "a log type that there is not": ({"log_types": ["audits"]}, "did you mean 'audit'"),
    "Auto Mode without Pod Identity": (
        {"auto_mode": {}, "pod_identity": False, "irsa": True},
        "pod_identity is False together with auto_mode",
    ),
    "Auto Mode with a CNI": (
        {"auto_mode": {}, "vpc_cni": {"prefix_delegation": True}},
        "vpc_cni is given together with auto_mode, which brings",
    ),
    "Auto Mode with versions of what it brings": (
        {"auto_mode": {}, "addon_versions": {"kube-proxy": "v1.35.3-eksbuild.13"}},
        "addon_versions is given together with auto_mode",
    ),
    "a node pool that Auto Mode has not": (
        {"auto_mode": {"node_pools": ["gpu"]}},
        "auto_mode.node_pools is 'gpu', it must be one of 'general-purpose' or 'system'",
    ),
    "a node pool twice": (
        {"auto_mode": {"node_pools": ["system", "system"]}},
        "auto_mode.node_pools has",
    ),
    "pods without credentials": (
        {"pod_identity": False},
        "pod_identity and irsa are both False",
    ),
    "a version of an add-on that comes later": (
        {"addon_versions": {"coredns": "v1.14.3-eksbuild.16"}},
        "addon_versions is 'coredns', it must be one of 'eks-pod-identity-agent'",
    ),
    "a kube-proxy that is ahead": (
        {"addon_versions": {"kube-proxy": "v1.36.0-eksbuild.14"}},
        "kube-proxy must be of Kubernetes 1.35",
    ),
    "pods in subnets that there are not": (
        {"vpc_cni": {"pod_group": "nope"}},
        "vpc_cni.pod_group is 'nope', which has no subnet in",
    ),
    "pods in subnets of their own with IPv6": (
        {"ip_family": "ipv6", "vpc_cni": {"pod_group": "pods"}},
        "the CNI has no custom networking for IPv6",
    ),
    "security groups for pods that share the node's": (
        {"vpc_cni": {"pod_security_group_ids": ["sg-1"]}},
        "but vpc_cni.pod_group is not",
    ),
    "an environment that settings decide on": (
        {"vpc_cni": {"environment": {"ENABLE_POD_ENI": "true"}}},
        "vpc_cni.environment has 'ENABLE_POD_ENI'",
    ),
    "a misspelt setting of the CNI": (
        {"vpc_cni": {"prefix_delegaton": True}},
        "did you mean 'prefix_delegation'",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_it_is_refused_with_one_sentence_before_anything_is_registered(case: str) -> None:
    given, named = REFUSALS[case]
    assert named in refused(**given)


def test_auto_mode_is_accepted_with_the_endpoints_that_it_names() -> None:
    """The negative of the refusal above: nothing but these eight is asked for."""
    assert cluster(auto_mode={}, private_services={"app": AUTO_MODE_SERVICES}).counts()["Cluster"]
    for service in AUTO_MODE_SERVICES.split(","):
        rest = ",".join(one for one in AUTO_MODE_SERVICES.split(",") if one != service)
        assert f"has no endpoint for {service} (need 'eks-auto')" in refused(
            auto_mode={}, private_services={"app": rest}
        )
