"""One real pack for all tests of rules, and what they ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.rules.analyzer import Analyzer, Diagnostic, start
from tests.rules.networks import Net

if TYPE_CHECKING:
    from tests.programs import Program


@pytest.fixture(scope="session")
def running_pack() -> Iterator[Analyzer]:
    with start() as analyzer:
        yield analyzer


@pytest.fixture
def pack(running_pack: Analyzer) -> Analyzer:
    """The pack with nothing configured and nothing recorded."""
    running_pack.configure({})
    return running_pack


class Judged:
    """What one rule says of a program, before and after ids are known."""

    def __init__(self, analyzer: Analyzer, policy: str) -> None:
        self.analyzer = analyzer
        self.policy = policy

    def __call__(
        self, program: Program | Net, *, known: bool = False, **config: Any
    ) -> list[Diagnostic]:
        if config:
            self.analyzer.configure({"nat-path-to-ecr-or-s3": config})
        found = self.analyzer.judge(
            program.program if isinstance(program, Net) else program, known=known
        )
        failures = [one.message for one in found if one.policy == "failed-proof"]
        assert not failures, failures
        return [one for one in found if one.policy == self.policy]


@pytest.fixture
def judged(pack: Analyzer, request: pytest.FixtureRequest) -> Judged:
    """The rule of the test module's own name: `test_public_eks_api.py` tests `public-eks-api`."""
    name = request.module.__name__.rpartition(".")[2]
    return Judged(pack, name.removeprefix("test_").replace("_", "-"))
