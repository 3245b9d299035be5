"""AWS container networks whose traffic to AWS stays on the AWS backbone."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privatelane._plugin import COMPONENTS
    from privatelane.backup.backup_plan import BackupPlanArgs
    from privatelane.backup.cluster_backup import (
        ClusterBackup,
        ClusterBackupArgs,
        cluster_backup_needs,
    )
    from privatelane.backup.velero import VeleroArgs
    from privatelane.backup.volume_snapshots import VolumeSnapshotsArgs
    from privatelane.controllers._controller_needs import (
        cluster_autoscaler_needs,
        karpenter_needs,
        load_balancer_controller_needs,
    )
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
    from privatelane.nodes._node_needs import fargate_profile_needs, node_group_needs
    from privatelane.nodes.fargate_profile import (
        FargateProfile,
        FargateProfileArgs,
        FargateSelectorArgs,
    )
    from privatelane.nodes.node_group import NodeGroup, NodeGroupArgs, TaintArgs
    from privatelane.nodes.self_managed_node_group import (
        SelfManagedNodeGroup,
        SelfManagedNodeGroupArgs,
    )
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

#: Where each name comes from. The module is imported when its name is first asked for, so that a
#: program loads the components it uses and no others. What is imported above is the same, for type
#: checkers.
_MODULES = {
    "CANARY_NEEDS": "privatelane.observability.endpoint_canary",
    "COMPONENTS": "privatelane._plugin",
    "FLOW_LOG_FIELDS": "privatelane.vpc.flow_logs",
    "NODE_ADDONS": "privatelane.eks._addons",
    "AlertsArgs": "privatelane.observability.alert_topic",
    "AutoModeArgs": "privatelane.eks.eks_cluster",
    "AutoscalingArgs": "privatelane.ecs.autoscaling",
    "BackupPlanArgs": "privatelane.backup.backup_plan",
    "BytePricesArgs": "privatelane.observability.dashboard",
    "CapacityArgs": "privatelane.ecs.capacity",
    "ClusterAccessArgs": "privatelane.eks.eks_cluster",
    "ClusterAddon": "privatelane.eks.cluster_addon",
    "ClusterAddonArgs": "privatelane.eks.cluster_addon",
    "ClusterAutoscalerPrerequisites": "privatelane.controllers.cluster_autoscaler",
    "ClusterAutoscalerPrerequisitesArgs": "privatelane.controllers.cluster_autoscaler",
    "ClusterBackup": "privatelane.backup.cluster_backup",
    "ClusterBackupArgs": "privatelane.backup.cluster_backup",
    "EksCluster": "privatelane.eks.eks_cluster",
    "EksClusterArgs": "privatelane.eks.eks_cluster",
    "EndpointCanary": "privatelane.observability.endpoint_canary",
    "EndpointCanaryArgs": "privatelane.observability.endpoint_canary",
    "Endpoints": "privatelane.vpc.endpoints",
    "EndpointsArgs": "privatelane.vpc.endpoints",
    "FargateCluster": "privatelane.ecs.fargate_cluster",
    "FargateClusterArgs": "privatelane.ecs.fargate_cluster",
    "FargateProfile": "privatelane.nodes.fargate_profile",
    "FargateProfileArgs": "privatelane.nodes.fargate_profile",
    "FargateSelectorArgs": "privatelane.nodes.fargate_profile",
    "FargateService": "privatelane.ecs.fargate_service",
    "FargateServiceArgs": "privatelane.ecs.fargate_service",
    "FargateTaskArgs": "privatelane.ecs.fargate_task",
    "FlowLogTable": "privatelane.observability.flow_log_table",
    "FlowLogTableArgs": "privatelane.observability.flow_log_table",
    "FlowLogsArgs": "privatelane.vpc.flow_logs",
    "HealthCheckArgs": "privatelane.ecs.fargate_task",
    "ImageRepository": "privatelane.ecr.image_repository",
    "ImageRepositoryArgs": "privatelane.ecr.image_repository",
    "KarpenterPrerequisites": "privatelane.controllers.karpenter",
    "KarpenterPrerequisitesArgs": "privatelane.controllers.karpenter",
    "LoadBalancerArgs": "privatelane.ecs.load_balancer",
    "LoadBalancerControllerPrerequisites": "privatelane.controllers.load_balancer_controller",
    "LoadBalancerControllerPrerequisitesArgs": "privatelane.controllers.load_balancer_controller",
    "NatBudgetArgs": "privatelane.observability.nat_budget",
    "Network": "privatelane.vpc.network",
    "NetworkAlarmsArgs": "privatelane.observability.alarms",
    "NetworkArgs": "privatelane.vpc.network",
    "NetworkChangesArgs": "privatelane.observability.network_changes",
    "NodeGroup": "privatelane.nodes.node_group",
    "NodeGroupArgs": "privatelane.nodes.node_group",
    "Observability": "privatelane.observability.observability",
    "ObservabilityArgs": "privatelane.observability.observability",
    "PeerArgs": "privatelane.peers",
    "PullThroughArgs": "privatelane.ecr.pull_through_cache",
    "SelfManagedNodeGroup": "privatelane.nodes.self_managed_node_group",
    "SelfManagedNodeGroupArgs": "privatelane.nodes.self_managed_node_group",
    "ServiceConnectArgs": "privatelane.ecs.fargate_task",
    "SidecarArgs": "privatelane.ecs.fargate_task",
    "SubnetGroupArgs": "privatelane.vpc.network",
    "TaintArgs": "privatelane.nodes.node_group",
    "VeleroArgs": "privatelane.backup.velero",
    "VolumeSnapshotsArgs": "privatelane.backup.volume_snapshots",
    "VpcCniArgs": "privatelane.eks.vpc_cni",
    "addon_needs": "privatelane.eks._eks_needs",
    "cluster_autoscaler_needs": "privatelane.controllers._controller_needs",
    "cluster_backup_needs": "privatelane.backup.cluster_backup",
    "cluster_needs": "privatelane.eks._eks_needs",
    "fargate_profile_needs": "privatelane.nodes._node_needs",
    "karpenter_needs": "privatelane.controllers._controller_needs",
    "load_balancer_controller_needs": "privatelane.controllers._controller_needs",
    "needs_of": "privatelane.ecs.fargate_task",
    "node_group_needs": "privatelane.nodes._node_needs",
}

# A type checker that knew of it would believe that there is any name here.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_MODULES[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
