"""AWS container networks whose traffic to AWS stays on the AWS backbone."""

import pulumi

from privatelane.endpoints import Endpoints, EndpointsArgs
from privatelane.flow_logs import FLOW_LOG_FIELDS, FlowLogsArgs
from privatelane.network import Network, NetworkArgs, SubnetGroupArgs

__all__ = [
    "COMPONENTS",
    "FLOW_LOG_FIELDS",
    "Endpoints",
    "EndpointsArgs",
    "FlowLogsArgs",
    "Network",
    "NetworkArgs",
    "SubnetGroupArgs",
    "__version__",
]

#: The version of the distribution and of the plugin; pyproject.toml reads it from here.
__version__ = "0.1.0"

#: What the plugin hosts, in the order of the schema.
COMPONENTS: tuple[type[pulumi.ComponentResource], ...] = (Network, Endpoints)
