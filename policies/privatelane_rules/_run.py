"""One judgement of a stack by all rules: findings, exemptions and failures, without Pulumi."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from traceback import extract_tb
from typing import TYPE_CHECKING

from privatelane_paths.sources.resource import UnusableInputError, name_of
from privatelane_rules import _config, failed_proof, undecided_path_to_ecr_or_s3
from privatelane_rules._config import Reports
from privatelane_rules._facts import read_facts
from privatelane_rules._rule import Finding, Level, Rule
from privatelane_rules._stack import Stack

if TYPE_CHECKING:
    from datetime import date

    from privatelane_paths.sources.resource import Resource, StackSettings
    from privatelane_rules._config import Config, Exemption

__all__ = ["Outcome", "Violation", "apply_rules", "failure", "judge_stack", "told_of"]


@dataclass(frozen=True, slots=True)
class Violation:
    """A finding of a rule at the level at which it counts."""

    rule: Rule
    finding: Finding
    level: Level


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that one run found, sorted so that two runs say the same."""

    stack: Stack | None
    violations: tuple[Violation, ...]
    exempted: tuple[tuple[Violation, Exemption], ...] = ()
    unused: tuple[Exemption, ...] = ()
    reports: Reports = field(default_factory=Reports)


def judge_stack(
    resources: Iterable[Resource],
    settings: StackSettings,
    raw_config: Mapping[str, object] | None,
    levels: Mapping[str, Level | None],
    rules: Iterable[Rule],
    today: date,
) -> Outcome:
    """The outcome for a stack; `levels` has the configured level of each rule, `None` for off.

    Nothing is raised: what fails becomes one violation of `failed-proof` each.
    """
    files = Reports()
    try:
        config = _config.read(raw_config)
        files = config.reports
        facts = read_facts(config.facts, os.environ.get(_config.DIRECTORY, ""))
        stack = Stack(tuple(resources), config, settings, today, facts)
        stack.lanes  # noqa: B018 the proof that every rule builds on either stands or does not
    except (_config.InvalidConfigError, UnusableInputError) as error:
        text = f"The configuration cannot be used: {error}."
        return Outcome(None, (failure(text, levels),), reports=files)
    except Exception as error:  # noqa: BLE001 whatever escapes would end the preview untold
        return Outcome(None, (failure(told_of(error), levels),), reports=files)
    return apply_rules(rules, stack, levels)


def apply_rules(rules: Iterable[Rule], stack: Stack, levels: Mapping[str, Level | None]) -> Outcome:
    """The outcome of rules for a stack, wherever its facts come from; a rule may fail alone."""
    found: list[Violation] = []
    failures: list[Violation] = []
    for rule in rules:
        level = levels.get(rule.id, rule.level)
        if level is None:
            continue
        try:
            findings = sorted(
                (
                    one
                    for one in rule.check(stack)
                    if one.key.partition("#")[0] not in stack.foreign
                ),
                key=lambda one: (one.key, one.text),
            )
        except Exception as error:  # noqa: BLE001 the same
            failures.append(failure(f"Rule {rule.id}: {told_of(error)}", levels))
            continue
        found.extend(
            Violation(rule, one, _weight(rule, one, level, stack.config)) for one in findings
        )
    kept, exempted, unused = _exempt(found, stack)
    return Outcome(stack, (*kept, *failures), exempted, unused, stack.config.reports)


def _weight(rule: Rule, finding: Finding, level: Level, config: Config) -> Level:
    """An undecided finding is a note, unless `strict` gives it its rule's own weight.

    The rule on undecided paths reports nothing else: it keeps its level, and `strict` raises it.
    """
    if rule is undecided_path_to_ecr_or_s3.RULE:
        return Level.MANDATORY if config.strict else level
    return level if config.strict or not finding.undecided else Level.ADVISORY


def failure(text: str, levels: Mapping[str, Level | None]) -> Violation:
    """The violation that says that the pack itself failed."""
    rule = failed_proof.RULE
    # Switching this rule off must not let a failure pass for a proof.
    level = levels.get(rule.id, rule.level) or Level.ADVISORY
    return Violation(rule, Finding("", text), level)


def told_of(error: Exception) -> str:
    """The failure in one line: no trace reaches the user of a policy pack otherwise."""
    frames = extract_tb(error.__traceback__)
    where = f" in {frames[-1].name} ({frames[-1].filename.rpartition('/')[2]})" if frames else ""
    return f"An internal failure{where}: {type(error).__name__}: {error}"


def _exempt(
    violations: Iterable[Violation], stack: Stack
) -> tuple[list[Violation], tuple[tuple[Violation, Exemption], ...], tuple[Exemption, ...]]:
    """What counts, what is exempted and by which exemption, and the exemptions of no use."""
    kept: list[Violation] = []
    exempted: list[tuple[Violation, Exemption]] = []
    exemptions = stack.config.exemptions
    valid = [one for one in exemptions if one.expires is None or one.expires >= stack.today]
    for violation in violations:
        finding = violation.finding
        around = [one for one in valid if _is_about(one, violation, stack)]
        left: list[str] = []
        covered: dict[int, list[str]] = {}
        for service in finding.services or ("",):
            place = next(
                (place for place, one in enumerate(around) if fnmatchcase(service, one.service)),
                None,
            )
            (left if place is None else covered.setdefault(place, [])).append(service)
        if left and (not covered or finding.tell is None):
            kept.append(violation)
            continue
        if left:
            kept.append(replace(violation, finding=finding.about(tuple(left))))
        for place, services in covered.items():
            part = finding.about(tuple(services)) if finding.services else finding
            exempted.append((replace(violation, finding=part), around[place]))
    used = {id(exemption) for _, exemption in exempted}
    return kept, tuple(exempted), tuple(one for one in exemptions if id(one) not in used)


def _is_about(exemption: Exemption, violation: Violation, stack: Stack) -> bool:
    """Whether an exemption speaks of a finding, whatever its services."""
    finding = violation.finding
    subnets = (finding.subnet, name_of(finding.subnet), stack.id_of(finding.subnet))
    return (
        fnmatchcase(violation.rule.id, exemption.policy)
        and fnmatchcase(finding.key, exemption.resource)
        and any(fnmatchcase(one, exemption.subnet) for one in subnets)
    )
