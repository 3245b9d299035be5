"""Day two: what a change of the configuration replaces and deletes, exactly.

The promise is that addresses never move: whatever subnet, NAT address, cluster or load balancer
stays in the configuration stays in AWS.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine import report
from tests.engine.reference import edit, reference_stack

if TYPE_CHECKING:
    from tests.engine.harness import Engine, Outcome, Stack

pytestmark = pytest.mark.engine

Config = dict[str, Any]

#: What must outlive every change that keeps it in the configuration.
STEADY = {
    "aws:ec2/vpc:Vpc",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/eip:Eip",
    "aws:ec2/natGateway:NatGateway",
    "aws:ecs/cluster:Cluster",
    "aws:lb/loadBalancer:LoadBalancer",
}


def network(config: Config) -> Config:
    part: Config = config["privatelane:network"]
    return part


def service(config: Config) -> Config:
    part: Config = config["privatelane:services"]["vinashoes"]
    return part


def three_zones_and_a_load_balancer(config: Config) -> None:
    network(config)["zones"] = ["use1-az1", "use1-az2", "use1-az4"]
    service(config)["load_balancer"] = {
        "plain_http": True,
        "allow_from": {"office": {"cidr": "10.0.0.0/16"}},
    }


def write_down(change: str, preview: Outcome) -> None:
    """A row of the day-two table: what is replaced, and how many of each kind are deleted."""
    deleted = Counter(text.split()[0] for text in preview.listed("delete"))
    report.add_row(
        "day-two",
        change=change,
        replaced=preview.listed("replace"),
        deleted=[f"{count} {kind}" for kind, count in sorted(deleted.items())],
        created=len(preview.listed("create")),
        updated=len(preview.listed("update")),
    )


@dataclass(frozen=True)
class Change:
    """One change of the configuration and what it may do to what stands."""

    name: str
    edit: Callable[[Config], None]
    replaced: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    created: set[str] = field(default_factory=set)


def add_a_zone(config: Config) -> None:
    network(config)["zones"].append("use1-az3")


def remove_a_zone(config: Config) -> None:
    network(config)["zones"].remove("use1-az4")


def reorder_the_zones(config: Config) -> None:
    network(config)["zones"].reverse()


def nat_in_every_zone(config: Config) -> None:
    network(config)["nat"] = "per-zone"
    del network(config)["nat_zone"]


def add_a_group(config: Config) -> None:
    network(config)["groups"]["data"] = {"kind": "isolated", "slot": 7}


def add_a_need(config: Config) -> None:
    service(config)["task"]["exec"] = True


def rename_the_service(config: Config) -> None:
    services = config["privatelane:services"]
    services["boutique"] = services.pop("vinashoes")


def change_tags(config: Config) -> None:
    network(config)["tags"] = {"team": "shop"}


def turn_on_flow_logs(config: Config) -> None:
    network(config)["flow_logs"] = {"destination": "cloudwatch"}


def zone_children(group: str, zone: str) -> set[str]:
    """What a group has in one zone, with a route to the internet or to the NAT gateway."""
    name = f"network-{group}-use1-{zone}"
    return {
        f"Subnet {name}",
        f"RouteTable {name}",
        f"RouteTableAssociation {name}",
        f"Route {name}-ipv4",
    }


def service_children(name: str) -> set[str]:
    """All that a service with a load balancer consists of."""
    return {
        f"FargateService {name}",
        f"LogGroup {name}-logs",
        f"Role {name}-application",
        f"Role {name}-execution",
        f"RolePolicy {name}-execution",
        f"TaskDefinition {name}-task",
        f"Service {name}-service",
        f"SecurityGroup {name}-tasks",
        f"SecurityGroupEgressRule {name}-tasks-to-s3",
        f"SecurityGroupEgressRule {name}-tasks-to-endpoints",
        f"SecurityGroupIngressRule {name}-tasks-from-lb",
        f"SecurityGroup {name}-lb",
        f"SecurityGroupIngressRule {name}-lb-from-office",
        f"SecurityGroupEgressRule {name}-lb-to-tasks",
        f"LoadBalancer {name}-lb",
        f"Listener {name}-lb-80",
        f"TargetGroup {name}-tg",
    }


CHANGES = [
    Change(
        "add a zone",
        add_a_zone,
        created=zone_children("app", "az3") | zone_children("public", "az3"),
    ),
    Change(
        "remove a zone",
        remove_a_zone,
        deleted=zone_children("app", "az4") | zone_children("public", "az4"),
    ),
    Change("reorder the zones", reorder_the_zones),
    Change(
        "NAT from single to per-zone",
        nat_in_every_zone,
        created={
            f"{kind} network-nat-use1-{zone}"
            for kind in ("Eip", "NatGateway")
            for zone in ("az2", "az4")
        },
    ),
    Change(
        "add a group",
        add_a_group,
        created={
            "NetworkAcl network-data",
            *(
                f"{kind} network-data-use1-{zone}"
                for kind in ("Subnet", "RouteTable", "RouteTableAssociation")
                for zone in ("az1", "az2", "az4")
            ),
        },
    ),
    Change(
        "add a need (ECS Exec)",
        add_a_need,
        replaced={"TaskDefinition vinashoes-task"},
        created={"VpcEndpoint endpoints-ssmmessages", "RolePolicy vinashoes-exec"},
    ),
    Change(
        "rename the service",
        rename_the_service,
        deleted=service_children("vinashoes"),
        created=service_children("boutique"),
    ),
    Change("change tags", change_tags),
    Change(
        "turn on flow logs",
        turn_on_flow_logs,
        created={
            f"{kind} network-flow-logs" for kind in ("LogGroup", "Role", "RolePolicy", "FlowLog")
        },
    ),
]


def put_the_service_into_another_group(config: Config) -> None:
    service(config)["group"] = "back"


@pytest.fixture(scope="module")
def standing(engine: Engine) -> Iterator[Stack]:
    """The dev stack in three zones with a load balancer, up."""
    stack = reference_stack(engine, "dev", three_zones_and_a_load_balancer)
    stack.up().expect_success()
    yield stack
    stack.destroy().expect_success()


@pytest.fixture
def changed(standing: Stack) -> Iterator[Stack]:
    """The standing stack, whose configuration is put back afterwards."""
    before = copy.deepcopy(standing.config)
    yield standing
    standing.config = before


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name.replace(" ", "-"))
def test_a_change_replaces_and_deletes_no_more_than_it_says(changed: Stack, change: Change) -> None:
    edit(changed, change.edit)
    preview = changed.preview().expect_success()
    write_down(change.name, preview)
    assert preview.listed("replace") == sorted(change.replaced)
    assert preview.listed("delete") == sorted(change.deleted)
    assert preview.listed("create") == sorted(change.created)
    moved = {step.name for step in preview.steps if step.op == "replace" and step.type in STEADY}
    assert moved == set()


@pytest.mark.parametrize(
    "there",
    [nat_in_every_zone, add_a_zone, remove_a_zone],
    ids=lambda there: there.__name__.replace("_", "-"),
)
def test_a_change_can_be_made_and_taken_back(
    changed: Stack, there: Callable[[Config], None]
) -> None:
    before = {resource["urn"]: resource.get("id") for resource in changed.resources()}
    original = copy.deepcopy(changed.config)
    edit(changed, there)
    changed.up().expect_success()
    assert changed.preview().expect_success().changes == []
    changed.config = original
    changed.up().expect_success()
    after = {resource["urn"]: resource.get("id") for resource in changed.resources()}
    steady = {urn for urn in before if urn.split("::")[2].split("$")[-1] in STEADY}
    removed = {urn for urn in steady if there is remove_a_zone and "az4" in urn}
    assert {urn: after[urn] for urn in steady - removed} == {
        urn: before[urn] for urn in steady - removed
    }
    assert after.keys() == before.keys()


def test_a_service_moves_to_other_subnets_in_place(changed: Stack) -> None:
    def another_group(config: Config) -> None:
        network(config)["groups"]["back"] = {"kind": "private", "slot": 7}

    edit(changed, another_group)
    edit(changed, put_the_service_into_another_group)
    preview = changed.preview().expect_success()
    write_down("move the service to other subnets", preview)
    assert preview.of("replace") == set()
    assert preview.of("delete") == set()
    assert "vinashoes-service" in preview.of("update")
    changed.up().expect_success()
    arn = next(
        resource["outputs"]["arn"]
        for resource in changed.resources()
        if resource["type"] == "aws:ecs/service:Service"
    )
    described = changed.client("ecs").describe_services(cluster=arn.split("/")[1], services=[arn])[
        "services"
    ][0]
    subnets = described["networkConfiguration"]["awsvpcConfiguration"]["subnets"]
    names = {
        tag["Value"]
        for subnet in changed.client("ec2").describe_subnets(SubnetIds=subnets)["Subnets"]
        for tag in subnet["Tags"]
        if tag["Key"] == "Name"
    }
    assert names == {f"network-back-use1-{zone}" for zone in ("az1", "az2", "az4")}
