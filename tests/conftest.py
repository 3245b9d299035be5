"""What holds for every test: how Hypothesis runs, and that engine tests have an engine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
IN_CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}

# No test may depend on how fast a machine is: neither a deadline nor the health check that
# generation takes long. In CI Hypothesis' own profile also makes the examples repeatable.
settings.register_profile(
    "privatelane",
    settings.get_profile("ci" if IN_CI else "default"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("privatelane")

# What a test reads may not depend on the width of the terminal that the tests are run in, which
# workers of pytest-xdist are told even where there is none.
os.environ.pop("COLUMNS", None)


def find_pulumi() -> Path | None:
    """The Pulumi CLI that `make engine` built, else the one on PATH."""
    built = ROOT / ".cache" / "engine" / "pulumi"
    if built.is_file():
        return built
    found = shutil.which("pulumi")
    return Path(found) if found else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("engine") and find_pulumi() is None:
        pytest.skip("there is no Pulumi CLI: `make engine` builds one")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped engine test into a failure where CI promises that they ran."""
    report = yield
    skipped = report.skipped and not hasattr(report, "wasxfail")
    if IN_CI and skipped and item.get_closest_marker("engine"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"CI may not skip an engine test. {reason}"
    return report


@pytest.fixture(scope="session")
def pulumi_cli() -> Path:
    """The Pulumi CLI; only for tests marked `engine`."""
    found = find_pulumi()
    assert found is not None, "mark tests that use the Pulumi CLI with @pytest.mark.engine"
    return found
