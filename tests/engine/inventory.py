"""What stands in an account, asked of AWS's own describe calls: a name for each thing.

What a new account has anyway (its default VPC, AWS's prefix lists) is in every inventory, so tests
compare two of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import urllib3

from tests.engine.harness import REGION, Stack

_ListCall = Callable[[Any], Iterator[str]]

#: EC2's describe calls: call, key of the answer, key of the id.
_EC2 = [
    ("describe_vpcs", "Vpcs", "VpcId"),
    ("describe_subnets", "Subnets", "SubnetId"),
    ("describe_route_tables", "RouteTables", "RouteTableId"),
    ("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    (
        "describe_egress_only_internet_gateways",
        "EgressOnlyInternetGateways",
        "EgressOnlyInternetGatewayId",
    ),
    ("describe_addresses", "Addresses", "AllocationId"),
    ("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    ("describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
    ("describe_security_groups", "SecurityGroups", "GroupId"),
    ("describe_security_group_rules", "SecurityGroupRules", "SecurityGroupRuleId"),
    ("describe_network_acls", "NetworkAcls", "NetworkAclId"),
    ("describe_flow_logs", "FlowLogs", "FlowLogId"),
    ("describe_managed_prefix_lists", "PrefixLists", "PrefixListId"),
]
#: The same of EC2's resources that stay visible for a while after they were deleted.
_EC2_WITH_STATE = [
    ("describe_nat_gateways", "NatGateways", "NatGatewayId"),
    ("describe_transit_gateways", "TransitGateways", "TransitGatewayId"),
    (
        "describe_transit_gateway_vpc_attachments",
        "TransitGatewayVpcAttachments",
        "TransitGatewayAttachmentId",
    ),
]


def inventory(stack: Stack, region: str = REGION) -> set[str]:
    """Everything in the stack's account that is not deleted, as `kind:id`."""
    return set(_everything(stack, region))


def kinds(things: set[str]) -> dict[str, int]:
    """How many there are of each kind."""
    return dict(Counter(thing.split(":", 1)[0] for thing in things))


def without(things: set[str], ids: set[str]) -> set[str]:
    """The things without those that have one of the ids."""
    return {thing for thing in things if thing.split(":", 1)[1] not in ids}


def _everything(stack: Stack, region: str) -> Iterator[str]:  # noqa: C901, PLR0912 -- a list
    ec2 = stack.client("ec2", region)
    for call, key, id_key in _EC2:
        for found in getattr(ec2, call)()[key]:
            yield f"{key}:{found[id_key]}"
    for call, key, id_key in _EC2_WITH_STATE:
        for found in getattr(ec2, call)()[key]:
            if found["State"] != "deleted":
                yield f"{key}:{found[id_key]}"
    for table in ec2.describe_route_tables()["RouteTables"]:
        for route in table["Routes"]:
            to = next(v for k, v in sorted(route.items()) if k.startswith("Destination"))
            yield f"Routes:{table['RouteTableId']} {to}"
        for association in table["Associations"]:
            yield f"Associations:{association['RouteTableAssociationId']}"
    iam = stack.client("iam", region)
    for role in iam.list_roles()["Roles"]:
        yield f"Roles:{role['RoleName']}"
        for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
            yield f"RolePolicies:{role['RoleName']}/{name}"
        attached = iam.list_attached_role_policies(RoleName=role["RoleName"])
        for policy in attached["AttachedPolicies"]:
            yield f"AttachedPolicies:{role['RoleName']}/{policy['PolicyArn']}"
    for policy in iam.list_policies(Scope="Local")["Policies"]:
        yield f"Policies:{policy['Arn']}"
    ecs = stack.client("ecs", region)
    for arn in ecs.list_clusters()["clusterArns"]:
        cluster = ecs.describe_clusters(clusters=[arn])["clusters"][0]
        if cluster["status"] == "ACTIVE":
            yield f"Clusters:{arn}"
        services = ecs.list_services(cluster=arn)["serviceArns"]
        for service in services:
            described = ecs.describe_services(cluster=arn, services=[service])["services"][0]
            if described["status"] == "ACTIVE":
                yield f"Services:{service}"
    for arn in ecs.list_task_definitions()["taskDefinitionArns"]:
        yield f"TaskDefinitions:{arn}"
    elb = stack.client("elbv2", region)
    for balancer in elb.describe_load_balancers()["LoadBalancers"]:
        yield f"LoadBalancers:{balancer['LoadBalancerArn']}"
        listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])
        for listener in listeners["Listeners"]:
            yield f"Listeners:{listener['ListenerArn']}"
    for group in elb.describe_target_groups()["TargetGroups"]:
        yield f"TargetGroups:{group['TargetGroupArn']}"
    for group in stack.client("logs", region).describe_log_groups()["logGroups"]:
        yield f"LogGroups:{group['logGroupName']}"
    for repository in stack.client("ecr", region).describe_repositories()["repositories"]:
        yield f"Repositories:{repository['repositoryName']}"
    scaling = stack.client("application-autoscaling", region)
    for target in scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]:
        yield f"ScalableTargets:{target['ResourceId']}"
    for policy in scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]:
        yield f"ScalingPolicies:{policy['PolicyARN']}"
    for bucket in stack.client("s3", region).list_buckets()["Buckets"]:
        yield f"Buckets:{bucket['Name']}"
    kms = stack.client("kms", region)
    aliases = kms.list_aliases()["Aliases"]
    # AWS makes keys of its own when a service first encrypts something.
    of_aws = {
        alias.get("TargetKeyId") for alias in aliases if alias["AliasName"].startswith("alias/aws/")
    }
    for key in kms.list_keys()["Keys"]:
        metadata = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if metadata["KeyState"] == "Enabled" and key["KeyId"] not in of_aws:
            yield f"Keys:{key['KeyId']}"
    for alias in aliases:
        if not alias["AliasName"].startswith("alias/aws/"):
            yield f"Aliases:{alias['AliasName']}"
    discovery = stack.client("servicediscovery", region)
    for namespace in discovery.list_namespaces()["Namespaces"]:
        yield f"Namespaces:{namespace['Id']}"
    for secret in stack.client("secretsmanager", region).list_secrets()["SecretList"]:
        yield f"Secrets:{secret['ARN']}"
    for parameter in stack.client("ssm", region).describe_parameters()["Parameters"]:
        yield f"Parameters:{parameter['Name']}"
    yield from _kubernetes(stack, region)
    yield from _shelf(stack)


def _kubernetes(stack: Stack, region: str) -> Iterator[str]:
    """Clusters with all that they hold, the issuers that are trusted, queues and rules."""
    eks = stack.client("eks", region)
    for cluster in eks.list_clusters()["clusters"]:
        yield f"KubernetesClusters:{cluster}"
        for call, key in (
            ("list_addons", "addons"),
            ("list_nodegroups", "nodegroups"),
            ("list_fargate_profiles", "fargateProfileNames"),
            ("list_access_entries", "accessEntries"),
        ):
            for name in getattr(eks, call)(clusterName=cluster)[key]:
                yield f"{key}:{cluster}/{name}"
        for found in eks.list_pod_identity_associations(clusterName=cluster)["associations"]:
            yield f"associations:{cluster}/{found['associationId']}"
    iam = stack.client("iam", region)
    for provider in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        yield f"OpenIDConnectProviders:{provider['Arn']}"
    for url in stack.client("sqs", region).list_queues().get("QueueUrls", []):
        yield f"Queues:{url}"
    for rule in stack.client("events", region).list_rules()["Rules"]:
        yield f"EventRules:{rule['Name']}"
    yield from _machines(stack, region)


def _machines(stack: Stack, region: str) -> Iterator[str]:
    """Instances, what launches them, and what they leave."""
    ec2 = stack.client("ec2", region)
    for template in ec2.describe_launch_templates()["LaunchTemplates"]:
        yield f"LaunchTemplates:{template['LaunchTemplateId']}"
    for reservation in ec2.describe_instances()["Reservations"]:
        for instance in reservation["Instances"]:
            if instance["State"]["Name"] != "terminated":
                yield f"Instances:{instance['InstanceId']}"
    for volume in ec2.describe_volumes()["Volumes"]:
        yield f"Volumes:{volume['VolumeId']}"
    scaling = stack.client("autoscaling", region)
    for group in scaling.describe_auto_scaling_groups()["AutoScalingGroups"]:
        yield f"AutoScalingGroups:{group['AutoScalingGroupName']}"
    iam = stack.client("iam", region)
    for profile in iam.list_instance_profiles()["InstanceProfiles"]:
        yield f"InstanceProfiles:{profile['InstanceProfileName']}"


def _shelf(stack: Stack) -> Iterator[str]:
    """What moto has no place for."""
    answer = urllib3.request("GET", f"{stack.engine.endpoint}/simaws-shelf/{stack.account}")
    for where, documents in answer.json().items():
        for name in documents:
            yield f"{where.split('/')[1]}:{name}"
