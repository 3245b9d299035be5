"""AWS container networks whose traffic to AWS stays on the AWS backbone."""

import pulumi

from privatelane.backup.backup_plan import BackupPlanArgs
from privatelane.backup.cluster_backup import ClusterBackup, ClusterBackupArgs, cluster_backup_needs
from privatelane.backup.velero import VeleroArgs
from privatelane.backup.volume_snapshots import VolumeSnapshotsArgs
from privatelane.controllers.cluster_autoscaler import (
    ClusterAutoscalerPrerequisites,
    ClusterAutoscalerPrerequisitesArgs,
)
from privatelane.controllers.karpenter import KarpenterPrerequisites, KarpenterPrerequisitesArgs
from privatelane.controllers.load_balancer_controller import (
    LoadBalancerControllerPrerequisites,
    LoadBalancerControllerPrerequisitesArgs,
)
from privatelane.ecr.image_repository import ImageRepository, ImageRepositoryArgs
from privatelane.ecr.pull_through_cache import PullThroughArgs
from privatelane.ecs.autoscaling import AutoscalingArgs
from privatelane.ecs.capacity import CapacityArgs
from privatelane.ecs.fargate_cluster import FargateCluster, FargateClusterArgs
from privatelane.ecs.fargate_service import FargateService, FargateServiceArgs
from privatelane.ecs.fargate_task import (
    FargateTaskArgs,
    HealthCheckArgs,
    ServiceConnectArgs,
    SidecarArgs,
    needs_of,
)
from privatelane.ecs.load_balancer import LoadBalancerArgs
from privatelane.eks._addons import NODE_ADDONS
from privatelane.eks._eks_needs import addon_needs, cluster_needs
from privatelane.eks.cluster_addon import ClusterAddon, ClusterAddonArgs
from privatelane.eks.eks_cluster import (
    AutoModeArgs,
    ClusterAccessArgs,
    EksCluster,
    EksClusterArgs,
)
from privatelane.eks.vpc_cni import VpcCniArgs
from privatelane.nodes._node_needs import (
    cluster_autoscaler_needs,
    fargate_profile_needs,
    karpenter_needs,
    load_balancer_controller_needs,
    node_group_needs,
)
from privatelane.nodes.fargate_profile import (
    FargateProfile,
    FargateProfileArgs,
    FargateSelectorArgs,
)
from privatelane.nodes.node_group import NodeGroup, NodeGroupArgs, TaintArgs
from privatelane.nodes.self_managed_node_group import SelfManagedNodeGroup, SelfManagedNodeGroupArgs
from privatelane.observability.alarms import NetworkAlarmsArgs
from privatelane.observability.alert_topic import AlertsArgs
from privatelane.observability.dashboard import BytePricesArgs
from privatelane.observability.endpoint_canary import (
    CANARY_NEEDS,
    EndpointCanary,
    EndpointCanaryArgs,
)
from privatelane.observability.flow_log_table import FlowLogTable, FlowLogTableArgs
from privatelane.observability.nat_budget import NatBudgetArgs
from privatelane.observability.network_changes import NetworkChangesArgs
from privatelane.observability.observability import Observability, ObservabilityArgs
from privatelane.peers import PeerArgs
from privatelane.vpc.endpoints import Endpoints, EndpointsArgs
from privatelane.vpc.flow_logs import FLOW_LOG_FIELDS, FlowLogsArgs
from privatelane.vpc.network import Network, NetworkArgs, SubnetGroupArgs

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
