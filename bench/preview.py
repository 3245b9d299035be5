"""How long `lane preview` takes, against merely importing the libraries that it needs.

Whole processes, cold but for the file cache and compiled modules; the candidates take turns, so
that a busy moment hits all of them. Prints medians and their ratio, then how the time grows with
the number of subnets.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parents[1]
#: What every embedded preview imports, and what it is measured against.
IMPORTS = [sys.executable, "-c", "import pulumi, pulumi_aws, pulumi_eks, pulumi_policy"]
PREVIEW = [sys.executable, "-m", "lane", "preview"]
#: The goal: the preview of the dev stack takes at most so many times the imports.
GOAL = 2.5

PROGRAM = '''"""A network of {subnets} private subnets, each with a route table of its own."""

import pulumi_aws as aws

vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16", enable_dns_support=True,
                  enable_dns_hostnames=True)
internet = aws.ec2.InternetGateway("main", vpc_id=vpc.id)
public = aws.ec2.Subnet("public", vpc_id=vpc.id, cidr_block="10.0.255.0/24")
outside = aws.ec2.RouteTable(
    "public", vpc_id=vpc.id, routes=[{{"cidr_block": "0.0.0.0/0", "gateway_id": internet.id}}]
)
aws.ec2.RouteTableAssociation("public", subnet_id=public.id, route_table_id=outside.id)
nat = aws.ec2.NatGateway("main", subnet_id=public.id, allocation_id=aws.ec2.Eip("nat").id)
tables, subnets = [], []
for number in range({subnets}):
    subnet = aws.ec2.Subnet(f"app-{{number}}", vpc_id=vpc.id, cidr_block=f"10.0.{{number}}.0/24")
    table = aws.ec2.RouteTable(f"app-{{number}}", vpc_id=vpc.id)
    aws.ec2.Route(f"app-{{number}}", route_table_id=table.id, nat_gateway_id=nat.id,
                  destination_cidr_block="0.0.0.0/0")
    aws.ec2.RouteTableAssociation(f"app-{{number}}", subnet_id=subnet.id, route_table_id=table.id)
    subnets.append(subnet)
    tables.append(table)
clients = aws.ec2.SecurityGroup("endpoints", vpc_id=vpc.id, ingress=[
    {{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.0.0/16"]}}
])
aws.ec2.VpcEndpoint("s3", vpc_id=vpc.id, service_name="com.amazonaws.us-east-1.s3",
                    route_table_ids=[table.id for table in tables])
for service in ("ecr.api", "ecr.dkr"):
    aws.ec2.VpcEndpoint(
        service, vpc_id=vpc.id, service_name=f"com.amazonaws.us-east-1.{{service}}",
        vpc_endpoint_type="Interface", private_dns_enabled=True,
        subnet_ids=[subnet.id for subnet in subnets[:3]], security_group_ids=[clients.id],
    )
'''


def seconds(command: list[str], cwd: Path) -> float:
    """How long a process takes from its start to its end; it must end as a preview does."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'policies'}"}
    # Compiled modules are cached, as they are on any machine that runs this twice.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    taken = time.perf_counter() - start
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
    return taken


def compare(candidates: dict[str, tuple[list[str], Path]], runs: int) -> dict[str, list[float]]:
    """The times of each candidate, taken in turns after one run that does not count."""
    for command, cwd in candidates.values():
        seconds(command, cwd)
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(runs):
        for name, (command, cwd) in candidates.items():
            times[name].append(seconds(command, cwd))
    return times


def show(name: str, times: list[float], base: list[float]) -> float:
    """Print one line of the table; returns the ratio of the medians."""
    ratio = statistics.median(times) / statistics.median(base)
    figures = (statistics.median(times), min(times), max(times))
    print(f"{name:34s} " + " ".join(f"{one:7.3f}" for one in figures) + f" {ratio:6.2f}")
    return ratio


def main(
    runs: Annotated[int, typer.Option(help="How often each candidate runs.")] = 9,
    subnets: Annotated[str, typer.Option(help="Sizes of network to try.")] = "3,15,30,60",
    check: Annotated[bool, typer.Option("--check", help="Fail when the goal is missed.")] = False,
) -> None:
    """Measure `lane preview`."""
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")
    print(f"\n{'seconds, whole process':34s} {'median':>7s} {'min':>7s} {'max':>7s} {'ratio':>6s}")
    times = compare(
        {
            "imports alone": (IMPORTS, ROOT),
            "lane preview (dev)": (PREVIEW, ROOT),
            "lane preview --whole-sdks (dev)": ([*PREVIEW, "--whole-sdks"], ROOT),
        },
        runs,
    )
    base = times["imports alone"]
    ratios = {name: show(name, taken, base) for name, taken in times.items()}
    with tempfile.TemporaryDirectory() as folder:
        sizes = {
            f"{size} subnets, {9 + 4 * size + 1} resources": (PREVIEW, write(Path(folder), size))
            for size in map(int, subnets.split(","))
        }
        for name, taken in compare(sizes, max(3, runs // 3)).items():
            show(name, taken, base)
    if check and ratios["lane preview (dev)"] > GOAL:
        raise SystemExit(f"lane preview takes more than {GOAL} times the imports")


def write(folder: Path, subnets: int) -> Path:
    """A program with so many private subnets."""
    project = folder / f"subnets-{subnets}"
    project.mkdir()
    (project / "Pulumi.yaml").write_text(f"name: subnets-{subnets}\nruntime: python\n")
    (project / "Pulumi.dev.yaml").write_text("config:\n  aws:region: us-east-1\n")
    (project / "__main__.py").write_text(PROGRAM.format(subnets=subnets))
    return project


if __name__ == "__main__":
    typer.run(main)
