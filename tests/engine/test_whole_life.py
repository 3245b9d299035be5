"""Preview, up, preview again, refresh, destroy: nothing is left, nothing is done twice."""

from __future__ import annotations

import pytest

from tests.engine.harness import Engine
from tests.engine.reference import reference_stack

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_reference_stack_lives_and_dies(engine: Engine, name: str) -> None:
    stack = reference_stack(engine, name)
    previewed = stack.preview().expect_success()
    created = stack.up().expect_success()
    assert created.of("create") == previewed.of("create")
    assert stack.preview().expect_success().changes == []
    assert stack.refresh().expect_success().changes == []
    destroyed = stack.destroy().expect_success()
    assert destroyed.of("delete") == created.of("create")
