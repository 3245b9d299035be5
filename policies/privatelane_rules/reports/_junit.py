"""The report as JUnit XML: one suite a policy, and one test for each thing it found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from privatelane_paths.sources.resource import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from privatelane_rules.reports._report import Described, Exempted, Found, Report

__all__ = ["as_junit"]

#: Characters that XML 1.0 cannot hold at all.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(report: Report, rules: Sequence[Described]) -> str:
    """The report as text.

    A mandatory violation is a failure; an advisory or exempted one is a skipped test, so that
    pipelines show it without turning red; a policy without any is one test that passed.
    """
    root = ET.Element("testsuites", name=f"privatelane {report.stack}".strip())
    totals = {"tests": 0, "failures": 0, "skipped": 0}
    for rule in rules:
        found = [one for one in sorted(report.violations) if one.policy == rule.id]
        exempted = [one for one in sorted(report.exempted) if one.found.policy == rule.id]
        suite = ET.SubElement(root, "testsuite", name=rule.id)
        for one in found:
            _violation(suite, one)
        for covered in exempted:
            _exempted(suite, covered)
        if not found and not exempted:
            ET.SubElement(suite, "testcase", classname=rule.id, name="nothing found")
        counts = {
            "tests": len(suite.findall("testcase")),
            "failures": len(suite.findall("testcase/failure")),
            "skipped": len(suite.findall("testcase/skipped")),
        }
        for name, count in counts.items():
            suite.set(name, str(count))
            totals[name] += count
    for name, count in totals.items():
        root.set(name, str(count))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _violation(suite: ET.Element, found: Found) -> None:
    case = _case(suite, found)
    message = _legal(found.message)
    if found.level == "mandatory":
        failure = ET.SubElement(case, "failure", message=message.partition("\n")[0])
        failure.text = message
    else:
        ET.SubElement(case, "skipped", message=message)


def _exempted(suite: ET.Element, exempted: Exempted) -> None:
    case = _case(suite, exempted.found)
    ET.SubElement(case, "skipped", message=_legal(f"exempted: {exempted.reason}"))


def _case(suite: ET.Element, found: Found) -> ET.Element:
    name = name_of(found.key) if found.key else "the stack"
    return ET.SubElement(suite, "testcase", classname=found.policy, name=_legal(name))


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
