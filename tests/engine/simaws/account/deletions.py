"""What cannot be deleted yet: AWS refuses with `DependencyViolation` where moto lets things go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ec2.exceptions import DependencyViolationError, EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ecs.models import ecs_backends
from moto.eks.models import eks_backends
from moto.elbv2.models import elbv2_backends

from tests.engine.simaws.account import eks
from tests.engine.simaws.account.amendments import amends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@amends(EC2Backend, "delete_subnet")
def _delete_subnet(original: Callable[..., Any], backend: EC2Backend, subnet_id: str) -> Any:
    if any(user == subnet_id for user in _subnets_in_use(backend)):
        raise DependencyViolationError(
            f"The subnet '{subnet_id}' has dependencies and cannot be deleted."
        )
    deleted = original(backend, subnet_id)
    for acl in backend.network_acls.values():
        for key, association in list(acl._associations.items()):
            if association.subnet_id == subnet_id:
                del acl._associations[key]
    for table in backend.route_tables.values():
        for key, held in list(table._associations.items()):
            if held == subnet_id:
                del table._associations[key]
    return deleted


@amends(EC2Backend, "delete_security_group")
def _delete_security_group(
    original: Callable[..., Any],
    backend: EC2Backend,
    name: str | None = None,
    group_id: str | None = None,
) -> Any:
    group = backend.get_security_group_from_id(group_id) if group_id else None
    if group is not None and any(user == group_id for user in _groups_in_use(backend)):
        raise DependencyViolationError(f"resource {group_id} has a dependent object")
    return original(backend, name=name, group_id=group_id)


@amends(EC2Backend, "delete_vpc")
def _delete_vpc(original: Callable[..., Any], backend: EC2Backend, vpc_id: str) -> Any:
    backend.get_vpc(vpc_id)
    held = [
        *(g.id for g in backend.internet_gateways.values() if g.vpc and g.vpc.id == vpc_id),
        *(g.id for g in backend.egress_only_internet_gateways.values() if g.vpc_id == vpc_id),
        *(e.id for e in backend.vpc_end_points.values() if e.vpc_id == vpc_id),
        *(g.id for g in backend.groups[vpc_id].values() if g.name != "default"),
        *(a.id for a in backend.network_acls.values() if a.vpc_id == vpc_id and not a.default),
        *(
            g.id
            for g in backend.nat_gateways.values()
            if g.vpc_id == vpc_id and g.state != "deleted"
        ),
        *(
            a.id
            for a in backend.transit_gateway_attachments.values()
            if a.resource_id == vpc_id and a.state != "deleted"
        ),
    ]
    if held:
        raise DependencyViolationError(
            f"The vpc '{vpc_id}' has dependencies and cannot be deleted."
        )
    deleted = original(backend, vpc_id)
    for key, acl in list(backend.network_acls.items()):
        if acl.vpc_id == vpc_id:
            del backend.network_acls[key]
    return deleted


@amends(EC2Backend, "detach_internet_gateway")
def _detach_internet_gateway(
    original: Callable[..., Any], backend: EC2Backend, internet_gateway_id: str, vpc_id: str
) -> Any:
    mapped = any(
        gateway.vpc_id == vpc_id
        and gateway.state != "deleted"
        and gateway.connectivity_type == "public"
        for gateway in backend.nat_gateways.values()
    )
    if mapped:
        raise DependencyViolationError(
            f"Network {vpc_id} has some mapped public address(es). Please unmap those public "
            "address(es) before detaching the gateway."
        )
    return original(backend, internet_gateway_id, vpc_id)


@amends(EC2Backend, "delete_managed_prefix_list")
def _delete_managed_prefix_list(
    original: Callable[..., Any], backend: EC2Backend, prefix_list_id: str
) -> Any:
    routes = (r for t in backend.route_tables.values() for r in t._routes.values())
    rules = (r for g in _groups(backend) for r in [*g.ingress_rules, *g.egress_rules])
    if any(r.destination_prefix_list_id == prefix_list_id for r in routes) or any(
        r.prefix_list_id == prefix_list_id for r in rules
    ):
        raise EC2ClientError("DependencyViolation", f"The prefix list {prefix_list_id} is in use.")
    return original(backend, prefix_list_id)


def _groups(backend: EC2Backend) -> list[Any]:
    return [group for groups in backend.groups.values() for group in groups.values()]


def _subnets_in_use(backend: EC2Backend) -> Iterator[str]:
    for eni in backend.enis.values():
        yield eni.subnet.id
    for attachment in backend.transit_gateway_attachments.values():
        if attachment.state != "deleted":
            yield from getattr(attachment, "subnet_ids", None) or []
    for balancer in _load_balancers(backend):
        yield from (subnet.id for subnet in balancer.subnets)
    for network in _task_networks(backend):
        yield from network.get("subnets", [])
    yield from eks.subnets_in_use(eks_backends[backend.account_id][backend.region_name])


def _groups_in_use(backend: EC2Backend) -> Iterator[str]:
    for eni in backend.enis.values():
        yield from (group.id for group in eni.group_set)
    for endpoint in backend.vpc_end_points.values():
        yield from endpoint.security_group_ids
    for group in _groups(backend):
        for rule in [*group.ingress_rules, *group.egress_rules]:
            named = (rule.source_group or {}).get("GroupId")
            if named and named != group.id:
                yield named
    for balancer in _load_balancers(backend):
        yield from balancer.security_groups or []
    for network in _task_networks(backend):
        yield from network.get("securityGroups", [])


def _load_balancers(backend: EC2Backend) -> list[Any]:
    elb = elbv2_backends[backend.account_id][backend.region_name]
    return list(elb.load_balancers.values())


def _task_networks(backend: EC2Backend) -> Iterator[dict[str, Any]]:
    """The `awsvpcConfiguration` of every ECS service that still stands."""
    ecs = ecs_backends[backend.account_id][backend.region_name]
    for service in ecs.services.values():
        if service.status == "ACTIVE":
            yield (service.network_configuration or {}).get("awsvpcConfiguration", {})
