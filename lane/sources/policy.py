"""The IAM policies that reading an account needs: exactly the calls that are made.

    python -m lane.sources.policy docs

writes them where the documentation has them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lane.sources.calls import CALLS

__all__ = ["COST", "VERIFY", "actions", "write"]

#: Who is asked about; AWS lets every identity ask who it is, so nothing need allow that.
_IDENTITY = "sts:GetCallerIdentity"
#: What CloudWatch measured of NAT gateways and endpoints.
_METRICS = ("cloudwatch:GetMetricData", "cloudwatch:ListMetrics")
VERIFY = "verify-policy.json"
COST = "cost-policy.json"


def actions(*, billing: bool) -> tuple[str, ...]:
    """The actions of `lane verify`, and with `billing` those of `lane cost --live`, sorted."""
    found = {
        action
        for call in CALLS
        if call.live and (billing or not call.billing)
        for action in call.actions
    }
    return tuple(sorted({_IDENTITY, *found, *(_METRICS if billing else ())}))


def _policy(sid: str, allowed: Iterable[str]) -> dict[str, Any]:
    statement = {"Sid": sid, "Effect": "Allow", "Action": list(allowed), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def write(folder: Path) -> None:
    """Write both policies into a folder."""
    for name, sid, billing in ((VERIFY, "LaneVerify", False), (COST, "LaneCost", True)):
        text = json.dumps(_policy(sid, actions(billing=billing)), indent=2) + "\n"
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
