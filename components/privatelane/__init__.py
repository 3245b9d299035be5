"""AWS container networks whose traffic to AWS stays on the AWS backbone."""

import pulumi

from privatelane._addons import NODE_ADDONS
from privatelane._eks_needs import addon_needs, cluster_needs
from privatelane._node_needs import (
    cluster_autoscaler_needs,
    fargate_profile_needs,
    karpenter_needs,
    load_balancer_controller_needs,
    node_group_needs,
)
from privatelane.alarms import NetworkAlarmsArgs
from privatelane.alert_topic import AlertsArgs
from privatelane.autoscaling import AutoscalingArgs
from privatelane.backup_plan import BackupPlanArgs
from privatelane.capacity import CapacityArgs
from privatelane.cluster_addon import ClusterAddon, ClusterAddonArgs
from privatelane.cluster_autoscaler import (
    ClusterAutoscalerPrerequisites,
    ClusterAutoscalerPrerequisitesArgs,
)
from privatelane.cluster_backup import ClusterBackup, ClusterBackupArgs, cluster_backup_needs
from privatelane.dashboard import BytePricesArgs
from privatelane.eks_cluster import (
    AutoModeArgs,
    ClusterAccessArgs,
    EksCluster,
    EksClusterArgs,
)
from privatelane.endpoint_canary import CANARY_NEEDS, EndpointCanary, EndpointCanaryArgs
from privatelane.endpoints import Endpoints, EndpointsArgs
from privatelane.fargate_cluster import FargateCluster, FargateClusterArgs
from privatelane.fargate_profile import FargateProfile, FargateProfileArgs, FargateSelectorArgs
from privatelane.fargate_service import FargateService, FargateServiceArgs
from privatelane.fargate_task import (
    FargateTaskArgs,
    HealthCheckArgs,
    ServiceConnectArgs,
    SidecarArgs,
    needs_of,
)
from privatelane.flow_log_table import FlowLogTable, FlowLogTableArgs
from privatelane.flow_logs import FLOW_LOG_FIELDS, FlowLogsArgs
from privatelane.image_repository import ImageRepository, ImageRepositoryArgs
from privatelane.karpenter import KarpenterPrerequisites, KarpenterPrerequisitesArgs
from privatelane.load_balancer import LoadBalancerArgs
from privatelane.load_balancer_controller import (
    LoadBalancerControllerPrerequisites,
    LoadBalancerControllerPrerequisitesArgs,
)
from privatelane.nat_budget import NatBudgetArgs
from privatelane.network import Network, NetworkArgs, SubnetGroupArgs
from privatelane.network_changes import NetworkChangesArgs
from privatelane.node_group import NodeGroup, NodeGroupArgs, TaintArgs
from privatelane.observability import Observability, ObservabilityArgs
from privatelane.peers import PeerArgs
from privatelane.pull_through_cache import PullThroughArgs
from privatelane.self_managed_node_group import SelfManagedNodeGroup, SelfManagedNodeGroupArgs
from privatelane.velero import VeleroArgs
from privatelane.volume_snapshots import VolumeSnapshotsArgs
from privatelane.vpc_cni import VpcCniArgs

__all__ = [
    "CANARY_NEEDS",
    "COMPONENTS",
    "FLOW_LOG_FIELDS",
    "NODE_ADDONS",
    "AlertsArgs",
    "AutoModeArgs",
    "AutoscalingArgs",
    "BackupPlanArgs",
    "BytePricesArgs",
    "CapacityArgs",
    "ClusterAccessArgs",
    "ClusterAddon",
    "ClusterAddonArgs",
    "ClusterAutoscalerPrerequisites",
    "ClusterAutoscalerPrerequisitesArgs",
    "ClusterBackup",
    "ClusterBackupArgs",
    "EksCluster",
    "EksClusterArgs",
    "EndpointCanary",
    "EndpointCanaryArgs",
    "Endpoints",
    "EndpointsArgs",
    "FargateCluster",
    "FargateClusterArgs",
    "FargateProfile",
    "FargateProfileArgs",
    "FargateSelectorArgs",
    "FargateService",
    "FargateServiceArgs",
    "FargateTaskArgs",
    "FlowLogTable",
    "FlowLogTableArgs",
    "FlowLogsArgs",
    "HealthCheckArgs",
    "ImageRepository",
    "ImageRepositoryArgs",
    "KarpenterPrerequisites",
    "KarpenterPrerequisitesArgs",
    "LoadBalancerArgs",
    "LoadBalancerControllerPrerequisites",
    "LoadBalancerControllerPrerequisitesArgs",
    "NatBudgetArgs",
    "Network",
    "NetworkAlarmsArgs",
    "NetworkArgs",
    "NetworkChangesArgs",
    "NodeGroup",
    "NodeGroupArgs",
    "Observability",
    "ObservabilityArgs",
    "PeerArgs",
    "PullThroughArgs",
    "SelfManagedNodeGroup",
    "SelfManagedNodeGroupArgs",
    "ServiceConnectArgs",
    "SidecarArgs",
    "SubnetGroupArgs",
    "TaintArgs",
    "VeleroArgs",
    "VolumeSnapshotsArgs",
    "VpcCniArgs",
    "__version__",
    "addon_needs",
    "cluster_autoscaler_needs",
    "cluster_backup_needs",
    "cluster_needs",
    "fargate_profile_needs",
    "karpenter_needs",
    "load_balancer_controller_needs",
    "needs_of",
    "node_group_needs",
]

#: The version of the distribution and of the plugin; pyproject.toml reads it from here.
__version__ = "0.1.0"

#: What the plugin hosts, in the order of the schema.
COMPONENTS: tuple[type[pulumi.ComponentResource], ...] = (
    Network,
    Endpoints,
    FargateCluster,
    FargateService,
    ImageRepository,
    Observability,
    EndpointCanary,
    EksCluster,
    ClusterAddon,
    ClusterBackup,
    NodeGroup,
    SelfManagedNodeGroup,
    FargateProfile,
    KarpenterPrerequisites,
    ClusterAutoscalerPrerequisites,
    LoadBalancerControllerPrerequisites,
    FlowLogTable,
)
