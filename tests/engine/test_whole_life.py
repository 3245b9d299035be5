"""Preview, up, preview again, refresh, destroy: nothing is left, nothing is done twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.inventory import inventory
from tests.engine.reference import reference_stack

if TYPE_CHECKING:
    from tests.engine.harness import Engine

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_a_reference_stack_lives_and_leaves_nothing(engine: Engine, name: str) -> None:
    stack = reference_stack(engine, name)
    before = inventory(stack)
    previewed = stack.preview().expect_success()
    created = stack.up().expect_success()
    assert created.of("create") == previewed.of("create")
    assert stack.preview().expect_success().changes == []
    assert stack.refresh().expect_success().changes == []
    assert stack.up().expect_success().changes == []
    retained = stack.retained()
    destroyed = stack.destroy().expect_success()
    assert destroyed.of("delete") == created.of("create")
    # Logs outlive the stack on purpose; nothing else does.
    left = inventory(stack)
    assert left >= before
    assert {thing.split(":", 1)[1] for thing in left - before} == retained
