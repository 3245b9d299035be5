"""Serves a simulated AWS with many VPCs: prints its port, and ends when its standard input closes.

    python -m bench.verify.account 200

The account is built inside the server, by moto's own backends, which takes seconds instead of
minutes; what it answers is the same.
"""

from __future__ import annotations

import os
import sys
import threading

from werkzeug.serving import WSGIRequestHandler, make_server

# Read by moto when it is imported.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")

from moto.ec2.models import ec2_backends

from tests.engine.simaws.account.server import application

ACCOUNT = "000000000042"
KEY = f"SIM{ACCOUNT}"
REGION = "us-east-1"
SUBNETS = 20
#: Every so many VPCs, one lacks the endpoint for ECR's registry, and its private subnets leak.
LEAKY = 10
_ZONES = ("us-east-1a", "us-east-1b")
_PUBLIC = 2


def build(vpcs: int) -> None:
    """Make `vpcs` VPCs, each with two public subnets, two NAT gateways and 18 private subnets."""
    ec2 = ec2_backends[ACCOUNT][REGION]
    for number in range(vpcs):
        cidr = f"10.{number}.0.0/16"
        vpc = ec2.create_vpc(cidr)
        ec2.modify_vpc_attribute(vpc.id, "enable_dns_hostnames", "true")
        gateway = ec2.create_internet_gateway()
        ec2.attach_internet_gateway(gateway.id, vpc.id)
        subnets = [
            ec2.create_subnet(
                vpc.id, f"10.{number}.{place}.0/24", availability_zone=_ZONES[place % len(_ZONES)]
            )
            for place in range(SUBNETS)
        ]
        front = ec2.create_route_table(vpc.id)
        ec2.create_route(front.id, "0.0.0.0/0", gateway_id=gateway.id)
        nats, tables = [], []
        for subnet in subnets[:_PUBLIC]:
            ec2.associate_route_table(front.id, subnet_id=subnet.id)
            address = ec2.allocate_address("vpc")
            nats.append(ec2.create_nat_gateway(subnet.id, str(address.allocation_id)))
        for nat in nats:
            table = ec2.create_route_table(vpc.id)
            ec2.create_route(table.id, "0.0.0.0/0", nat_gateway_id=nat.id)
            tables.append(table)
        for place, subnet in enumerate(subnets[_PUBLIC:]):
            ec2.associate_route_table(tables[place % len(tables)].id, subnet_id=subnet.id)
        group = ec2.create_security_group("endpoints", "endpoints", vpc.id)
        ec2.authorize_security_group_ingress(
            group.id, "tcp", "443", "443", [{"CidrIp": cidr}], vpc_id=vpc.id
        )
        services = ["ecr.api"] if number % LEAKY == 0 else ["ecr.api", "ecr.dkr"]
        for service in services:
            ec2.create_vpc_endpoint(
                vpc.id,
                f"com.amazonaws.{REGION}.{service}",
                "Interface",
                None,
                [],
                subnet_ids=[one.id for one in subnets[_PUBLIC : 2 * _PUBLIC]],
                security_group_ids=[group.id],
                private_dns_enabled=True,
            )
        ec2.create_vpc_endpoint(
            vpc.id, f"com.amazonaws.{REGION}.s3", "Gateway", None, [one.id for one in tables]
        )


class _QuietHandler(WSGIRequestHandler):
    """Keeps connections open and says nothing."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 -- the base's
        """Requests are not news."""


def main() -> None:
    """Build and serve until the process that started this one is gone."""
    served = application()
    build(int(sys.argv[1]))
    server = make_server("127.0.0.1", 0, served, threaded=True, request_handler=_QuietHandler)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
