"""`lane cost`: what a network costs a month, and from which traffic on which endpoint pays."""

from __future__ import annotations

import re
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from lane.errors import Unusable
from lane.options import Debug  # noqa: TC001 -- typer reads annotations when it runs
from lane.whole_sdks import WholeSdks  # noqa: TC001 -- the same

if TYPE_CHECKING:
    from typing import TextIO

    from lane.cost.estimate import Estimate
    from lane.cost.measured import Measured
    from lane.cost.usage import Workload
    from lane.sources.describe import Answers
    from privatelane_paths.sources.resource import Reading

__all__ = ["cost"]

_ESTIMATE = "estimate"
_BINARY = 1024
_INSTANCE_TYPE = re.compile(r"[a-z0-9-]+\.[a-z0-9-]+")


class _WithDefault(TyperGroup):
    """`lane cost ...` is `lane cost estimate ...` unless it names another command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 -- click's own
        named = args and args[0] in self.commands
        return super().parse_args(ctx, args if named else [_ESTIMATE, *args])


cost = typer.Typer(name="cost", cls=_WithDefault, help="Show what a network costs a month.")

_Prices = Annotated[
    Path | None,
    typer.Option(help="The table of prices.", show_default="the one that comes with `lane`"),
]


@cost.command(_ESTIMATE)
def estimate(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="What `pulumi stack export` or `pulumi preview --json --show-sames` wrote; "
            "without it the program is previewed here.",
            show_default=False,
        ),
    ] = None,
    stack: Annotated[str, typer.Option(help="The stack whose configuration is used.")] = "dev",
    program: Annotated[
        Path, typer.Option(help="The folder of a Python Pulumi program.", show_default="here")
    ] = Path(),
    workload: Annotated[
        Path | None,
        typer.Option(help="A YAML file with the month's traffic.", show_default="no traffic"),
    ] = None,
    format: Annotated[  # noqa: A002 -- the option's name
        Literal["text", "json", "markdown"],
        typer.Option(help="For people, for scripts (one JSON object), or for a pull request."),
    ] = "text",
    live: Annotated[
        bool, typer.Option("--live", help="What runs in the account, as `lane verify` reads it.")
    ] = False,
    from_: Annotated[
        Path | None,
        typer.Option("--from", help="A folder of saved describe answers.", show_default=False),
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(
            help="The region of what does not name one; with --live those to read: repeat it.",
            show_default=False,
        ),
    ] = None,
    role_arn: Annotated[
        list[str] | None,
        typer.Option(
            help="With --live, a role to read an account with; repeat it.", show_default=False
        ),
    ] = None,
    usage_from: Annotated[
        Literal["cloudwatch"] | None,
        typer.Option(
            help="With --live, take the traffic of NAT gateways and endpoints from their metrics.",
            show_default=False,
        ),
    ] = None,
    days: Annotated[
        int, typer.Option(min=1, max=455, help="Of how many whole days metrics are taken.")
    ] = 30,
    growth: Annotated[
        str | None,
        typer.Option(help="The rows of the growth table: GB a month, with commas between."),
    ] = None,
    prices: _Prices = None,
    whole_sdks: WholeSdks = False,
    debug: Debug = False,  # noqa: ARG001 -- read where errors are shown
) -> None:
    """Show what a network costs a month, item by item, and when endpoints pay.

    Without a workload file that is the fixed part: hours of NAT gateways, endpoints, addresses,
    load balancers, clusters and tasks. What is billed is what a program declares, or a file, or
    with --live what runs in an account, by read-only calls that docs/cost-policy.json allows.
    Prices come from a dated table, which `lane cost refresh` brings up to date; what is not
    verified is marked. Exits with 0, or with 2 when the input cannot be used, not all of an
    account could be read, or the table lacks a price.
    """
    from lane.cost.growth import GIGABYTES  # noqa: PLC0415 -- as all below, only for this command
    from lane.cost.prices import PRICES, read_prices  # noqa: PLC0415
    from lane.cost.usage import read_workload  # noqa: PLC0415

    rows = GIGABYTES if growth is None else _rows(growth)
    table = read_prices(prices or PRICES)
    given = None if workload is None else read_workload(workload)
    regions, roles = region or [], role_arn or []
    _require_fitting(file, from_, given, regions, roles, usage_from, live=live)
    measured: Measured | None = None
    unread: tuple[str, ...] = ()
    out = sys.stdout
    if live or from_ is not None:
        from lane.cost.account import account_subject, measured_traffic  # noqa: PLC0415

        places = _answers(from_, regions, roles)
        subject = account_subject(places, given, regions[0] if regions else None)
        if live:
            from lane.sources import told  # noqa: PLC0415

            unread = told.reasons(places, optional=True)
        if usage_from is not None:
            binary = given is not None and given.gigabytes_per_terabyte == _BINARY
            measured = measured_traffic(places, days, roles, _BINARY**3 if binary else 10**9)
            unread += measured.unread
    else:
        from lane.cost.estimate import declared  # noqa: PLC0415

        if file is None:
            from lane.results import claim_stdout  # noqa: PLC0415

            out = claim_stdout()
            reading = _previewed(program, stack, out, whole_sdks=whole_sdks)
            subject = declared("preview", reading, given, *regions)
        else:
            from lane.pulumi_file import read_pulumi_file  # noqa: PLC0415

            source, reading = read_pulumi_file(file)
            subject = declared(source, reading, given, *regions)
    from lane.cost.estimate import estimate as estimated  # noqa: PLC0415

    found = estimated(subject, table, given, rows, measured)
    _show(found, format, out)
    out.flush()
    if unread:
        raise Unusable(f"not all of the account could be read: {'; '.join(unread)}")
    if found.bill.unpriced:
        from lane.cost.words import missing_sentence  # noqa: PLC0415

        raise Unusable(missing_sentence(found.bill.unpriced))


def _require_fitting(
    file: Path | None,
    folder: Path | None,
    workload: Workload | None,
    regions: list[str],
    roles: list[str],
    usage_from: str | None,
    *,
    live: bool,
) -> None:
    """Raise `Unusable` for arguments that do not go together."""
    if sum((file is not None, folder is not None, live)) > 1:
        raise Unusable("a file, --live and --from exclude each other: name one")
    if not live:
        if roles:
            raise Unusable("--role-arn goes with --live alone: nothing else is read with a role")
        if usage_from is not None:
            raise Unusable(
                f"--usage-from {usage_from} goes with --live alone: only an account has metrics"
            )
        if len(regions) > 1:
            raise Unusable(
                f"--region {' --region '.join(regions)}: without --live there is one region, that "
                "of what does not name its own"
            )
    if usage_from is not None and workload is not None and workload.has_traffic:
        raise Unusable(
            f"the workload file has `traffic`, and --usage-from {usage_from} takes it from there: "
            "leave one out"
        )


def _answers(folder: Path | None, regions: list[str], roles: list[str]) -> tuple[Answers, ...]:
    if folder is not None:
        from lane.sources.saved import read_saved  # noqa: PLC0415 -- without boto3

        return read_saved(folder)
    from lane.progress import step  # noqa: PLC0415

    with step("loading boto3"):
        from lane.sources.aws import read_aws  # noqa: PLC0415 -- half a second of importing
    with step("reading the account"):
        return read_aws(regions, roles, billing=True)


@cost.command()
def refresh(
    region: Annotated[
        list[str] | None,
        typer.Option(help="A region; may be repeated.", show_default="all in the table"),
    ] = None,
    instance_type: Annotated[
        list[str] | None,
        typer.Option(
            help="An EC2 instance type; may be repeated.", show_default="those in the table"
        ),
    ] = None,
    prices: _Prices = None,
    debug: Debug = False,  # noqa: ARG001 -- read where errors are shown
) -> None:
    """Bring the table of prices up to date from the AWS Price List.

    Needs credentials that allow `pricing:GetProducts`. A price that the Price List does not give
    clearly stays as it is, and is named. Exits with 0, or with 2 when AWS cannot be asked.
    """
    import boto3  # noqa: PLC0415 -- a quarter of a second that only this command needs
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    from lane.cost.prices import PRICES, read_prices  # noqa: PLC0415
    from lane.cost.refresh import REGION, refreshed  # noqa: PLC0415

    path = prices or PRICES
    table = read_prices(path)
    for one in region or ():
        if one not in boto3.session.Session().get_available_regions("ec2"):
            raise Unusable(f"--region {one}: AWS has no such region; one is us-east-1")
    for one in instance_type or ():
        if not _INSTANCE_TYPE.fullmatch(one):
            raise Unusable(f"--instance-type {one}: it must be a type such as m7g.large")
    try:
        client = boto3.client("pricing", region_name=REGION)
        found = refreshed(table, region or table.regions, client, instance_type or ())
    except (BotoCoreError, ClientError) as error:
        raise Unusable(f"the AWS Price List cannot be asked: {error}") from error
    _write(path, found.table.as_csv())
    for sentence in found.kept:
        print(f"note: {sentence}", file=sys.stderr)
    for sentence in found.changes:
        print(sentence)
    print(f"{path.name}: {len(found.changes)} changed, {len(found.kept)} kept")


def _write(path: Path, text: str) -> None:
    """Put a file in place of the old one at once, so that nobody reads half of it."""
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(text, encoding="utf-8", newline="")
        new.replace(path)
    except OSError as error:
        raise Unusable(f"{path} cannot be written: {error.strerror}") from error


def _rows(text: str) -> tuple[Decimal, ...]:
    try:
        rows = tuple(Decimal(part.strip()) for part in text.split(","))
    except InvalidOperation:
        rows = (Decimal(-1),)
    if any(not row.is_finite() or row < 0 for row in rows):
        raise Unusable(f"--growth {text}: it must be GB a month, such as 100,1000,10000")
    return rows


def _previewed(program: Path, stack: str, out: TextIO, *, whole_sdks: bool) -> Reading:
    """What a program registers, without AWS and without the policy pack."""
    from lane.program import load_project  # noqa: PLC0415
    from lane.progress import step  # noqa: PLC0415
    from lane.whole_sdks import run_program  # noqa: PLC0415

    project = load_project(program, stack)

    def registered() -> Reading:
        with step("loading Pulumi"):
            from lane import embedded  # noqa: PLC0415
            from lane.judge import reading_of  # noqa: PLC0415
        with step("running the program"):
            return reading_of(embedded.run(project))

    return run_program(registered, out, whole_sdks=whole_sdks)


def _show(found: Estimate, form: str, out: TextIO) -> None:
    if form == "json":
        from lane.cost.render_json import as_json  # noqa: PLC0415

        out.write(as_json(found))
    elif form == "markdown":
        from lane.cost.render_markdown import as_markdown  # noqa: PLC0415

        out.write(as_markdown(found))
    else:
        from lane.cost.render_text import render  # noqa: PLC0415

        render(found, out)
    for note in found.notes if form == "json" else ():
        print(f"note: {note}", file=sys.stderr)
