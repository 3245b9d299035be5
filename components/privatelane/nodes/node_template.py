"""The launch template of nodes: metadata with tokens only, encrypted gp3 volumes, tags."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from privatelane._component import input_errors
from privatelane._tags import Tags, tagged
from privatelane.nodes._node_plan import CAPACITY_BLOCK, NodePlan
from privatelane.nodes._node_user_data import Cluster, bottlerocket, nodeadm

#: Where an AMI has its root, and where Bottlerocket keeps images and pods' data.
_ROOT_DEVICE = "/dev/xvda"
_DATA_DEVICE = "/dev/xvdb"

#: The cluster's facts that an instance is told, by the argument that holds each.
CLUSTER_FACTS = ("cluster_name", "cluster_endpoint", "certificate_authority", "service_cidr")


def node_template(
    where: str,
    plan: NodePlan,
    args: Mapping[str, Any],
    parent: pulumi.Resource,
    tags: Optional[Tags],
    *,
    image_id: Optional[pulumi.Input[str]],
    joins: bool,
    instance_profile: Optional[aws.iam.InstanceProfile] = None,
    instance_type: Optional[str] = None,
) -> aws.ec2.LaunchTemplate:
    """Register the launch template of `plan`.

    With `joins` its user data tells the instance all about its cluster, which EKS does by itself
    for nodes that it manages and whose AMI is its own. With `instance_profile` the instances are
    not managed by EKS. `where` is the component that is told when a fact of its cluster, known
    only later, is none.
    """
    name = plan.name
    reservation = args.get("capacity_reservation_id")
    return aws.ec2.LaunchTemplate(
        f"{name}-template",
        description=f"Nodes of {name}",
        update_default_version=True,
        image_id=image_id,
        instance_type=instance_type,
        user_data=_user_data(where, plan, args, joins=joins),
        iam_instance_profile=(
            None
            if instance_profile is None
            else aws.ec2.LaunchTemplateIamInstanceProfileArgs(arn=instance_profile.arn)
        ),
        vpc_security_group_ids=_security_groups(args, managed=instance_profile is None),
        metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
            http_endpoint="enabled",
            http_tokens="required",
            http_put_response_hop_limit=plan.hop_limit,
            instance_metadata_tags="disabled",
        ),
        block_device_mappings=_volumes(plan, args.get("disk_kms_key_arn")),
        instance_market_options=(
            aws.ec2.LaunchTemplateInstanceMarketOptionsArgs(market_type="capacity-block")
            if plan.capacity_type == CAPACITY_BLOCK
            else None
        ),
        capacity_reservation_specification=(
            None
            if reservation is None
            else aws.ec2.LaunchTemplateCapacityReservationSpecificationArgs(
                capacity_reservation_target=(
                    aws.ec2.LaunchTemplateCapacityReservationSpecificationCapacityReservationTargetArgs(
                        capacity_reservation_id=reservation
                    )
                )
            )
        ),
        tag_specifications=[
            aws.ec2.LaunchTemplateTagSpecificationArgs(
                resource_type=kind, tags=tagged(f"{name}-node", tags)
            )
            for kind in ("instance", "volume", "network-interface")
        ],
        tags=tagged(f"{name}-template", tags),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def latest(template: aws.ec2.LaunchTemplate) -> pulumi.Output[str]:
    """Return the version of a template that is in use: never `$Latest`, which hides a change."""
    return template.latest_version.apply(lambda version: str(int(version)))


def _volumes(
    plan: NodePlan, key: Optional[pulumi.Input[str]]
) -> list[aws.ec2.LaunchTemplateBlockDeviceMappingArgs]:
    def volume(device: str, **size: Any) -> aws.ec2.LaunchTemplateBlockDeviceMappingArgs:  # noqa: ANN401 - numbers, as Pulumi takes them
        return aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
            device_name=device,
            ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                volume_type="gp3",
                encrypted="true",
                kms_key_id=key,
                delete_on_termination="true",
                **size,
            ),
        )

    data = {
        "volume_size": plan.disk.size_gib,
        "iops": plan.disk.iops,
        "throughput": plan.disk.throughput_mibps,
    }
    if not plan.ami.bottlerocket:
        return [volume(_ROOT_DEVICE, **data)]
    # The system's own volume keeps the size of its snapshot, which is not the same in all variants.
    return [volume(_ROOT_DEVICE), volume(_DATA_DEVICE, **data)]


def _security_groups(
    args: Mapping[str, Any], *, managed: bool
) -> Optional[Sequence[pulumi.Input[str]]]:
    own: Sequence[pulumi.Input[str]] = args.get("security_group_ids") or []
    # EKS gives the cluster's group to managed nodes whose template names none.
    return [args["cluster_security_group_id"], *own] if own or not managed else None


def _user_data(
    where: str, plan: NodePlan, args: Mapping[str, Any], *, joins: bool
) -> Optional[pulumi.Input[str]]:
    render = bottlerocket if plan.ami.bottlerocket else nodeadm

    def encoded(cluster: Optional[Cluster]) -> str:
        # What EKS merges its own settings with leaves labels and taints to the node group.
        labels, taints = (plan.labels, plan.taints) if joins else ({}, ())
        with input_errors(where):
            text = render(cluster, labels, taints, plan.max_pods)
        return base64.b64encode(text.encode()).decode()

    if not joins:
        return None if plan.max_pods is None else encoded(None)
    facts = [args[fact] for fact in CLUSTER_FACTS]
    if all(isinstance(fact, str) for fact in facts):
        return encoded(Cluster(*facts))
    return pulumi.Output.all(*facts).apply(lambda known: encoded(Cluster(*known)))
