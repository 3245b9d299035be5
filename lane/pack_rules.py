"""The pack's rules run in this process, on what was not registered by a program run here."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any

from lane.errors import Unusable
from lane.pack_config import read_pack_config
from lane.report import Violation
from privatelane_rules import RULES, nat_path_to_ecr_or_s3
from privatelane_rules._reporting import report_of
from privatelane_rules._rule import Level

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from privatelane_rules._run import Outcome
    from privatelane_rules.reports import Exempted

__all__ = ["exemptions_of", "levels_of", "read_settings", "settings_of", "today", "violations_of"]


def read_settings(path: Path | None) -> Mapping[str, Any]:
    """A configuration file of the pack, policy by policy; none is an empty one.

    Raises `Unusable` when it cannot be read or configures a policy that the pack does not have.
    """
    if path is None:
        return {}
    found = read_pack_config(path)
    known = {"all", *(rule.id for rule in RULES)}
    for name in found:
        if name not in known:
            raise Unusable(
                f"the policy pack has no policy {name!r} to configure; "
                f"it has {', '.join(sorted(known - {'all'}))}"
            )
    return found


def settings_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of the whole pack, which live on its flagship policy."""
    flagship = given.get(nat_path_to_ecr_or_s3.RULE.id)
    settings = dict(flagship) if isinstance(flagship, dict) else {}
    settings.pop("enforcementLevel", None)
    return settings


def levels_of(given: Mapping[str, Any]) -> dict[str, Level | None]:
    """The level of each rule, `None` for off; raises `Unusable` for a level that is none."""
    return {rule.id: _level(rule.id, given, rule.level) for rule in RULES}


def _level(rule: str, given: Mapping[str, Any], default: Level) -> Level | None:
    chosen = given.get(rule, given.get("all"))
    name = chosen.get("enforcementLevel") if isinstance(chosen, dict) else chosen
    if name is None:
        return default
    if name == "disabled":
        return None
    # Nothing is rewritten here: what would be remediated is what is refused.
    accepted = {"advisory": Level.ADVISORY, "mandatory": Level.MANDATORY}
    level = {**accepted, "remediate": Level.MANDATORY}.get(str(name))
    if level is None:
        raise Unusable(
            f"the policy {rule!r} cannot be {name!r}: a level is one of advisory, mandatory, "
            "remediate or disabled"
        )
    return level


def today() -> date:
    """The day against which exemptions expire, in UTC."""
    return datetime.now(tz=timezone.utc).date()


def exemptions_of(outcome: Outcome) -> tuple[tuple[Exempted, ...], tuple[str, ...]]:
    """What exemptions cover, and those that cover nothing, as the pack's own reports say it."""
    told = report_of(outcome, "export", "")
    return told.exempted, told.unused


def violations_of(outcome: Outcome, root: str) -> tuple[Violation, ...]:
    """The violations as reports show them; `root` stands for what is about no single resource."""
    return tuple(
        Violation(
            key=one.finding.key.partition("#")[0] or root,
            policy=one.rule.id,
            level=one.level.value,
            message=f"{one.rule.title}\n{one.finding.text}",
            severity=one.rule.severity.value,
        )
        for one in outcome.violations
    )
