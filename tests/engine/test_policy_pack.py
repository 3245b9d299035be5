"""The pack on the engine: what leaks is refused before anything is created, what is sound passes.

pulumi#7854: in a preview the bridged provider may hide a whole property when a part of it is
unknown. The verdicts must not depend on whether it does.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.harness import ROOT, Engine, Outcome
from tests.engine.reference import reference_stack

pytestmark = pytest.mark.engine

PACK = ROOT / "policies"
FLAGSHIP = "nat-path-to-ecr-or-s3"


def verdicts(outcome: Outcome) -> set[tuple[str, str, str]]:
    """The violations by policy, level and resource; the engine reports them in any order."""
    return {violation.verdict for violation in outcome.violations}


@pytest.mark.parametrize("mode", ["keep", "unknown", "omit"])
def test_the_leaky_example_is_refused_before_the_first_create(engine: Engine, mode: str) -> None:
    stack = engine.stack(ROOT / "examples" / "leaky", project="leaky")
    with stack.nested_unknowns(mode):
        refused = stack.preview(policy_pack=PACK)
    assert not refused.succeeded
    flagship = {
        (violation.level, violation.message.splitlines()[1])
        for violation in refused.violations
        if violation.policy == FLAGSHIP
    }
    assert flagship == {
        (
            "mandatory",
            f"private-us-east-1{zone} reaches ecr.api, ecr.dkr, ecr.layers, s3 through a NAT:",
        )
        for zone in "ab"
    }
    operations = {entry.operation for entry in stack.journal() if not entry.preview}
    assert operations <= {"invoke"}


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_a_reference_stack_passes_whatever_the_preview_hides(engine: Engine, name: str) -> None:
    stack = reference_stack(engine, name)
    seen = {}
    for mode in ("keep", "unknown", "omit"):
        with stack.nested_unknowns(mode):
            seen[mode] = set(stack.preview(policy_pack=PACK).expect_success().violations)
    assert seen["unknown"] == seen["keep"]
    assert seen["omit"] == seen["keep"]
    applied = stack.up(policy_pack=PACK).expect_success()
    assert verdicts(applied) == {violation.verdict for violation in seen["keep"]}


def test_a_pack_that_cannot_start_stops_the_preview(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 0.0.1\n")
    (tmp_path / "__main__.py").write_text("raise SystemExit('no such rule')\n")
    stack = reference_stack(engine, "dev")
    outcome = stack.preview(policy_pack=tmp_path)
    assert not outcome.succeeded
    assert "no such rule" in outcome.output
    assert stack.journal() == []
