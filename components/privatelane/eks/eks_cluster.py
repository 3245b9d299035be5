"""An EKS cluster whose API is private, and the add-ons that its nodes wait for."""

from collections.abc import Mapping, Sequence
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._component import input_errors, is_plain, provider_region, register
from privatelane._invalid import InvalidInput, known_keys, refuse_missing
from privatelane._services import check_region
from privatelane.eks._eks_plan import ClusterPlan, plain_texts, plan_cluster
from privatelane.eks.eks_children import ClusterChildren, issuer
from privatelane.eks.vpc_cni import VpcCniArgs
from privatelane.location import location_of
from privatelane.peers import PeerArgs, check_peers


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
    versions_lock: NotRequired[str]
    """Path of a lock of your own, which `lane addons refresh --lock` wrote. Defaults to the one of
    this package."""
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
            known_keys("vpc_cni", args.get("vpc_cni") or {}, VpcCniArgs.__annotations__)
            plan = plan_cluster(name, args)
            clients = check_peers("api_clients", args.get("api_clients"))
            region = args.get("region")
            region = check_region("region", region) if region else provider_region(opts)
            _check_plain(plan, args)
        super().__init__("privatelane:index:EksCluster", name, None, opts)
        build = ClusterChildren(self, plan, args, location_of(self, region), opts)

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
        self.certificate_authority = cluster.certificate_authority.apply(_certificate)
        self.kubernetes_version = cluster.version
        self.cluster_security_group_id = group_id
        ipv6 = plan.ip_family == "ipv6"
        self.service_ipv4_cidr = (
            None if plan.service_cidr is None else pulumi.Output.from_input(str(plan.service_cidr))
        )
        self.service_ipv6_cidr = _service_ipv6_cidr(cluster) if ipv6 else None
        self.oidc_issuer = issuer(cluster)
        self.oidc_provider_arn = provider.arn if provider else None
        self.node_role_arn = build.node_role_arn
        register(self)


def _check_plain(plan: ClusterPlan, args: EksClusterArgs) -> None:
    """Compare the plan with the network as far as it is plain."""
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
        return
    zones = plan.subnets(args["subnet_ids"])
    if plan.vpc_cni is not None:
        plan.vpc_cni.pod_subnets(args["subnet_ids"], plan.node_groups)
    dual = args.get("subnet_ipv6_cidrs")
    if dual is None or isinstance(dual, Mapping):
        plan.check_dual_stack(dual or {}, zones)


def _certificate(authority: Any) -> str:  # noqa: ANN401 - pulumi-aws's own type would load EKS
    return (authority and authority.data) or ""


def _service_ipv6_cidr(cluster: "aws.eks.Cluster") -> pulumi.Output[str]:
    given = pulumi.Output.all(cluster.kubernetes_network_config.service_ipv6_cidr, cluster.arn)
    return given.apply(lambda both: str(both[0]))
