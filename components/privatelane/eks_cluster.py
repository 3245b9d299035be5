"""An EKS cluster whose API is private, and the add-ons that its nodes wait for."""

from collections.abc import Mapping, Sequence
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._addons import ADDONS
from privatelane._component import input_errors, provider_region, register
from privatelane._eks_plan import (
    ClusterPlan,
    plain_texts,
    plan_cluster,
    refuse_missing,
)
from privatelane._invalid import InvalidInput, known_keys
from privatelane._services import check_region, partition
from privatelane._tags import Tags, tagged
from privatelane.cluster_addon import eks_addon
from privatelane.controller_role import (
    ControllerRole,
    Identity,
    Irsa,
    PodIdentity,
    Pods,
    controller_role,
    managed_policy,
)
from privatelane.location import Location, location_of
from privatelane.peers import HTTPS, PeerArgs, check_peers
from privatelane.service_plan import is_plain
from privatelane.vpc_cni import VpcCniArgs


class AutoModeArgs(TypedDict):
    """Nodes, storage and load balancers that EKS runs by itself."""

    node_pools: NotRequired[Sequence[str]]
    """Built-in node pools: `general-purpose` and `system`, or none, to write NodePool objects of
    your own. Defaults to both."""
    node_role_arn: NotRequired[pulumi.Input[str]]
    """Role of the nodes, which can never be changed. Defaults to a role of its own."""


class ClusterAccessArgs(TypedDict):
    """What one IAM principal may do in a cluster."""

    principal_arn: pulumi.Input[str]
    """ARN of an IAM role or user."""
    policies: NotRequired[Mapping[str, Sequence[str]]]
    """Access policies, such as `AmazonEKSViewPolicy`, with the namespaces that each holds for; an
    empty list is the whole cluster. Defaults to none."""
    kubernetes_groups: NotRequired[Sequence[str]]
    """Groups that the principal is in for Kubernetes' own role bindings. Defaults to none."""


class EksClusterArgs(TypedDict):
    """An EKS cluster, and the network it is in."""

    cluster_name: str
    """Name of the cluster, unique in its account and region. It cannot be changed."""
    kubernetes_version: str
    """Kubernetes version, such as `1.35`. Its add-ons' versions follow from it."""
    group: str
    """Group of subnets that the control plane has its network interfaces in, and the nodes of Auto
    Mode run in."""
    zones: NotRequired[Sequence[str]]
    """Zones of the group to use, by their ids. EKS has no control plane in some zones, and holds
    on to the zones it began with. Defaults to all that the group has."""
    node_subnet_groups: NotRequired[Sequence[str]]
    """Groups of subnets that nodes run in, and with them the cluster's own add-ons. Defaults to
    `group`."""
    subnet_ids: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Subnets by `<group>/<zone id>`, such as `Network.subnet_ids`."""
    subnet_cidrs: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Ranges of the subnets by the same keys, such as `Network.subnet_cidrs`, to refuse those that
    are too small. Defaults to no such check."""
    subnet_ipv6_cidrs: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """IPv6 ranges of the subnets by the same keys, such as `Network.subnet_ipv6_cidrs`. Defaults to
    none."""
    egress: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """What each group has towards the internet, such as `Network.egress`: `internet-gateway`, `nat`
    or `none`."""
    private_services: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Services that each group reaches by an endpoint, separated by commas, such as
    `Endpoints.private_services`."""
    vpc_cidr_blocks: pulumi.Input[Sequence[pulumi.Input[str]]]
    """IPv4 ranges of the VPC, such as `Network.cidr_blocks`."""
    peer_cidr_blocks: NotRequired[Sequence[str]]
    """IPv4 ranges of networks that pods call: peers, those behind a transit gateway or a VPN.
    Defaults to none."""
    remote_node_networks: NotRequired[Sequence[str]]
    """IPv4 ranges of hybrid nodes. Defaults to none."""
    remote_pod_networks: NotRequired[Sequence[str]]
    """IPv4 ranges of the pods of hybrid nodes. Defaults to none."""
    ip_family: NotRequired[str]
    """Family of the addresses of pods and services: `ipv4`, or `ipv6` in subnets of both families.
    It cannot be changed. Defaults to `ipv4`."""
    service_ipv4_cidr: NotRequired[str]
    """Range of the addresses of services, which overlaps with nothing that pods call. It cannot be
    changed. Defaults to 172.20.0.0/16."""
    control_plane_egress_mode: NotRequired[str]
    """Which way the control plane calls webhooks and identity providers: `AWS_MANAGED`, or
    `CUSTOMER_ROUTED` through the subnets of the group, from which there is no way back. Defaults to
    `AWS_MANAGED`."""
    public_access_cidrs: NotRequired[Sequence[str]]
    """Ranges of the internet that may call the API, beside the VPC. Defaults to none, which leaves
    the API private."""
    api_clients: NotRequired[Mapping[str, PeerArgs]]
    """Callers of the private API beside the nodes, by a name for each, such as
    `{"deployer": {"security_group_id": ...}}`. Defaults to none."""
    access: NotRequired[Mapping[str, ClusterAccessArgs]]
    """Who may do what in the cluster, by a name for each. Somebody must have
    `AmazonEKSClusterAdminPolicy`. Defaults to nobody."""
    bootstrap_cluster_creator_admin_permissions: NotRequired[bool]
    """Whether the role that creates the cluster administers it for good, without an entry in
    `access`. It cannot be changed. Defaults to false."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key that encrypts Kubernetes secrets. It cannot be changed. Defaults to a key of its own."""
    log_types: NotRequired[Sequence[str]]
    """Logs of the control plane: `api`, `audit`, `authenticator`, `controllerManager`, `scheduler`.
    Defaults to all."""
    log_retention_days: NotRequired[int]
    """Days until a log record is deleted, one of the numbers that CloudWatch Logs accepts. Defaults
    to 90."""
    log_kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key that encrypts the log group; its policy must admit CloudWatch Logs. Defaults to a key of
    AWS's own."""
    support_type: NotRequired[str]
    """What happens after a version's standard support: `STANDARD`, EKS upgrades the cluster, or
    `EXTENDED`, it stays for a price. Defaults to `STANDARD`."""
    deletion_protection: NotRequired[bool]
    """Whether the cluster cannot be deleted. Defaults to true."""
    zonal_shift: NotRequired[bool]
    """Whether traffic can be shifted away from an impaired zone. Defaults to true."""
    control_plane_tier: NotRequired[str]
    """Provisioned size of the control plane: `standard`, `tier-xl`, `tier-2xl`, `tier-4xl` or
    `tier-8xl`. Defaults to `standard`."""
    auto_mode: NotRequired[AutoModeArgs]
    """EKS Auto Mode: nodes, their network, storage and load balancers run by EKS. Defaults to off:
    nodes are yours."""
    pod_identity: NotRequired[bool]
    """Whether nodes run the Pod Identity agent, from which pods get their credentials. Defaults to
    true."""
    irsa: NotRequired[bool]
    """Whether there is an OpenID Connect provider, so that pods can have roles by their service
    accounts' tokens (IRSA), as pods on Fargate must. Defaults to false."""
    vpc_cni: NotRequired[VpcCniArgs]
    """How pods get addresses. Defaults to single addresses of the nodes' subnets, with network
    policies. Not with `auto_mode`."""
    addon_versions: NotRequired[Mapping[str, str]]
    """Versions of `vpc-cni`, `kube-proxy` and `eks-pod-identity-agent`. Defaults to those of the
    lock for the Kubernetes version. Not with `auto_mode`."""
    permissions_boundary_arn: NotRequired[pulumi.Input[str]]
    """Permissions boundary of every role. Defaults to none."""
    region: NotRequired[str]
    """Region of the cluster. Defaults to the provider's."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags put on every resource. Defaults to none."""


class EksCluster(pulumi.ComponentResource):
    """An EKS cluster with a private API, encrypted secrets, kept logs, access entries, and the add-ons that nodes wait for, at pinned versions. It refuses subnets from which its nodes could not reach what they need."""  # noqa: E501 - the schema takes one paragraph

    cluster_name: pulumi.Output[str]
    """Name of the cluster."""
    cluster_arn: pulumi.Output[str]
    """ARN of the cluster."""
    cluster_endpoint: pulumi.Output[str]
    """URL of the API."""
    certificate_authority: pulumi.Output[str]
    """Certificate of the API's authority, in base64."""
    kubernetes_version: pulumi.Output[str]
    """Kubernetes version of the control plane."""
    cluster_security_group_id: pulumi.Output[str]
    """Security group of the control plane and the nodes, which EKS makes."""
    service_ipv4_cidr: Optional[pulumi.Output[str]]
    """Range of the addresses of services; null in an IPv6 cluster."""
    service_ipv6_cidr: Optional[pulumi.Output[str]]
    """Range of the addresses of services; null in an IPv4 cluster."""
    oidc_issuer: pulumi.Output[str]
    """URL of the issuer of service accounts' tokens."""
    oidc_provider_arn: Optional[pulumi.Output[str]]
    """ARN of the OpenID Connect provider; null without `irsa`."""
    node_role_arn: Optional[pulumi.Output[str]]
    """ARN of the role of Auto Mode's nodes; null without `auto_mode`."""

    def __init__(
        self,
        name: str,
        args: EksClusterArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        where = f"EksCluster {name!r}"
        with input_errors(where):
            known_keys("EksCluster", args, EksClusterArgs.__annotations__)
            refuse_missing(args, EksClusterArgs.__required_keys__)
            plan = plan_cluster(name, args)
            clients = check_peers("api_clients", args.get("api_clients"))
            region = args.get("region")
            region = check_region("region", region) if region else provider_region(opts)
            zones = _check_plain(plan, args)
        super().__init__("privatelane:index:EksCluster", name, None, opts)
        build = _Children(self, plan, args, location_of(self, region), zones, opts)

        cluster = build.cluster(build.role(where), build.key(), build.log_group())
        build.access(cluster)
        provider = build.oidc_provider(cluster)
        # A preview knows the settings of the group's parent, but not the group: the ARN stands for
        # what is there after the update only.
        group_id: pulumi.Output[str] = pulumi.Output.all(
            cluster.vpc_config.cluster_security_group_id, cluster.arn
        ).apply(lambda both: str(both[0]))
        build.api_clients(group_id, clients)
        #: What node groups wait for, and nodes need to become ready: to be given to `depends_on`,
        #: so that nodes are gone before the CNI is, which would leave their network interfaces.
        self.before_nodes: list[pulumi.Resource] = build.addons(cluster, provider, group_id)

        self.cluster_name = cluster.name
        self.cluster_arn = cluster.arn
        self.cluster_endpoint = cluster.endpoint
        self.certificate_authority = cluster.certificate_authority.apply(lambda one: one.data or "")
        self.kubernetes_version = cluster.version
        self.cluster_security_group_id = group_id
        ipv6 = plan.ip_family == "ipv6"
        self.service_ipv4_cidr = (
            None if plan.service_cidr is None else pulumi.Output.from_input(str(plan.service_cidr))
        )
        self.service_ipv6_cidr = _service_ipv6_cidr(cluster) if ipv6 else None
        self.oidc_issuer = _issuer(cluster)
        self.oidc_provider_arn = provider.arn if provider else None
        self.node_role_arn = build.node_role_arn
        register(self)


def _check_plain(plan: ClusterPlan, args: EksClusterArgs) -> Optional[list[str]]:
    """Compare the plan with the network as far as it is plain; return the zones if they are."""
    egress, private = args["egress"], args["private_services"]
    if is_plain(egress) and is_plain(private):
        plan.check_start(egress, private)
    if plain_texts(args["vpc_cidr_blocks"]):
        plan.check_ranges(args["vpc_cidr_blocks"])
    cidrs = args.get("subnet_cidrs")
    if is_plain(cidrs):
        plan.check_sizes(cidrs)
    if not isinstance(args["subnet_ids"], Mapping):
        if plan.vpc_cni is not None and plan.vpc_cni.pod_group is not None:
            raise InvalidInput(
                "vpc_cni.pod_group is given, then subnet_ids must be a map whose keys are known"
            )
        return None
    zones = list(plan.subnets(args["subnet_ids"]))
    dual = args.get("subnet_ipv6_cidrs")
    if dual is None or isinstance(dual, Mapping):
        plan.check_dual_stack(dual or {}, zones)
    return zones


def _service_ipv6_cidr(cluster: aws.eks.Cluster) -> pulumi.Output[str]:
    given = pulumi.Output.all(cluster.kubernetes_network_config.service_ipv6_cidr, cluster.arn)
    return given.apply(lambda both: str(both[0]))


def _issuer(cluster: aws.eks.Cluster) -> pulumi.Output[str]:
    def first(identities: Optional[Sequence[Any]]) -> str:
        return identities[0].oidcs[0].issuer if identities and identities[0].oidcs else ""

    return cluster.identities.apply(first)


class _Children:
    def __init__(
        self,
        parent: EksCluster,
        plan: ClusterPlan,
        args: EksClusterArgs,
        location: Location,
        zones: Optional[Sequence[str]],
        opts: Optional[pulumi.ResourceOptions],
    ) -> None:
        self._parent = parent
        self._plan = plan
        self._args = args
        self._location = location
        self._zones = zones
        #: What the component waits for, its cluster waits for: usually routes and endpoints, which
        #: then outlive it.
        self._awaited = opts.depends_on if opts else None
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
                policy_arn=managed_policy(self._location, policy),
                opts=self._child,
            )
            for policy in policies
        ]
        return ControllerRole(role, attached)

    def key(self) -> pulumi.Input[str]:
        """Register the key of the secrets, unless one is given."""
        given = self._args.get("kms_key_arn")
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
            opts=pulumi.ResourceOptions.merge(
                own, pulumi.ResourceOptions(depends_on=self._awaited)
            ),
        )

    def _subnets(self) -> pulumi.Input[Sequence[pulumi.Input[str]]]:
        ids = self._args["subnet_ids"]
        if isinstance(ids, Mapping):
            return list(self._plan.subnets(ids).values())
        where = f"EksCluster {self._plan.name!r}"

        def chosen(known: Mapping[str, str]) -> list[str]:
            with input_errors(where):
                return list(self._plan.subnets(known).values())

        return pulumi.Output.all(ids).apply(lambda known: chosen(known[0]))

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
            url=_issuer(cluster),
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
                    managed=() if plan.ip_family == "ipv6" else addon.policies,
                    statements=_IPV6_CNI if plan.ip_family == "ipv6" else (),
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
                    irsa=irsa,
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
        ids, subnets = self._args["subnet_ids"], {}
        if cni.pod_group is not None and isinstance(ids, Mapping):
            subnets = cni.pod_subnets(ids, self._zones or ())
        groups = self._args.get("vpc_cni", {}).get("pod_security_group_ids") or [group_id]
        return pulumi.Output.json_dumps(
            cni.configuration(self._location.region, subnets, groups), sort_keys=True
        )


#: What the CNI may do in an IPv6 cluster, for which AWS has no managed policy. Source: "IAM policy"
#: of the VPC CNI, IPv6 mode.
_IPV6_CNI: Sequence[Mapping[str, Any]] = (
    {
        "Sid": "AssignAddresses",
        "Effect": "Allow",
        "Action": [
            "ec2:AssignIpv6Addresses",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeInstances",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeTags",
        ],
        "Resource": "*",
    },
    {
        "Sid": "TagInterfaces",
        "Effect": "Allow",
        "Action": "ec2:CreateTags",
        "Resource": "arn:*:ec2:*:*:network-interface/*",
    },
)
