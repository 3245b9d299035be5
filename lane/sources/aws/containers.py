"""Reads what runs containers: ECS services, EKS node groups and Fargate profiles."""

from __future__ import annotations

from lane.sources.aws.reader import Client, Reader, pages
from lane.sources.describe.answers import Record, text

__all__ = ["Containers"]

#: The most services ECS describes in one call.
_ECS_SERVICES = 10


class Containers(Reader):
    """Reads one region's services and node groups, which roles often may not."""

    def read_ecs(self, client: Client) -> None:
        """ECS services and their task definitions."""

        def services() -> list[Record]:
            found: list[Record] = []
            for cluster in pages(client, "list_clusters", "clusterArns"):
                arns = pages(client, "list_services", "serviceArns", cluster=cluster)
                for start in range(0, len(arns), _ECS_SERVICES):
                    some = arns[start : start + _ECS_SERVICES]
                    answer = client.describe_services(cluster=cluster, services=some)
                    found.extend(answer.get("services", ()))
            return found

        self.keep("services", services)
        wanted = sorted(
            {
                arn
                for one in self.records.get("services", ())
                if (arn := text(one, "taskDefinition"))
            }
        )
        self.keep(
            "taskDefinitions",
            lambda: [
                client.describe_task_definition(taskDefinition=arn)["taskDefinition"]
                for arn in wanted
            ],
        )

    def read_eks(self, client: Client) -> None:
        """EKS clusters, node groups and Fargate profiles."""
        names: list[str] = []

        def clusters() -> list[Record]:
            names.extend(pages(client, "list_clusters", "clusters"))
            return [client.describe_cluster(name=name)["cluster"] for name in names]

        def each(operation: str, listed: str, describe: str, argument: str) -> list[Record]:
            call = getattr(client, describe)
            return [
                call(clusterName=cluster, **{argument: one})[argument.removesuffix("Name")]
                for cluster in names
                for one in pages(client, operation, listed, clusterName=cluster)
            ]

        self.keep("clusters", clusters)
        self.keep(
            "nodegroups",
            lambda: each("list_nodegroups", "nodegroups", "describe_nodegroup", "nodegroupName"),
        )
        self.keep(
            "fargateProfiles",
            lambda: each(
                "list_fargate_profiles",
                "fargateProfileNames",
                "describe_fargate_profile",
                "fargateProfileName",
            ),
        )
