"""What was found, in the formats that people, pipelines and scanners read.

The engine leaves policy results out of `pulumi preview --json`, so the pack writes them itself.
"""

from __future__ import annotations

from privatelane_rules.reports._json import as_json
from privatelane_rules.reports._junit import as_junit
from privatelane_rules.reports._markdown import as_markdown, plain
from privatelane_rules.reports._report import Described, Exempted, Found, Report
from privatelane_rules.reports._sarif import as_sarif

__all__ = [
    "Described",
    "Exempted",
    "Found",
    "Report",
    "as_json",
    "as_junit",
    "as_markdown",
    "as_sarif",
    "plain",
]
