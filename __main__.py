"""The reference stack: a network, the endpoints of its workloads, and Fargate or Kubernetes."""

from __future__ import annotations

import pulumi

from privatelane import Endpoints, Network
from settings import Settings

settings = Settings.of(pulumi.Config())

network = Network("network", settings.network)

endpoints = Endpoints(
    "endpoints",
    {
        **settings.endpoints,
        "vpc_id": network.vpc_id,
        "subnet_ids": network.subnets,
        "route_table_ids": network.route_tables,
        "subnet_cidrs": network.cidrs,
        "subnet_ipv6_cidrs": network.ipv6_cidrs,
        "egress": network.egress_by_group,
        "needs": settings.needs,
    },
)

# What starts before its endpoints do fails, and the deployment with it.
reachable = pulumi.ResourceOptions(depends_on=[*network.connected, endpoints])

pulumi.export("vpc_id", network.vpc_id)
pulumi.export("subnet_ids", network.subnet_ids)
pulumi.export("nat_public_ips", network.nat_public_ips)
pulumi.export("private_services", endpoints.private_services)
pulumi.export("endpoints", endpoints.reasons)
pulumi.export("endpoint_ids", endpoints.endpoint_ids)

# What only some stacks are made of is imported where there is some.
if settings.fargate:
    from privatelane import FargateCluster, FargateService

    cluster = FargateCluster("cluster", settings.cluster)
    services = {
        name: FargateService(
            name,
            {
                **service,
                "task": {**service["task"], "exec_log_group_arn": cluster.exec_log_group_arn},
                "cluster_arn": cluster.cluster_arn,
                "vpc_id": network.vpc_id,
                "subnet_ids": network.subnets,
                "egress": network.egress_by_group,
                "private_services": endpoints.private_services_by_group,
                "endpoint_security_group_id": endpoints.security_group_id,
                "prefix_list_ids": endpoints.prefix_lists,
            },
            reachable,
        )
        for name, service in settings.services.items()
    }
    pulumi.export("cluster_arn", cluster.cluster_arn)
    pulumi.export("services", {name: one.service_arn for name, one in services.items()})
    if settings.canary is not None:
        from watch import look_inside

        inside = look_inside(settings.canary, cluster.cluster_arn, network, endpoints)
        pulumi.export("canary", inside)

if settings.eks is not None:
    from eks import build_eks

    for name, value in build_eks(settings.eks, network, endpoints, reachable).items():
        pulumi.export(name, value)

if settings.observability is not None:
    from watch import watch

    for name, value in watch(settings.observability, network, endpoints).items():
        pulumi.export(name, value)
