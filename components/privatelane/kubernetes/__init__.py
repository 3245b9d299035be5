"""What a cluster should hold from the first day, for programs that reach its API.

Nothing else in `privatelane` imports this subpackage: it is the extra `privatelane[kubernetes]`,
and no part of the plugin.
"""

try:
    import pulumi_kubernetes as _pulumi_kubernetes  # noqa: F401 - asked for here, used below
except ModuleNotFoundError:
    raise ImportError(
        "privatelane.kubernetes needs pulumi-kubernetes: pip install 'privatelane[kubernetes]'"
    ) from None

from privatelane.kubernetes._manifests import Manifest
from privatelane.kubernetes._sample import traffic_distribution
from privatelane.kubernetes.charts import ChartArgs, LoadBalancerControllerArgs
from privatelane.kubernetes.cluster_api import ClusterApiArgs, cluster_provider
from privatelane.kubernetes.cluster_defaults import (
    ClusterDefaults,
    ClusterDefaultsArgs,
    IngressArgs,
    NodeClassArgs,
    NodePoolArgs,
    StorageArgs,
)
from privatelane.kubernetes.sample_workload import SampleWorkload, SampleWorkloadArgs

__all__ = [
    "ChartArgs",
    "ClusterApiArgs",
    "ClusterDefaults",
    "ClusterDefaultsArgs",
    "IngressArgs",
    "LoadBalancerControllerArgs",
    "Manifest",
    "NodeClassArgs",
    "NodePoolArgs",
    "SampleWorkload",
    "SampleWorkloadArgs",
    "StorageArgs",
    "cluster_provider",
    "traffic_distribution",
]
