"""`lane verify`: the verdicts on what runs, read from AWS or from saved answers of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lane.errors import Unusable
from lane.formats import Format, write
from lane.options import Debug  # noqa: TC001 -- typer reads annotations when it runs
from lane.pack_rules import exemptions_of, read_settings, violations_of
from lane.progress import step
from lane.pulumi_file import read_stack_export
from lane.report import Report
from lane.sources import told
from privatelane_paths.facts import GatewayKind
from privatelane_rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lane.report import Difference
    from lane.sources.describe import Answers
    from privatelane_paths.facts import Network
    from privatelane_paths.sources.resource import Reading
    from privatelane_rules._run import Outcome

__all__ = ["verify"]

#: What the root of the tree is: an account and its regions.
_ROOT_TYPE = "aws"


def verify(
    region: Annotated[
        list[str] | None,
        typer.Option(help="A region to read; repeat it for several.", show_default="AWS_REGION"),
    ] = None,
    role_arn: Annotated[
        list[str] | None,
        typer.Option(
            help="A role to read an account with; repeat it for several.",
            show_default="the credentials' own account",
        ),
    ] = None,
    from_: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="A folder of saved describe answers, instead of the account.",
            show_default=False,
        ),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            help="What `pulumi stack export` wrote: list where the account differs from it.",
            show_default=False,
        ),
    ] = None,
    format: Format = "text",  # noqa: A002 -- the option's name
    policy_pack_config: Annotated[
        Path | None, typer.Option(help="A JSON file that configures the pack, as Pulumi takes it.")
    ] = None,
    debug: Debug = False,  # noqa: ARG001 -- read where errors are shown
) -> None:
    """Show which way traffic takes to AWS in an account, as it is now.

    Makes read-only calls, which docs/verify-policy.json allows. Exits with 0, or with 1 when
    something mandatory is violated, or with 2 when not all could be read; what could be read is
    shown all the same.
    """
    given = read_settings(policy_pack_config)
    declared = None if against is None else read_stack_export(against, "--against")
    places = _answers(from_, region or [], role_arn or [])
    from lane.live import judge_answers  # noqa: PLC0415 -- what is missing is told before

    with step("judging the lanes"):
        network, outcome = judge_answers(places, given)
    report = _report(places, network, outcome, declared)
    if format != "text":
        write(report, format, lambda: RULES, sys.stdout)
    else:
        from lane.render_text import render  # noqa: PLC0415 -- rich is for people alone

        root = report.stack
        render(report, sys.stdout, root=root, resources=_shown(network), root_type=_ROOT_TYPE)
    unread = told.reasons(places) if from_ is None else ()
    if unread:
        sys.stdout.flush()
        raise Unusable(f"not all of the account could be read: {'; '.join(unread)}")
    raise typer.Exit(report.exit_status)


def _answers(folder: Path | None, regions: list[str], roles: list[str]) -> tuple[Answers, ...]:
    if folder is not None:
        if regions or roles:
            raise Unusable("--from reads files: it goes with neither --region nor --role-arn")
        from lane.sources.saved import read_saved  # noqa: PLC0415 -- without boto3

        return read_saved(folder)
    with step("loading boto3"):
        from lane.sources.aws import read_aws  # noqa: PLC0415 -- half a second of importing
    with step("reading the account"):
        return read_aws(regions, roles)


def _report(
    places: Sequence[Answers], network: Network, outcome: Outcome, declared: Reading | None
) -> Report:
    stack = outcome.stack
    differences: tuple[Difference, ...] | None = None
    notes = list(told.notes(places))
    if declared is not None:
        from lane.drift import compared  # noqa: PLC0415 -- seldom needed

        found = compared(declared, network, () if stack is None else stack.lanes)
        differences = found.differences
        notes += found.notes
    name = declared.stack if declared is not None else ""
    exempted, unused = exemptions_of(outcome)
    return Report(
        source="aws",
        stack=name or told.stack_of(places),
        subnets=network.subnets,
        lanes=() if stack is None else stack.lanes,
        violations=violations_of(outcome, ""),
        resources=sum(
            len(facts)
            for facts in (
                network.vpcs,
                network.subnets,
                network.tables,
                network.nats,
                network.gateways,
                network.endpoints,
                network.security_groups,
                network.network_acls,
                network.peerings,
                network.transit_gateways,
                network.attachments,
                network.transit_tables,
                network.hosted_zones,
                network.resolver_rules,
                network.workloads,
            )
        ),
        notes=tuple(dict.fromkeys(notes)),
        differences=differences,
        exempted=exempted,
        unused=unused,
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the resource tree shows of a fact, under the name Pulumi has for its type."""

    urn: str
    type: str
    name: str
    parent: str
    remote: bool = False
    external: bool = False
    id: str = ""


_TYPES = {
    GatewayKind.INTERNET: "aws:ec2/internetGateway:InternetGateway",
    GatewayKind.EGRESS_ONLY: "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
    GatewayKind.VPN: "aws:ec2/vpnGateway:VpnGateway",
}


def _shown(network: Network) -> Iterator[_Shown]:
    """The VPCs with what leads out of them; subnets stand in the table of lanes."""
    homes = {one.key: one.vpc.keys[0] for one in network.subnets if one.vpc.decided}
    for vpc in network.vpcs:
        yield _Shown(vpc.key, "aws:ec2/vpc:Vpc", vpc.name, "")
    for nat in network.nats:
        inside = nat.subnet or nat.vpc
        key = inside.keys[0] if inside is not None and inside.decided else ""
        yield _Shown(nat.key, "aws:ec2/natGateway:NatGateway", nat.name, homes.get(key, key))
    for gateway in network.gateways:
        key = gateway.vpc.keys[0] if gateway.vpc is not None and gateway.vpc.decided else ""
        yield _Shown(gateway.key, _TYPES[gateway.kind], gateway.name, key)
    for endpoint in network.endpoints:
        key = endpoint.vpc.keys[0] if endpoint.vpc.decided else ""
        yield _Shown(endpoint.key, "aws:ec2/vpcEndpoint:VpcEndpoint", endpoint.name, key)
    for one in network.transit_gateways:
        yield _Shown(one.key, "aws:ec2transitgateway/transitGateway:TransitGateway", one.name, "")
