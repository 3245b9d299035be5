"""The API of a cluster, for a program that reaches it."""

from collections.abc import Mapping
from typing import Any, Optional

import pulumi
import pulumi_kubernetes as k8s
from typing_extensions import NotRequired, TypedDict

from privatelane._component import input_errors
from privatelane._invalid import known_keys, refuse_missing
from privatelane._services import check_region
from privatelane.kubernetes._reach import check_reach


class ClusterApiArgs(TypedDict):
    """Where the API of a cluster is, and whether the program gets there."""

    cluster_name: pulumi.Input[str]
    """Name of the cluster."""
    cluster_arn: pulumi.Input[str]
    """ARN of the cluster, by which the provider tells it from others."""
    cluster_endpoint: pulumi.Input[str]
    """URL of the API."""
    certificate_authority: pulumi.Input[str]
    """Certificate of the API's authority, in base64."""
    region: str
    """Region of the cluster."""
    public: bool
    """Whether the API has a public endpoint that admits the program."""
    inside: NotRequired[bool]
    """Whether the program runs in the cluster's network, or one that is connected to it. Defaults
    to false."""


def check_api(given: Mapping[str, Any]) -> None:
    """Accept the settings `api.*` of a cluster that the program reaches.

    Raises:
        InvalidInput: a setting is missing or misspelt, or the API is out of reach.

    """
    known_keys("api", given, ClusterApiArgs.__annotations__)
    check_reach(given)
    refuse_missing(given, ClusterApiArgs.__required_keys__)
    check_region("api.region", given["region"])


def cluster_provider(
    name: str, api: ClusterApiArgs, opts: Optional[pulumi.ResourceOptions] = None
) -> k8s.Provider:
    """Return a provider for the cluster, which signs in with the AWS credentials of the program.

    It runs `aws eks get-token`, which signs a request for STS and sends none: the AWS CLI must be
    there, and an access entry for the credentials.

    Raises:
        pulumi.RunError: the API is out of reach, or a setting is missing.

    """
    with input_errors(f"cluster_provider {name!r}"):
        check_api(api)
    return k8s.Provider(
        name,
        kubeconfig=_kubeconfig(api),
        # A kubeconfig that is written differently is still the same cluster.
        cluster_identifier=api["cluster_arn"],
        enable_server_side_apply=True,
        opts=opts,
    )


def _kubeconfig(api: ClusterApiArgs) -> pulumi.Output[str]:
    arguments = ["--region", api["region"], "eks", "get-token", "--output", "json"]
    user = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "aws",
            "args": [*arguments, "--cluster-name", api["cluster_name"]],
            "interactiveMode": "Never",
        }
    }
    cluster = {
        "server": api["cluster_endpoint"],
        "certificate-authority-data": api["certificate_authority"],
    }
    return pulumi.Output.json_dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "cluster",
            "clusters": [{"name": "cluster", "cluster": cluster}],
            "contexts": [
                {"name": "cluster", "context": {"cluster": "cluster", "user": "deployer"}}
            ],
            "users": [{"name": "deployer", "user": user}],
        }
    )
