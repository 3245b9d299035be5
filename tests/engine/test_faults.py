"""Faults half-way: whatever the provider dies of, and whenever, the next `up` mends it.

A chain of runs strikes at the first operation, then at the second, and so on to the last: with one
operation at a time (`--parallel 1`) each run begins where the one before was struck. Every run
takes the next of three faults: AWS throttles, the provider dies before the call, the provider
gives up waiting although AWS did it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.engine import report
from tests.engine.inventory import inventory, kinds, without
from tests.engine.reference import reference_stack

if TYPE_CHECKING:
    from tests.engine.harness import Engine, Outcome, Stack

pytestmark = pytest.mark.engine

MODES = ("throttle", "die", "timeout")
#: The engine may still finish an operation or two while it stops, which are then not struck.
SPARED = 3
#: More than any stack here has operations: a chain that gets there does not converge.
ENDLESS = 200


def strike_every(
    stack: Stack, operation: str, run: Callable[[], Outcome], first_mode: int = 0
) -> int:
    """Strike the k-th operation for every k, until a run gets through; how many were struck."""
    at = 1
    for k in range(1, ENDLESS):
        mode = MODES[(k + first_mode) % len(MODES)]
        seen = len(stack.journal())
        with stack.fault(operation, at, mode):
            outcome = run()
        if outcome.succeeded:
            return k - 1
        struck = next(
            (
                entry
                for entry in stack.journal()[seen:]
                if entry.operation == operation and not entry.preview and entry.outcome != "done"
            ),
            None,
        )
        assert struck is not None, outcome.output
        kind = struck.type.rsplit(":", 1)[-1]
        report.add_row("faults", operation=operation, k=k, fault=mode, struck=kind)
        # A create that timed out has made its resource, so the next run begins after it; in all
        # other cases the next run first does what this one could not.
        at = 1 if mode == "timeout" and operation == "create" else 2
    raise AssertionError(f"{ENDLESS} runs did not get through")


def created_once(stack: Stack) -> bool:
    """Whether AWS made each resource of the stack exactly once."""
    made = Counter(
        entry.urn
        for entry in stack.journal()
        if entry.operation == "create" and not entry.preview and entry.id
    )
    custom = {resource["urn"] for resource in stack.resources() if resource.get("custom")}
    aws = {urn for urn in custom if "pulumi:providers" not in urn}
    return made.keys() == aws and set(made.values()) == {1}


@pytest.fixture(scope="module")
def clean(engine: Engine) -> dict[str, int]:
    """What an undisturbed `up` of the dev stack leaves in an account, by kind."""
    stack = reference_stack(engine, "dev")
    stack.up().expect_success()
    return kinds(inventory(stack))


def of_aws(stack: Stack) -> int:
    """How many resources of AWS a stack has."""
    return sum(resource["type"].startswith("aws:") for resource in stack.resources())


def test_a_fault_at_any_create_is_mended(engine: Engine, clean: dict[str, int]) -> None:
    stack = reference_stack(engine, "dev")
    before = inventory(stack)
    struck = strike_every(stack, "create", lambda: stack.up(parallel=1))
    assert of_aws(stack) - SPARED <= struck <= of_aws(stack)
    assert kinds(inventory(stack)) == clean
    assert created_once(stack)
    assert stack.preview().expect_success().changes == []
    kept = stack.retained()
    stack.destroy().expect_success()
    assert without(inventory(stack), kept) == before


def test_a_fault_at_any_delete_leaves_nothing(
    engine: Engine,
) -> None:
    stack = reference_stack(engine, "dev")
    before = inventory(stack)
    stack.up().expect_success()
    made, kept = of_aws(stack), stack.retained()
    struck = strike_every(stack, "delete", lambda: stack.destroy(parallel=1))
    assert made - SPARED <= struck <= made
    assert without(inventory(stack), kept) == before


def test_a_fault_at_any_update_is_mended(engine: Engine, clean: dict[str, int]) -> None:
    stack = reference_stack(engine, "dev")
    stack.up().expect_success()
    stack.config["aws:defaultTags"] = {"tags": {"cost-centre": "shop"}}
    expected = len(stack.preview().expect_success().listed("update"))
    struck = strike_every(stack, "update", lambda: stack.up(parallel=1))
    assert expected - SPARED <= struck <= expected
    assert kinds(inventory(stack)) == clean
    assert created_once(stack)
    tagged = stack.client("ec2").describe_subnets(
        Filters=[{"Name": "tag:cost-centre", "Values": ["shop"]}]
    )
    assert len(tagged["Subnets"]) == 4


@pytest.mark.parametrize("mode", ["throttle", "timeout"])
def test_a_fault_among_parallel_creates_is_mended(engine: Engine, mode: str) -> None:
    stack = reference_stack(engine, "prod")
    before = inventory(stack)
    with stack.fault("create", 25, mode):
        assert not stack.up().succeeded
    stack.up().expect_success()
    assert created_once(stack)
    assert stack.preview().expect_success().changes == []
    kept = stack.retained()
    stack.destroy().expect_success()
    assert without(inventory(stack), kept) == before


def test_what_aws_made_for_a_provider_that_died_is_made_again(engine: Engine) -> None:
    """A limit of Pulumi: nobody has heard the id, and the engine does not say so.

    AWS keeps the first VPC with what it always makes for one, and what else was on its way to
    AWS when the provider died.
    """
    stack = reference_stack(engine, "dev")
    before = inventory(stack)
    with stack.fault("create", 1, "die-after", "aws:ec2/vpc:Vpc"):
        assert not stack.up(parallel=1).succeeded
    assert "pending_operations" not in stack.export()
    stack.up().expect_success()
    stack.destroy().expect_success()
    assert kinds(inventory(stack) - before)["Vpcs"] == 1


def test_an_engine_that_dies_leaves_a_lock_and_names_what_it_was_creating(
    engine: Engine,
) -> None:
    stack = reference_stack(engine, "dev")
    with stack.fault("create", 1, "kill-engine", "aws:ec2/vpc:Vpc"):
        assert not stack.up(parallel=1).succeeded
    locked = stack.up()
    assert not locked.succeeded
    assert "the stack is currently locked by 1 lock(s)" in locked.output
    stack.cancel()
    pending = stack.export()["pending_operations"]
    assert [operation["resource"]["urn"].rsplit("::", 1)[-1] for operation in pending] == [
        "network"
    ]
    warned = stack.up()
    assert "interrupted while creating" in warned.output
