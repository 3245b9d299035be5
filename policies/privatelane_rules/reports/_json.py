"""The report as JSON: the object that scripts may rely on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from privatelane_paths.known import Unknown

if TYPE_CHECKING:
    from privatelane_paths.facts import Subnet
    from privatelane_paths.verdicts import Lane
    from privatelane_rules.reports._report import Found, Report

__all__ = ["SCHEMA", "as_json"]

#: The name of the format; it changes when a field changes its meaning.
SCHEMA = "privatelane/1"


def as_json(report: Report) -> str:
    """The report as text, the same bytes for the same findings."""
    tree = {
        "schema": SCHEMA,
        "source": report.source,
        "stack": report.stack,
        "subnets": [_subnet(one) for one in sorted(report.subnets, key=lambda one: one.key)],
        "lanes": [
            _lane(one) for one in sorted(report.lanes, key=lambda one: (one.subnet, one.service))
        ],
        "violations": [_found(one) for one in sorted(report.violations)],
        "exempted": [
            {
                **_found(one.found),
                "reason": one.reason,
                "owner": one.owner,
                "expires": one.expires,
            }
            for one in sorted(report.exempted)
        ],
        "unusedExemptions": sorted(report.unused),
        "counts": {
            "resources": report.resources,
            "proved": report.count("proved"),
            "refuted": report.count("refuted"),
            "unknown": report.count("unknown"),
        },
    }
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"


def _subnet(subnet: Subnet) -> dict[str, Any]:
    known = () if isinstance(subnet.cidrs, Unknown) else subnet.cidrs
    return {
        "key": subnet.key,
        "name": subnet.name,
        "vpc": subnet.vpc.keys[0] if subnet.vpc.decided else None,
        "zone": None if isinstance(subnet.zone, Unknown) else subnet.zone,
        "cidrs": [str(cidr) for cidr in known],
    }


def _lane(lane: Lane) -> dict[str, Any]:
    return {
        "subnet": lane.subnet,
        "service": lane.service,
        "lane": lane.kind.value,
        "verdict": lane.verdict.value,
        "hops": [{"key": hop.key, "kind": hop.kind, "text": hop.text} for hop in lane.hops],
        "reason": lane.reason,
        "missing": list(lane.missing),
        "fix": list(lane.fix),
    }


def _found(found: Found) -> dict[str, Any]:
    return {
        "policy": found.policy,
        "level": found.level,
        "key": found.key,
        "message": found.message,
    }
