"""A server that simulates AWS, and accounts of one's own on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.harness import end, start_account
from tests.lane.verify.refusing import Refusals, refusing
from tests.lane.verify.twin import Account


@pytest.fixture(scope="session")
def simulated_aws() -> Iterator[str]:
    """The address of the simulated AWS."""
    process, endpoint = start_account()
    yield endpoint
    end(process)


@pytest.fixture
def account(simulated_aws: str, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An empty account, which boto3 finds by the environment."""
    made = Account.new(simulated_aws)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def refusals(simulated_aws: str) -> Iterator[Refusals]:
    """AWS with calls that it refuses."""
    with refusing(simulated_aws) as found:
        yield found
