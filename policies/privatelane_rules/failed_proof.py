"""A run in which the pack itself failed, so that nothing was proved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_rules._frameworks import well_architected
from privatelane_rules._rule import Finding, Level, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from privatelane_rules._stack import Stack

__all__ = ["RULE"]


def check(stack: Stack) -> Iterable[Finding]:
    """Nothing: the pack reports under this rule when another rule, or all of them, failed."""
    del stack
    return ()


RULE = Rule(
    id="failed-proof",
    title="Privatelane could not judge this stack.",
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    why="A check that breaks off has proved nothing, and must not look like one that passed.",
    fix=(
        "Correct the configuration if the message names it. Otherwise report the message as a "
        "defect of the pack; setting this policy to advisory unblocks the update meanwhile."
    ),
    check=check,
    framework=well_architected("SEC01-BP06", "Automate deployment of standard security controls"),
    url="https://www.pulumi.com/docs/insights/policy/",
    tags=("pack",),
)
