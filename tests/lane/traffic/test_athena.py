"""The same SQL through Athena's own calls gives the same answer as the files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from lane.errors import Unusable
from lane.traffic import athena as asked
from lane.traffic.athena import Table
from lane.traffic.findings import Traffic, found
from lane.traffic.query import Window
from lane.traffic.ranges import Range, ranges
from privatelane import FLOW_LOG_FIELDS, FlowLogTable, FlowLogTableArgs
from tests.components.ecs.fargate import CALLS
from tests.components.mocks import run
from tests.lane.running import run_lane
from tests.lane.traffic import network
from tests.lane.traffic.asking import ask, through
from tests.lane.traffic.athena import Athena, table
from tests.lane.traffic.network import START, fields_of, records, traffic, truth

WINDOW = Window(START, START + network.HOUR)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.waiter.time.sleep", lambda _: None)


def of(athena: Athena) -> Table:
    return Table(athena.client(), "logs", "flow_logs", "private")


def answered(athena: Athena, addresses: tuple[Range, ...] | None = None) -> tuple[Traffic, Table]:
    one = of(athena)
    coverage, flows = one.ask(WINDOW, (), ranges(()) if addresses is None else addresses)
    return found(flows, coverage, None), one


@pytest.mark.parametrize("version", [5, 11])
def test_athena_answers_as_the_files_do(tmp_path: Path, version: int) -> None:
    sent = traffic(version)
    rows = list(records(sent))
    network.write_text(tmp_path / "a.log", fields_of(version), rows)

    answer, _ = answered(table(rows, fields_of(version)))

    assert through(answer) == truth(sent)
    assert answer == ask(tmp_path, window=WINDOW)


def test_the_format_that_our_networks_log_is_enough(tmp_path: Path) -> None:
    sent = traffic(21)

    answer, _ = answered(table(records(sent), FLOW_LOG_FIELDS))

    assert through(answer) == truth(sent)
    assert answer.undecided == ()


def test_the_table_that_our_component_lays_out_is_one_that_is_asked() -> None:
    args: FlowLogTableArgs = {"bucket_arn": "arn:aws:s3:::logs"}
    laid_out = run(lambda: FlowLogTable("logs", args), preview=False, calls=CALLS)
    made = laid_out.the("CatalogTable").inputs
    database = laid_out.the("CatalogDatabase").inputs["name"]
    assert asked._NAME.fullmatch(f"{database}.{made['name']}")
    athena = table(records(traffic(2)), FLOW_LOG_FIELDS, parameters=made["parameters"])
    assert [one["name"] for one in made["partitionKeys"]] == list(athena.partitions)

    answer, one = answered(athena)

    assert list(one.columns) == [one["name"] for one in made["storageDescriptor"]["columns"]]
    assert one.notes == []
    assert through(answer) == truth(traffic(2))


def test_only_the_days_that_may_hold_the_records_are_scanned() -> None:
    athena = table(records(traffic(1)), fields_of(11))
    _, one = answered(athena)
    assert one.notes == []
    for query in athena.queries:
        assert set(re.findall(r'"day" [<>]= \'[^\']*\'', query["QueryString"])) == {
            "\"day\" >= '2026/11/20'",
            "\"day\" <= '2026/11/21'",
        }
        assert query["WorkGroup"] == "private"
        assert query["QueryExecutionContext"] == {"Database": "logs"}
    assert len(athena.queries) == 2
    assert one.scanned == 2000


def test_a_table_without_projected_days_is_scanned_whole_and_said_to_be() -> None:
    athena = table(records(traffic(1)), fields_of(11), parameters={})
    answer, one = answered(athena)
    assert through(answer) == truth(traffic(1))
    assert one.notes == [
        "logs.flow_logs has no partitions by day that are projected, so all of it is scanned"
    ]
    assert '"day"' not in athena.queries[0]["QueryString"]


def test_a_query_that_fails_is_told_in_athenas_words() -> None:
    athena = table([], fields_of(11))
    athena.failure = "Query exhausted the bytes scanned limit: 100000000000."
    with pytest.raises(Unusable) as refusal:
        answered(athena)
    assert str(refusal.value) == (
        "Athena did not answer the query: Query exhausted the bytes scanned limit: 100000000000"
    )
    assert athena.stopped == []


def test_a_query_that_nobody_waits_for_any_longer_is_stopped() -> None:
    athena = table([], fields_of(11))
    athena.states = ["RUNNING"] * 5000
    with pytest.raises(Unusable, match="Athena did not answer the query"):
        answered(athena)
    assert athena.stopped == ["query-1"]


def test_a_table_that_lacks_a_field_is_told() -> None:
    fields = [field for field in fields_of(5) if field not in ("bytes", "dstaddr")]
    with pytest.raises(Unusable) as refusal:
        answered(table([], fields))
    assert str(refusal.value) == (
        "--athena logs.flow_logs: the table lacks dstaddr, bytes, without which nothing can be "
        "counted"
    )


def test_a_query_that_is_too_long_for_athena_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "_LONGEST", 4000)
    athena = table([], fields_of(5))
    with pytest.raises(Unusable, match="leave --ip-ranges out, or give a file with the ranges"):
        answered(athena)
    assert len(athena.queries) == 1  # the shorter one, on what the records cover


def test_without_credentials_there_is_one_sentence(tmp_path: Path) -> None:
    gone: dict[str, Any] = {
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": "us-east-1",
    }
    done = run_lane("traffic", "--athena", "logs.flow_logs", "--since", "2026-11-20",
                    "--until", "2026-11-21", env=gone)  # fmt: skip
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("lane: there are no AWS credentials: set AWS_PROFILE or")
    assert done.err.count("\n") == 1
