"""`lane traffic`: which AWS services still go through a NAT, from VPC flow logs."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lane.errors import Unusable
from lane.options import Debug  # noqa: TC001 -- typer reads annotations when it runs
from lane.traffic.proof import MAX_GAP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lane.traffic.answer import Answer
    from lane.traffic.athena import Table
    from lane.traffic.inventory import Inventory
    from lane.traffic.query import Window
    from lane.traffic.ranges import Range

__all__ = ["traffic"]

_DAY = "2026-11-20T00:00:00Z"


def traffic(
    logs: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Flow log files, or folders of them: text or Parquet, as AWS delivers to S3.",
            show_default=False,
        ),
    ] = None,
    from_: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="What NATs and subnets there are: a folder of saved describe answers, or a file "
            "of `pulumi stack export`.",
            show_default="what the records show",
        ),
    ] = None,
    ip_ranges: Annotated[
        list[Path] | None,
        typer.Option(
            help="AWS's ip-ranges.json, for formats that do not name services; may be repeated.",
            show_default=False,
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help=f"Only records from then on: {_DAY}.", show_default="all")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Only records before then.", show_default="all")
    ] = None,
    prove: Annotated[
        bool,
        typer.Option(
            "--prove", help="Exit with 1 unless it is proved that no byte of ECR or S3 went so."
        ),
    ] = False,
    max_gap: Annotated[
        int, typer.Option(min=60, help="Seconds without a record that do not spoil a proof.")
    ] = MAX_GAP,
    format: Annotated[  # noqa: A002 -- the option's name
        Literal["text", "json", "markdown"],
        typer.Option(help="For people, for scripts (one JSON object), or for a pull request."),
    ] = "text",
    athena: Annotated[
        str | None,
        typer.Option(
            help="Run on this table of Athena, DATABASE.TABLE, instead of files.",
            show_default=False,
        ),
    ] = None,
    workgroup: Annotated[
        str, typer.Option(help="The workgroup of Athena, whose limits and results apply.")
    ] = "primary",
    region: Annotated[
        str | None, typer.Option(help="The region of Athena.", show_default="AWS_REGION")
    ] = None,
    debug: Debug = False,  # noqa: ARG001 -- read where errors are shown
) -> None:
    """Show which AWS services still go through a NAT, by subnet and interface.

    Every byte counts once, although a NAT logs it twice. Exits with 0, or with 1 when --prove finds
    no proof, or with 2 when not all could be read; what could be read is shown all the same.
    """
    window = _window(since, until)
    if (athena is None) == (not logs):
        raise Unusable("name flow log files or folders, or a table of Athena with --athena")
    inventory = None
    if from_ is not None:
        from lane.traffic.inventory import read_inventory  # noqa: PLC0415 -- seldom needed

        inventory = read_inventory(from_)
    addresses = _ranges(ip_ranges or [], inventory)
    if athena is None:
        found = _from_files(logs or [], window, inventory, addresses)
    else:
        from lane.traffic.athena import Table  # noqa: PLC0415 -- seldom needed

        if window is None or since is None or until is None:
            raise Unusable(
                f"--athena bills what it scans, so it needs --since and --until, such as {_DAY}"
            )
        found = _from_athena(Table.named(athena, workgroup, region), window, inventory, addresses)
    if prove:
        found = _proved(found, inventory, max_gap)
    _show(found, format)
    if found.faults:
        sys.stdout.flush()
        raise Unusable(f"not all of the flow logs could be read: {'; '.join(found.faults)}")
    raise typer.Exit(0 if found.proved else 1)


def _window(since: str | None, until: str | None) -> Window | None:
    from lane.traffic.query import ALL_TIME, Window  # noqa: PLC0415 -- jinja2 loads here

    if since is None and until is None:
        return None
    first = ALL_TIME.since if since is None else _seconds("--since", since)
    end = int(datetime.now(tz=timezone.utc).timestamp())
    end = end if until is None else _seconds("--until", until)
    if end <= first:
        raise Unusable(f"--until {until} must be after --since {since}")
    return Window(first, end)


def _seconds(option: str, text: str) -> int:
    try:
        # Python 3.10 does not read the Z.
        found = datetime.fromisoformat(text.removesuffix("Z") + "+00:00" * text.endswith("Z"))
    except ValueError:
        raise Unusable(f"{option} {text}: it must be a time such as {_DAY}") from None
    aware = found if found.tzinfo is not None else found.replace(tzinfo=timezone.utc)
    return int(aware.timestamp())


def _ranges(files: Sequence[Path], inventory: Inventory | None) -> tuple[Range, ...]:
    from lane.traffic.ranges import ranges, read  # noqa: PLC0415 -- what is wrong is told before

    return ranges(read(files), inventory.networks if inventory is not None else ())


def _from_files(
    paths: Sequence[Path],
    window: Window | None,
    inventory: Inventory | None,
    addresses: Sequence[Range],
) -> Answer:
    from lane.progress import step  # noqa: PLC0415 -- as below, only for this command
    from lane.traffic import words  # noqa: PLC0415
    from lane.traffic.answer import Answer, Read  # noqa: PLC0415
    from lane.traffic.files import find  # noqa: PLC0415
    from lane.traffic.findings import found, overlap, repeats  # noqa: PLC0415
    from lane.traffic.query import ALL_TIME  # noqa: PLC0415

    logs = find(paths)
    if not logs.formats:
        raise Unusable("; ".join(map(str, logs.faults)))
    with step("loading DuckDB"):
        from lane.traffic.local import LocalLogs  # noqa: PLC0415
    nats = inventory.logged_as if inventory is not None else {}
    with closing(LocalLogs(logs.formats, nats, addresses)) as reader:
        asked = window or ALL_TIME
        with step("reading the flow logs"):
            coverage = reader.coverage(asked)
            again = repeats(reader.stretches(asked)) if overlap(coverage) else ()
            flows = reader.traffic(asked, again)
        faults = (*logs.faults, *reader.faults)
    traffic = found(flows, coverage, inventory)
    return Answer(
        source="files",
        window=window,
        traffic=traffic,
        read=tuple(
            Read(one.version, "parquet" if one.parquet else "text", len(one.files))
            for one in logs.formats
        ),
        notes=tuple(words.notes(traffic, [one.columns for one in logs.formats], again)),
        faults=tuple(map(str, faults)),
    )


def _from_athena(
    table: Table, window: Window, inventory: Inventory | None, addresses: Sequence[Range]
) -> Answer:
    from lane.progress import step  # noqa: PLC0415 -- as below, only for this command
    from lane.traffic import words  # noqa: PLC0415
    from lane.traffic.answer import Answer, Read  # noqa: PLC0415
    from lane.traffic.fields import version_of  # noqa: PLC0415
    from lane.traffic.findings import found  # noqa: PLC0415

    nats = inventory.logged_as if inventory is not None else {}
    with step("asking Athena"):
        coverage, flows = table.ask(window, nats, addresses)
    traffic = found(flows, coverage, inventory)
    return Answer(
        source="athena",
        window=window,
        traffic=traffic,
        read=(Read(version_of(table.columns), "table", 1),),
        notes=(*table.notes, *words.notes(traffic, [table.columns], ())),
        scanned=table.scanned,
    )


def _proved(answer: Answer, inventory: Inventory | None, max_gap: int) -> Answer:
    from lane.traffic.proof import prove  # noqa: PLC0415 -- only with --prove

    unread = ["not all of the flow logs could be read"] if answer.faults else []
    verdicts = prove(answer.traffic, inventory, answer.window, unread, max_gap)
    return replace(answer, verdicts=verdicts)


def _show(answer: Answer, form: str) -> None:
    if form == "json":
        from lane.traffic.render_json import as_json  # noqa: PLC0415

        sys.stdout.write(as_json(answer))
        for note in answer.notes:
            print(f"note: {note}", file=sys.stderr)
    elif form == "markdown":
        from lane.traffic.render_markdown import as_markdown  # noqa: PLC0415

        sys.stdout.write(as_markdown(answer))
    else:
        from lane.traffic.render_text import render  # noqa: PLC0415

        render(answer, sys.stdout)
