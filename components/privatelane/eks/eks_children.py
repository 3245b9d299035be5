"""What an EKS cluster consists of: the control plane, its key and logs, who enters, its add-ons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from privatelane._cni_policy import ipv6_statements
from privatelane._component import input_errors, is_plain, waits_of
from privatelane._services import partition
from privatelane._tags import Tags, tagged
from privatelane.eks._addons import ADDONS
from privatelane.eks._eks_plan import ClusterPlan, plain_texts
from privatelane.eks.cluster_addon import eks_addon
from privatelane.eks.controller_role import (
    ControllerRole,
    Identity,
    Irsa,
    PodIdentity,
    Pods,
    controller_role,
)
from privatelane.location import Location
from privatelane.peers import HTTPS
from privatelane.subnets import Subnets, chosen_subnets


def issuer(cluster: aws.eks.Cluster) -> pulumi.Output[str]:
    """Return the URL of the issuer of service accounts' tokens."""

    def first(identities: Optional[Sequence[Any]]) -> str:
        return identities[0].oidcs[0].issuer if identities and identities[0].oidcs else ""

    return cluster.identities.apply(first)


class ClusterChildren:
    """Registers what an EKS cluster consists of, one kind a method."""

    def __init__(
        self,
        parent: pulumi.Resource,
        plan: ClusterPlan,
        args: Mapping[str, Any],
        location: Location,
        opts: Optional[pulumi.ResourceOptions],
    ) -> None:
        self._parent = parent
        self._plan = plan
        self._args = args
        self._location = location
        #: What the component waits for, its cluster waits for: usually routes and endpoints, which
        #: then outlive it.
        self._awaited = waits_of(opts)
        self._child = pulumi.ResourceOptions(parent=parent)
        self._tags: Optional[Tags] = args.get("tags")
        self._boundary = args.get("permissions_boundary_arn")
        self._region = args.get("region")
        self.node_role_arn: Optional[pulumi.Output[str]] = None

    def role(self, where: str) -> ControllerRole:
        """Register the role of the control plane, once it is known that nodes can start."""
        policies = ["AmazonEKSClusterPolicy"]
        if self._plan.auto_mode is not None:
            policies += [
                "AmazonEKSBlockStoragePolicyV2",
                "AmazonEKSComputePolicy",
                "AmazonEKSLoadBalancingPolicy",
                "AmazonEKSNetworkingPolicy",
            ]
        if self._plan.vpc_cni is not None and self._plan.vpc_cni.security_groups_for_pods:
            policies.append("AmazonEKSVPCResourceController")
        actions = ["sts:AssumeRole", *(["sts:TagSession"] if self._plan.auto_mode else [])]
        return self._service_role(
            "control-plane", "eks", actions, policies, self._checked(where), "Control plane"
        )

    def _checked(self, where: str) -> Optional[pulumi.Output[None]]:
        """What waits for the network's facts, and fails the program where nodes could not start."""
        args, plan = self._args, self._plan
        later: dict[str, Any] = {}
        if not (is_plain(args["egress"]) and is_plain(args["private_services"])):
            later |= {"egress": args["egress"], "private": args["private_services"]}
        if not plain_texts(args["vpc_cidr_blocks"]):
            later["vpc"] = args["vpc_cidr_blocks"]
        if "subnet_cidrs" in args and not is_plain(args["subnet_cidrs"]):
            later["sizes"] = args["subnet_cidrs"]
        if not later:
            return None

        def check(known: dict[str, Any]) -> None:
            with input_errors(where):
                if "egress" in known:
                    plan.check_start(known["egress"], known["private"])
                if "vpc" in known:
                    plan.check_ranges(known["vpc"])
                if "sizes" in known:
                    plan.check_sizes(known["sizes"])

        return pulumi.Output.all(**later).apply(check)

    def _service_role(
        self,
        use: str,
        service: str,
        actions: Sequence[str],
        policies: Sequence[str],
        after: Optional[pulumi.Output[None]],
        who: str,
    ) -> ControllerRole:
        name = f"{self._plan.name}-{use}"
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": f"{service}.amazonaws.com"},
                    "Action": list(actions) if len(actions) > 1 else actions[0],
                }
            ],
        }
        document = pulumi.Output.json_dumps(trust)
        role = aws.iam.Role(
            name,
            assume_role_policy=(
                document
                if after is None
                else pulumi.Output.all(document, after).apply(lambda both: str(both[0]))
            ),
            description=f"{who} of {self._plan.cluster_name}",
            permissions_boundary=self._boundary,
            tags=tagged(name, self._tags),
            opts=self._child,
        )
        attached = [
            aws.iam.RolePolicyAttachment(
                f"{name}-{policy}",
                role=role.name,
                policy_arn=self._location.managed_policy(policy),
                opts=self._child,
            )
            for policy in policies
        ]
        return ControllerRole(role, attached)

    def key(self) -> pulumi.Input[str]:
        """Register the key of the secrets, unless one is given."""
        given: Optional[pulumi.Input[str]] = self._args.get("kms_key_arn")
        if given is not None:
            return given
        name = f"{self._plan.name}-secrets"
        key = aws.kms.Key(
            name,
            description=f"Kubernetes secrets of {self._plan.cluster_name}",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            region=self._region,
            tags=tagged(name, self._tags),
            opts=self._child,
        )
        return key.arn

    def log_group(self) -> aws.cloudwatch.LogGroup:
        """Register the log group before EKS does, which would keep the logs for ever."""
        name = f"{self._plan.name}-logs"
        return aws.cloudwatch.LogGroup(
            name,
            name=f"/aws/eks/{self._plan.cluster_name}/cluster",
            retention_in_days=self._plan.log_retention,
            kms_key_id=self._args.get("log_kms_key_arn"),
            region=self._region,
            tags=tagged(name, self._tags),
            opts=self._child,
        )

    def cluster(
        self,
        role: ControllerRole,
        key: pulumi.Input[str],
        logs: aws.cloudwatch.LogGroup,
    ) -> aws.eks.Cluster:
        """Register the cluster, when its role has its policies and its logs their place."""
        plan, name = self._plan, f"{self._plan.name}-cluster"
        uses_key = aws.iam.RolePolicy(
            f"{plan.name}-control-plane-secrets",
            role=role.role.name,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "EncryptSecrets",
                            "Effect": "Allow",
                            "Action": [
                                "kms:CreateGrant",
                                "kms:Decrypt",
                                "kms:DescribeKey",
                                "kms:Encrypt",
                                "kms:ListGrants",
                            ],
                            "Resource": key,
                        }
                    ],
                }
            ),
            opts=self._child,
        )
        auto = plan.auto_mode is not None
        own = pulumi.ResourceOptions(
            parent=self._parent,
            depends_on=[*role.policies, uses_key, logs],
            # Two clusters cannot have one name.
            delete_before_replace=True,
        )
        return aws.eks.Cluster(
            name,
            name=plan.cluster_name,
            version=plan.kubernetes_version,
            role_arn=role.role.arn,
            # What EKS would put in by itself is no add-on, and nobody would update it.
            bootstrap_self_managed_addons=False,
            vpc_config=aws.eks.ClusterVpcConfigArgs(
                subnet_ids=self._subnets(),
                endpoint_private_access=True,
                endpoint_public_access=plan.public_cidrs is not None,
                public_access_cidrs=plan.public_cidrs and list(plan.public_cidrs),
                control_plane_egress_mode=plan.egress_mode,
            ),
            access_config=aws.eks.ClusterAccessConfigArgs(
                authentication_mode="API",
                bootstrap_cluster_creator_admin_permissions=plan.creator_is_admin,
            ),
            encryption_config=aws.eks.ClusterEncryptionConfigArgs(
                provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=key),
                resources=["secrets"],
            ),
            enabled_cluster_log_types=list(plan.log_types),
            kubernetes_network_config=aws.eks.ClusterKubernetesNetworkConfigArgs(
                ip_family=plan.ip_family,
                service_ipv4_cidr=None if plan.service_cidr is None else str(plan.service_cidr),
                elastic_load_balancing=(
                    aws.eks.ClusterKubernetesNetworkConfigElasticLoadBalancingArgs(enabled=auto)
                ),
            ),
            # The three are on or off together, and said to be off, or they could not be turned off.
            compute_config=self._compute(),
            storage_config=aws.eks.ClusterStorageConfigArgs(
                block_storage=aws.eks.ClusterStorageConfigBlockStorageArgs(enabled=auto)
            ),
            remote_network_config=self._remote(),
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type=plan.support_type),
            zonal_shift_config=aws.eks.ClusterZonalShiftConfigArgs(enabled=plan.zonal_shift),
            control_plane_scaling_config=(
                None
                if plan.tier == "standard"
                else aws.eks.ClusterControlPlaneScalingConfigArgs(tier=plan.tier)
            ),
            deletion_protection=plan.deletion_protection,
            region=self._region,
            tags=tagged(name, self._tags),
            opts=pulumi.ResourceOptions.merge(own, self._awaited),
        )

    def _subnets(self) -> Subnets:
        where = f"EksCluster {self._plan.name!r}"
        return chosen_subnets(where, self._args["subnet_ids"], self._plan.subnets)

    def _compute(self) -> aws.eks.ClusterComputeConfigArgs:
        auto = self._plan.auto_mode
        if auto is None:
            return aws.eks.ClusterComputeConfigArgs(enabled=False)
        self.node_role_arn = self._node_role()
        return aws.eks.ClusterComputeConfigArgs(
            enabled=True,
            node_pools=list(auto.node_pools),
            node_role_arn=self.node_role_arn if auto.node_pools else None,
        )

    def _node_role(self) -> pulumi.Output[str]:
        given = self._args.get("auto_mode", {}).get("node_role_arn")
        if given is not None:
            return pulumi.Output.from_input(given)
        made = self._service_role(
            "nodes",
            "ec2",
            ["sts:AssumeRole"],
            ["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodeMinimalPolicy"],
            None,
            "Nodes",
        )
        return made.role.arn

    def _remote(self) -> Optional[aws.eks.ClusterRemoteNetworkConfigArgs]:
        nodes, pods = self._plan.remote_nodes, self._plan.remote_pods
        if not nodes:
            return None
        return aws.eks.ClusterRemoteNetworkConfigArgs(
            remote_node_networks=aws.eks.ClusterRemoteNetworkConfigRemoteNodeNetworksArgs(
                cidrs=[str(one) for one in nodes]
            ),
            remote_pod_networks=(
                aws.eks.ClusterRemoteNetworkConfigRemotePodNetworksArgs(
                    cidrs=[str(one) for one in pods]
                )
                if pods
                else None
            ),
        )

    def access(self, cluster: aws.eks.Cluster) -> None:
        """Register who may do what. The nodes of built-in pools get their entry from EKS."""
        for key, access in self._plan.access.items():
            self._entry(
                cluster,
                f"{self._plan.name}-{key}",
                access.principal_arn,
                groups=list(access.groups) or None,
                policies=access.policies,
            )
        auto = self._plan.auto_mode
        if auto is not None and not auto.node_pools and self.node_role_arn is not None:
            self._entry(
                cluster,
                f"{self._plan.name}-auto-nodes",
                self.node_role_arn,
                type_="EC2",
                policies={"AmazonEKSAutoNodePolicy": ()},
            )

    def _entry(
        self,
        cluster: aws.eks.Cluster,
        name: str,
        principal: pulumi.Input[str],
        *,
        policies: Mapping[str, Sequence[str]],
        groups: Optional[list[str]] = None,
        type_: Optional[str] = None,
    ) -> None:
        entry = aws.eks.AccessEntry(
            name,
            cluster_name=cluster.name,
            principal_arn=principal,
            kubernetes_groups=groups,
            type=type_,
            region=self._region,
            tags=tagged(name, self._tags),
            opts=self._child,
        )
        for policy, namespaces in sorted(policies.items()):
            aws.eks.AccessPolicyAssociation(
                f"{name}-{policy.rpartition('/')[2]}",
                cluster_name=cluster.name,
                principal_arn=entry.principal_arn,
                policy_arn=self._access_policy(policy),
                access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(
                    type="namespace" if namespaces else "cluster",
                    namespaces=list(namespaces) or None,
                ),
                region=self._region,
                opts=pulumi.ResourceOptions(parent=self._parent, depends_on=[entry]),
            )

    def _access_policy(self, policy: str) -> pulumi.Input[str]:
        if policy.startswith("arn:"):
            return policy

        def arn(region: str) -> str:
            return f"arn:{partition(region)}:eks::aws:cluster-access-policy/{policy}"

        region = self._location.region
        if isinstance(region, str):
            return arn(region)
        return pulumi.Output.all(region).apply(lambda known: arn(known[0]))

    def oidc_provider(self, cluster: aws.eks.Cluster) -> Optional[aws.iam.OpenIdConnectProvider]:
        """Register the provider by which IAM believes the tokens of service accounts."""
        if not self._plan.irsa:
            return None
        name = f"{self._plan.name}-oidc"
        return aws.iam.OpenIdConnectProvider(
            name,
            url=issuer(cluster),
            client_id_lists=["sts.amazonaws.com"],
            tags=tagged(name, self._tags),
            opts=self._child,
        )

    def api_clients(
        self, group_id: pulumi.Output[str], clients: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Register who may call the private API, beside the nodes."""
        for client, rule in clients.items():
            name = f"{self._plan.name}-api-from-{client}"
            aws.vpc.SecurityGroupIngressRule(
                name,
                security_group_id=group_id,
                description=f"API from {client}",
                region=self._region,
                tags=tagged(name, self._tags),
                opts=self._child,
                **{**rule, "from_port": HTTPS, "to_port": HTTPS},
            )

    def addons(
        self,
        cluster: aws.eks.Cluster,
        provider: Optional[aws.iam.OpenIdConnectProvider],
        group_id: pulumi.Output[str],
    ) -> list[pulumi.Resource]:
        """Register the add-ons that nodes wait for."""
        plan = self._plan
        irsa = None if plan.pod_identity or provider is None else Irsa(provider.arn)
        identity: Identity = irsa or PodIdentity(
            self._location.arn("eks", f"cluster/{plan.cluster_name}")
        )
        made: list[pulumi.Resource] = []
        for key, version in plan.addons.items():
            addon, name = ADDONS[key], f"{plan.name}-{key}"
            role = None
            if addon.accounts:
                role = controller_role(
                    name,
                    Pods(addon.namespace, addon.accounts),
                    identity,
                    self._location,
                    self._parent,
                    description=f"{key} of {plan.cluster_name}",
                    managed=() if plan.ip_family == "ipv6" else addon.managed,
                    statements=_ipv6_cni(self._location) if plan.ip_family == "ipv6" else (),
                    permissions_boundary=self._boundary,
                    tags=self._tags,
                )
            made.append(
                eks_addon(
                    name,
                    addon,
                    version,
                    cluster.name,
                    self._parent,
                    role=role,
                    irsa=irsa is not None,
                    configuration=self._cni(group_id) if key == "vpc-cni" else None,
                    region=self._region,
                    tags=self._tags,
                )
            )
        return made

    def _cni(self, group_id: pulumi.Output[str]) -> Optional[pulumi.Output[str]]:
        cni = self._plan.vpc_cni
        if cni is None:
            return None
        ids = self._args["subnet_ids"]
        subnets = cni.pod_subnets(ids, self._plan.node_groups) if isinstance(ids, Mapping) else {}
        groups = self._args.get("vpc_cni", {}).get("pod_security_group_ids") or [group_id]
        return pulumi.Output.json_dumps(
            cni.configuration(self._location.region, subnets, groups), sort_keys=True
        )


def _ipv6_cni(location: Location) -> pulumi.Output[list[dict[str, Any]]]:
    return pulumi.Output.all(location.region).apply(lambda known: ipv6_statements(known[0]))
