"""VPC Block Public Access, which closes internet gateways for a whole region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lane.sources.describe.answers import text
from privatelane_paths.facts import BlockPublicAccess
from privatelane_paths.known import Refs, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lane.sources.describe.answers import Shown

__all__ = ["block_public_access"]

_GONE = frozenset({"delete-in-progress", "delete-complete", "disable-complete"})


def block_public_access(shown: Shown) -> Iterator[BlockPublicAccess]:
    """The mode of each place that says one, with what is excluded there."""
    for place in shown.places:
        where = place.region or Unknown(f"the region of {place.where}")
        missing = place.missing("VpcBlockPublicAccessOptions")
        if missing:
            yield BlockPublicAccess(f"{place.where}#public-access", Unknown(missing), where)
        for record in place.records.get("VpcBlockPublicAccessOptions", ()):
            excluded = frozenset(
                arn.rpartition("/")[2]
                for one in place.records.get("VpcBlockPublicAccessExclusions", ())
                if text(one, "State") not in _GONE and (arn := text(one, "ResourceArn"))
            )
            unread = place.missing("VpcBlockPublicAccessExclusions")
            yield BlockPublicAccess(
                f"{place.where}#public-access",
                mode=text(record, "InternetGatewayBlockMode") or "off",
                region=text(record, "AwsRegion") or where,
                excluded=Refs.anything(unread, excluded) if unread else Refs.of(excluded),
            )
