"""One engine and one account server for the whole session; each stack has an account of its own."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine import report
from tests.engine.harness import Engine, end, start_account, start_providers


class _AsText(logging.Filter):
    """Keep the text of a logged exception and let its frames go.

    A program that the engine hangs up on is logged by gRPC, and pytest keeps the records of a test
    until the test is over. The frames hold the program's event loop and sockets, which would be
    found unclosed in some later test that has nothing to do with them.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        if record.exc_info:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        return True


logging.getLogger("grpc._server").addFilter(_AsText())


def pytest_sessionstart(session: pytest.Session) -> None:
    """Begin the report anew, once for all workers of a run that has engine tests."""
    if not hasattr(session.config, "workerinput"):
        report.forget()


@pytest.fixture(scope="session")
def account_endpoint() -> Iterator[str]:
    """The address of the simulated AWS."""
    process, endpoint = start_account()
    yield endpoint
    end(process)


@pytest.fixture(scope="session")
def engine(
    pulumi_cli: Path, account_endpoint: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """The real engine, with the simulated provider installed as its aws plugin."""
    made = Engine(pulumi_cli, tmp_path_factory.mktemp("engine"), account_endpoint)
    made.install()
    providers = start_providers(made)
    yield made
    end(providers)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Forgive the Automation API the pipes that it leaves for the garbage collector to close."""
    for item in items:
        if item.get_closest_marker("engine"):
            for warning in ("pytest.PytestUnraisableExceptionWarning", "ResourceWarning"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore::{warning}"))


@pytest.fixture(autouse=True)
def _close_what_the_automation_api_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Collect it while the test's own filters still hold."""
    yield
    if request.node.get_closest_marker("engine"):
        gc.collect()
