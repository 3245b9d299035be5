"""The SQL is one text for DuckDB and Athena, which is Trino: nothing that only one of them has.

No Trino runs here. What each text may use is therefore listed, with what both engines' manuals
have; DuckDB runs it in all other tests.
"""

from __future__ import annotations

import re

import duckdb
import pytest

from lane.traffic.fields import VERSION_OF, column_of, relation
from lane.traffic.query import (
    ALL_TIME,
    Names,
    Stretch,
    addresses_sql,
    coverage_sql,
    nats_values,
    ranges_values,
    repeats_values,
    stretches_sql,
    traffic_sql,
)
from lane.traffic.ranges import ranges

NAMES = Names("records", "nats", "ranges", "addresses", "repeats")
#: Functions of the same name, arguments and meaning. Source: "Functions and operators" of Trino
#: and "Functions" of DuckDB.
FUNCTIONS = {
    *("bool_or", "cast", "coalesce", "count", "length", "lpad", "max", "max_by", "min"),
    *("nullif", "replace", "split_part", "strpos", "substr", "sum", "try_cast"),
}
#: Words before a parenthesis that are no functions.
WORDS = {
    *("and", "as", "by", "in", "not", "or", "over", "sets", "then", "values", "when", "from"),
    *("select", "where", "else", "on", "case"),
}
#: Words that only DuckDB has.
OURS_ALONE = {"qualify", "exclude", "ilike", "asof", "positional", "unnest", "struct_pack", "glob"}


def texts() -> list[str]:
    return [
        sql(NAMES, ALL_TIME) for sql in (addresses_sql, coverage_sql, stretches_sql, traffic_sql)
    ]


def others() -> list[str]:
    return [
        relation("records", {column_of(field) for field in VERSION_OF}, 0),
        nats_values(["eni-1"]),
        nats_values([]),
        ranges_values(ranges([])[:2]),
        repeats_values([Stretch("eni-1", 1, 0, 9)]),
    ]


def bare(sql: str) -> str:
    """A text without comments, literals and quoted names."""
    return re.sub(r"--[^\n]*|'[^']*'|\"[^\"]*\"", " ", sql).lower()


@pytest.mark.parametrize("sql", [*texts(), *others()])
def test_every_function_is_one_that_both_engines_have(sql: str) -> None:
    called = set(re.findall(r"\b([a-z_]+)\s*\(", bare(sql)))
    assert called - WORDS - {"v", "u"} <= FUNCTIONS


@pytest.mark.parametrize("sql", [*texts(), *others()])
def test_nothing_is_written_as_only_duckdb_knows_it(sql: str) -> None:
    text = bare(sql)
    assert not OURS_ALONE & set(re.findall(r"[a-z_]+", text))
    # Casts by colons, lists, lambdas, whole division, GROUP BY ALL.
    assert not re.search(r"::|\[|->|//|group by all|\blimit\b", text)


@pytest.mark.parametrize("sql", texts())
def test_parentheses_and_cases_are_closed_and_end_is_no_bare_column(sql: str) -> None:
    text = bare(sql)
    assert text.count("(") == text.count(")")
    assert len(re.findall(r"\bcase\b", text)) == len(re.findall(r"\bend\b", text))


def test_athena_and_duckdb_get_the_same_text_but_for_names() -> None:
    other = Names("(SELECT 1)", "(SELECT 2)", "(SELECT 3)", "(SELECT 4)", "(SELECT 5)")
    for sql in (addresses_sql, coverage_sql, stretches_sql, traffic_sql):
        text = sql(other, ALL_TIME)
        for name, relation_ in vars_of(NAMES, other):
            text = text.replace(relation_, name)
        assert text == sql(NAMES, ALL_TIME)


def vars_of(names: Names, other: Names) -> list[tuple[str, str]]:
    return [
        (getattr(names, one), getattr(other, one))
        for one in ("records", "nats", "ranges", "addresses", "repeats")
    ]


def test_a_relation_has_every_column_whatever_the_log_lacks() -> None:
    log = "(SELECT '10.0.0.1' AS srcaddr, '-' AS bytes, 7 AS start, 9 AS \"end\")"
    with duckdb.connect() as database:
        found = database.sql(relation(log, {"srcaddr", "bytes", "start", "end"}, 3))
        (row,) = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    assert {name for name, value in row.items() if value is not None} == {
        "origin",
        "srcaddr",
        "start",
        "end",
    }
    assert row["bytes"] is None
    assert {"pkt_dst_aws_service", "next_hop_interface_id", "log_status"} <= row.keys()


def test_a_quote_in_a_value_stays_one() -> None:
    with duckdb.connect() as database:
        assert database.execute(nats_values(["o'clock"])).fetchall() == [("o'clock",)]
        assert database.execute(nats_values([])).fetchall() == [("",)]
