"""The rules of the policy pack, one a file, in the order in which they are reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_rules import (
    eks_addon_without_version,
    eks_cluster_without_access_entry,
    eks_nodes_that_cannot_start,
    endpoint_closed_to_its_clients,
    endpoint_missing_in_workload_zone,
    endpoint_policy_for_everybody,
    endpoint_policy_that_blocks_pulls,
    expired_exemption,
    failed_proof,
    gateway_endpoint_without_private_tables,
    image_from_registry_without_endpoint,
    image_pull_that_cannot_work,
    instance_metadata_for_everybody,
    interface_endpoint_without_private_dns,
    nat_in_another_zone,
    nat_path_to_ecr_or_s3,
    one_way_route,
    overlapping_networks,
    public_eks_api,
    public_ip_on_private_workload,
    s3_interface_endpoint_before_gateway,
    undecided_path_to_ecr_or_s3,
    unencrypted_volume,
    vpc_without_dns_attributes,
    vpc_without_flow_logs,
)

if TYPE_CHECKING:
    from privatelane_rules._rule import Rule

__all__ = ["RULES"]

#: The flagship first, then what makes it true in practice, then what surrounds it.
RULES: tuple[Rule, ...] = (
    nat_path_to_ecr_or_s3.RULE,
    undecided_path_to_ecr_or_s3.RULE,
    image_pull_that_cannot_work.RULE,
    eks_nodes_that_cannot_start.RULE,
    image_from_registry_without_endpoint.RULE,
    interface_endpoint_without_private_dns.RULE,
    vpc_without_dns_attributes.RULE,
    endpoint_closed_to_its_clients.RULE,
    endpoint_policy_that_blocks_pulls.RULE,
    endpoint_policy_for_everybody.RULE,
    gateway_endpoint_without_private_tables.RULE,
    endpoint_missing_in_workload_zone.RULE,
    s3_interface_endpoint_before_gateway.RULE,
    nat_in_another_zone.RULE,
    overlapping_networks.RULE,
    one_way_route.RULE,
    public_ip_on_private_workload.RULE,
    public_eks_api.RULE,
    eks_cluster_without_access_entry.RULE,
    eks_addon_without_version.RULE,
    instance_metadata_for_everybody.RULE,
    unencrypted_volume.RULE,
    vpc_without_flow_logs.RULE,
    expired_exemption.RULE,
    failed_proof.RULE,
)
