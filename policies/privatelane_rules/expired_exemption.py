"""An exemption that outlived its day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_rules._frameworks import well_architected
from privatelane_rules._rule import Finding, Level, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_rules._stack import Stack

__all__ = ["RULE"]


def check(stack: Stack) -> Iterator[Finding]:
    """Exemptions whose last day is over; what they covered is reported again."""
    for one in stack.config.exemptions:
        if one.expires is not None and one.expires < stack.today:
            owner = f" Its owner is {one.owner}." if one.owner else ""
            yield Finding(
                "",
                f"The exemption for {one.subject} expired on {one.expires.isoformat()}. Its reason "
                f"was: {one.reason}.{owner}",
            )


RULE = Rule(
    id="expired-exemption",
    title="An exemption has expired.",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    why=(
        "An exemption is a promise to come back. After its day the findings that it covered count "
        "again, and the entry in the configuration only misleads."
    ),
    fix="Remove the exemption, or renew its reason and its day.",
    check=check,
    framework=well_architected("SEC01-BP06", "Automate deployment of standard security controls"),
    url="https://www.pulumi.com/docs/insights/policy/",
    tags=("exemption", "pack"),
)
