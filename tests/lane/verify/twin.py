"""One network twice: as a Pulumi program, and built from it in a simulated account."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import boto3

from privatelane_paths.sources.resource import COMPUTED
from tests.engine.simaws.cloud import Cloud
from tests.engine.simaws.resources import HANDLERS
from tests.programs import _plain

if TYPE_CHECKING:
    from random import Random

    from tests.programs import Made, Program

__all__ = ["REGION", "Account", "deploy", "random_program"]

REGION = "us-east-1"
_numbers = count(700_000_000_001)
_ZONES = ("us-east-1a", "us-east-1b")


@dataclass(frozen=True)
class Account:
    """An account of its own on the server that simulates AWS."""

    endpoint: str
    number: str

    @classmethod
    def new(cls, endpoint: str) -> Account:
        return cls(endpoint, f"{next(_numbers):012d}")

    @property
    def session(self) -> boto3.Session:
        """A session with the account's credentials; its endpoint comes from the environment."""
        return boto3.Session(
            aws_access_key_id=f"SIM{self.number}", aws_secret_access_key="none", region_name=REGION
        )

    def client(self, service: str, region: str = REGION) -> Any:
        return self.session.client(service, region_name=region, endpoint_url=self.endpoint)  # type: ignore[call-overload]

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to work in the account."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": f"SIM{self.number}",
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }


class _Cloud(Cloud):
    """What the simulated provider works on, with an account that is chosen here."""

    def __init__(self, account: Account) -> None:
        super().__init__(REGION)
        self._account = account
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._account.client(service)
        return self._clients[service]

    @property
    def account_id(self) -> str:
        return self._account.number


def deploy(program: Program, account: Account) -> dict[str, Any]:
    """Build a program's resources in the account, and say its export, with AWS's own ids."""
    cloud = _Cloud(account)
    ids: dict[str, str] = {}
    outputs: dict[str, Any] = {}
    for entry in program.entries:
        handler = HANDLERS[entry.type](cloud)
        inputs = _with(ids, _plain(entry.inputs or {}, True, COMPUTED))
        identifier = handler.create(inputs)
        handler.configure(identifier, inputs)
        found = handler.read(identifier, inputs)
        assert found is not None
        ids[entry.identifier] = identifier
        for name, value in entry.made.outputs.items():
            if isinstance(value, str) and isinstance(found.get(name), str) and name != "id":
                ids.setdefault(value, found[name])
        outputs[entry.made.urn] = {"id": identifier, **found}
    export: dict[str, Any] = _with(ids, program.export())
    for state in export["deployment"]["resources"]:
        state["outputs"] = outputs.get(state["urn"], state["outputs"])
    return json.loads(json.dumps(export, default=str))  # type: ignore[no-any-return]


def _with(ids: dict[str, str], tree: Any) -> Any:
    """A tree with AWS's ids in place of the program's."""
    if isinstance(tree, str):
        return ids.get(tree, tree)
    if isinstance(tree, dict):
        return {name: _with(ids, one) for name, one in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [_with(ids, one) for one in tree]
    return tree


def random_program(dice: Random, program: Program) -> None:
    """Some networks of containers, of all the ways they are built in."""
    hub = _hub(program) if dice.random() < 0.3 else None
    for number in range(dice.randint(1, 2)):
        _vpc(dice, program, f"v{number}", number + 1, hub)


def _hub(program: Program) -> tuple[Made, Made]:
    """A VPC with the NAT gateway of all others, behind a transit gateway."""
    gateway = program.add(
        "aws:ec2transitgateway/transitGateway:TransitGateway",
        "tgw",
        {"defaultRouteTableAssociation": "disable", "defaultRouteTablePropagation": "disable"},
    )
    table = program.add(
        "aws:ec2transitgateway/routeTable:RouteTable", "spokes", {"transitGatewayId": gateway.id}
    )
    vpc = program.add("aws:ec2/vpc:Vpc", "hub", {"cidrBlock": "10.200.0.0/16"})
    front, nat = _public(program, vpc, "hub", "10.200.0.0/24")
    entry = _subnet(program, vpc, "hub-entry", "10.200.1.0/24", 0)
    back = _table(program, vpc, "hub-entry", (entry,))
    _route(program, "hub-out", back, natGatewayId=nat.id)
    attachment = program.add(
        "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
        "hub",
        {
            "transitGatewayId": gateway.id,
            "vpcId": vpc.id,
            "subnetIds": [entry.id],
            "transitGatewayDefaultRouteTableAssociation": False,
            "transitGatewayDefaultRouteTablePropagation": False,
        },
    )
    program.add(
        "aws:ec2transitgateway/route:Route",
        "to-hub",
        {
            "transitGatewayRouteTableId": table.id,
            "transitGatewayAttachmentId": attachment.id,
            "destinationCidrBlock": "0.0.0.0/0",
        },
    )
    del front
    return gateway, table


def _vpc(
    dice: Random, program: Program, name: str, number: int, hub: tuple[Made, Made] | None
) -> None:
    # AWS refuses private DNS in a VPC without both attributes.
    resolves = dice.random() < 0.8
    vpc = program.add(
        "aws:ec2/vpc:Vpc",
        name,
        {
            "cidrBlock": f"10.{number}.0.0/16",
            "enableDnsSupport": resolves or dice.random() < 0.5,
            "enableDnsHostnames": resolves,
        },
    )
    _, nat = _public(program, vpc, name, f"10.{number}.0.0/24")
    subnets = [
        _subnet(program, vpc, f"{name}-{place}", f"10.{number}.{place + 1}.0/24", place % 2)
        for place in range(dice.randint(1, 3))
    ]
    attached = hub is not None and dice.random() < 0.7
    if hub is not None and attached:
        _attach(program, vpc, name, subnets, hub)
    tables: list[Made] = []
    for place, subnet in enumerate(subnets):
        if dice.random() < 0.15:
            continue  # It stays on the main table.
        if tables and dice.random() < 0.3:
            _associate(program, f"{name}-{place}", tables[-1], subnet)
            continue
        table = _table(program, vpc, f"{name}-{place}", (subnet,))
        tables.append(table)
        way = dice.choice(("nat", "nat", "none", "tgw" if attached else "nat"))
        if way == "nat":
            _route(program, f"{name}-{place}", table, natGatewayId=nat.id)
        elif way == "tgw" and hub is not None:
            _route(program, f"{name}-{place}", table, transitGatewayId=hub[0].id)
    _endpoints(dice, program, vpc, name, number, subnets, tables, resolves)


def _endpoints(
    dice: Random,
    program: Program,
    vpc: Made,
    name: str,
    number: int,
    subnets: list[Made],
    tables: list[Made],
    resolves: bool,
) -> None:
    admitted = dice.choice((f"10.{number}.0.0/16", f"10.{number}.1.0/24"))
    group = program.add(
        "aws:ec2/securityGroup:SecurityGroup",
        f"{name}-endpoints",
        {
            "vpcId": vpc.id,
            "name": f"{name}-endpoints",
            "description": "endpoints",
            "ingress": [
                {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": [admitted]}
            ],
        },
    )
    if dice.random() < 0.7:
        program.add(
            "aws:ec2/vpcEndpoint:VpcEndpoint",
            f"{name}-s3",
            {
                "vpcId": vpc.id,
                "serviceName": f"com.amazonaws.{REGION}.s3",
                "vpcEndpointType": "Gateway",
                "routeTableIds": [one.id for one in tables if dice.random() < 0.7],
            },
        )
    zones = [subnet for place, subnet in enumerate(subnets) if place < 2]
    for service in ("ecr.api", "ecr.dkr"):
        if dice.random() < 0.6:
            program.add(
                "aws:ec2/vpcEndpoint:VpcEndpoint",
                f"{name}-{service}",
                {
                    "vpcId": vpc.id,
                    "serviceName": f"com.amazonaws.{REGION}.{service}",
                    "vpcEndpointType": "Interface",
                    "subnetIds": [one.id for one in zones],
                    "securityGroupIds": [group.id],
                    "privateDnsEnabled": resolves and dice.random() < 0.8,
                },
            )


def _public(program: Program, vpc: Made, name: str, cidr: str) -> tuple[Made, Made]:
    subnet = _subnet(program, vpc, f"{name}-public", cidr, 0)
    gateway = program.add("aws:ec2/internetGateway:InternetGateway", name, {"vpcId": vpc.id})
    table = _table(program, vpc, f"{name}-public", (subnet,))
    _route(program, f"{name}-public", table, gatewayId=gateway.id)
    address = program.add("aws:ec2/eip:Eip", name, {"domain": "vpc"})
    nat = program.add(
        "aws:ec2/natGateway:NatGateway",
        name,
        {"subnetId": subnet.id, "allocationId": address.id},
        depends_on=[gateway],
    )
    return subnet, nat


def _attach(
    program: Program, vpc: Made, name: str, subnets: list[Made], hub: tuple[Made, Made]
) -> None:
    gateway, table = hub
    attachment = program.add(
        "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
        name,
        {
            "transitGatewayId": gateway.id,
            "vpcId": vpc.id,
            "subnetIds": [one.id for one in subnets[:2]],
            "transitGatewayDefaultRouteTableAssociation": False,
            "transitGatewayDefaultRouteTablePropagation": False,
        },
    )
    program.add(
        "aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation",
        name,
        {
            "transitGatewayAttachmentId": attachment.id,
            "transitGatewayRouteTableId": table.id,
        },
    )


def _subnet(program: Program, vpc: Made, name: str, cidr: str, zone: int) -> Made:
    return program.add(
        "aws:ec2/subnet:Subnet",
        name,
        {
            "vpcId": vpc.id,
            "cidrBlock": cidr,
            "availabilityZone": _ZONES[zone],
            "tags": {"Name": name},
        },
    )


def _table(program: Program, vpc: Made, name: str, subnets: tuple[Made, ...]) -> Made:
    table = program.add("aws:ec2/routeTable:RouteTable", name, {"vpcId": vpc.id})
    for subnet in subnets:
        _associate(program, name, table, subnet)
    return table


def _associate(program: Program, name: str, table: Made, subnet: Made) -> None:
    program.add(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        name,
        {"routeTableId": table.id, "subnetId": subnet.id},
    )


def _route(program: Program, name: str, table: Made, **target: object) -> None:
    program.add(
        "aws:ec2/route:Route",
        name,
        {"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0", **target},
    )
