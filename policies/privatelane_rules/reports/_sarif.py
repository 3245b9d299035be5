"""The report as SARIF 2.1.0, for code scanning.

A Pulumi program has no source line for a resource, so the URN is the logical location. Scanners
that insist on a file are shown the project file.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from privatelane_paths.sources.resource import name_of, type_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from privatelane_rules.reports._report import Described, Exempted, Found, Report

__all__ = ["as_sarif"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"mandatory": "error", "advisory": "warning"}
#: GitHub ranks findings by this number between 0 and 10.
_RANKS = {"low": "3.0", "medium": "5.0", "high": "8.0", "critical": "9.5"}
_PROJECT_FILE = "Pulumi.yaml"


def as_sarif(report: Report, rules: Sequence[Described], version: str) -> str:
    """The report as text; exempted findings are there, suppressed with their reason."""
    order = {rule.id: place for place, rule in enumerate(rules)}
    results = [_result(one, order, None) for one in sorted(report.violations)]
    results += [_result(one.found, order, one) for one in sorted(report.exempted)]
    tree = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "Privatelane",
                        "semanticVersion": version,
                        "rules": [_rule(rule) for rule in rules],
                    }
                },
                "automationDetails": {"id": f"privatelane/{report.stack}"},
                "results": results,
            }
        ],
    }
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Described) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "helpUri": rule.url,
        "help": {"text": rule.fix},
        "defaultConfiguration": {"level": _LEVELS[rule.level.value]},
        "properties": {
            "tags": list(rule.tags),
            "security-severity": _RANKS[rule.severity.value],
        },
    }


def _result(found: Found, order: dict[str, int], exempted: Exempted | None) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _PROJECT_FILE},
            "region": {"startLine": 1},
        }
    }
    if found.key:
        urn = found.key.partition("#")[0]
        location["logicalLocations"] = [
            {
                "fullyQualifiedName": urn,
                "name": name_of(urn),
                "kind": type_of(urn) or "resource",
            }
        ]
    result: dict[str, Any] = {
        "ruleId": found.policy,
        "ruleIndex": order[found.policy],
        "level": _LEVELS[found.level],
        "message": {"text": found.message},
        "locations": [location],
        "partialFingerprints": {"privatelane/1": _fingerprint(found)},
    }
    if exempted is not None:
        result["suppressions"] = [{"kind": "external", "justification": exempted.reason}]
    return result


def _fingerprint(found: Found) -> str:
    """The same for the same rule on the same resource, however the message changes."""
    first_line = "" if found.key else found.message.partition("\n")[0]
    text = f"{found.policy}\n{found.key}\n{first_line}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
