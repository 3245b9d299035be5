"""The component plugin: the package's components for programs in any language."""

import inspect
import json
from typing import Any, Optional

import pulumi
from pulumi.errors import InputPropertiesError
from pulumi.provider import ConstructResult
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError

from privatelane import (
    ClusterAddon,
    ClusterAutoscalerPrerequisites,
    ClusterBackup,
    EksCluster,
    EndpointCanary,
    Endpoints,
    FargateCluster,
    FargateProfile,
    FargateService,
    FlowLogTable,
    ImageRepository,
    KarpenterPrerequisites,
    LoadBalancerControllerPrerequisites,
    Network,
    NodeGroup,
    Observability,
    SelfManagedNodeGroup,
    __version__,
)

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


class Plugin(ComponentProvider):
    """Hosts the components as the SDK does, and tells bad input as a program would be told."""

    def __init__(self) -> None:
        super().__init__(list(COMPONENTS), "privatelane", version=__version__)
        self.schema = json.dumps(_dedented(json.loads(self.schema or "{}")))

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: pulumi.Inputs,
        options: Optional[pulumi.ResourceOptions] = None,
    ) -> ConstructResult:
        """Construct a component.

        Raises:
            InputPropertiesError: its input was refused. The SDK would put a traceback after any
                other error's sentence.

        """
        try:
            return super().construct(name, resource_type, inputs, options)
        except ComponentInitError as error:
            if isinstance(error.inner, pulumi.RunError):
                raise InputPropertiesError(str(error.inner), errors=[]) from None
            raise


def _dedented(schema: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Take the indentation of the source out of every description, which is Markdown."""
    if isinstance(schema, list):
        return [_dedented(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: inspect.cleandoc(value)
        if key == "description" and isinstance(value, str)
        else _dedented(value)
        for key, value in schema.items()
    }
