"""`lane addons`: the lock of Kubernetes versions and EKS add-ons, refreshed on request."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from lane.errors import Unusable
from lane.options import Debug  # noqa: TC001 -- typer reads annotations when it runs

if TYPE_CHECKING:
    from lane.addons.lock import Eks

__all__ = ["addons"]

addons = typer.Typer(
    name="addons",
    help="Pin the versions of Kubernetes' add-ons.",
    no_args_is_help=True,
    add_completion=False,
)


@addons.callback()
def _addons() -> None:
    """Pin the versions of Kubernetes' add-ons."""


@addons.command("refresh")
def refresh(
    region: Annotated[str, typer.Option(help="The region whose versions are taken.")] = "us-east-1",
    lock: Annotated[
        Path | None,
        typer.Option(help="The lock.", show_default="the one that comes with the components"),
    ] = None,
    debug: Debug = False,  # noqa: ARG001 -- read where errors are shown
) -> None:
    """Bring the lock of Kubernetes versions and add-ons up to date from AWS.

    Takes AWS's default version of each add-on for each Kubernetes version, and lists the others
    that fit. Nothing else ever changes a version. Needs credentials that allow
    `eks:DescribeAddonVersions` and `eks:DescribeClusterVersions`. Exits with 0, or with 2 when AWS
    cannot be asked.
    """
    import datetime as dt  # noqa: PLC0415
    import json  # noqa: PLC0415

    import boto3  # noqa: PLC0415 -- a quarter of a second that only this command needs
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    from lane.addons.lock import as_text, refreshed  # noqa: PLC0415
    from privatelane.eks._addons import ADDONS  # noqa: PLC0415

    packaged = _packaged()
    path = lock or packaged
    session = boto3.session.Session()
    if region not in session.get_available_regions("eks"):
        raise Unusable(f"--region {region}: EKS is in no such region; one is us-east-1")
    try:
        # A lock that is yet to be written begins as the one of the components.
        begun = path if path.exists() else packaged
        old: Any = json.loads(begun.read_text(encoding="utf-8"))
        old["kubernetes"], old["addons"]
    except OSError as error:
        raise Unusable(f"--lock {path}: {error.strerror}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise Unusable(f"--lock {path}: it is no lock of add-ons") from error
    try:
        found = refreshed(
            old,
            ADDONS,
            # boto3's stubs have an overload for each operation, and none for any of them.
            cast("Eks", session.client("eks", region_name=region)),
            region=region,
            today=dt.datetime.now(tz=dt.timezone.utc).date(),
        )
    except (BotoCoreError, ClientError) as error:
        raise Unusable(f"AWS cannot be asked for the versions of add-ons: {error}") from error
    _write(path, as_text(found.document))
    for sentence in found.kept:
        print(f"note: {sentence}", file=sys.stderr)
    for sentence in found.changes:
        print(sentence)
    print(f"{path.name}: {len(found.changes)} changed, {len(found.kept)} kept")


def _packaged() -> Path:
    from importlib.util import find_spec  # noqa: PLC0415

    spec = find_spec("privatelane")
    if spec is None or spec.origin is None:
        raise Unusable("the components (privatelane) are not installed here: say --lock")
    return Path(spec.origin).parent / "eks" / "addons.json"


def _write(path: Path, text: str) -> None:
    """Put a file in place of the old one at once, so that nobody reads half of it."""
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    except OSError as error:
        raise Unusable(f"{path} cannot be written: {error.strerror}") from error
