"""Reads Logs Insights queries by their published grammar, and runs them on DuckDB.

No emulator of Logs Insights exists to try them on. What is shown here is that they are well formed,
that the functions, the number of their arguments and the names are right, and that the very text
computes what it is for; not that the service treats every corner alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
from lark import Lark, Token, Tree

GRAMMAR = Lark(
    Path(__file__).with_suffix(".lark").read_text(encoding="utf-8"),
    parser="lalr",
    lexer="contextual",
)

#: Functions of one row → how many arguments they take.
#: Source: "Boolean, comparison, numeric, datetime, and other functions".
SCALAR = {
    "abs": (1, 1),
    "bin": (1, 1),
    "ceil": (1, 1),
    "coalesce": (1, 99),
    "concat": (1, 99),
    "datefloor": (2, 2),
    "floor": (1, 1),
    "if": (3, 3),
    "isIpv4InSubnet": (2, 2),
    "ispresent": (1, 1),
    "round": (1, 2),
    "strlen": (1, 1),
    "toNumber": (1, 1),
}
#: Functions of `stats`. Source: "stats", Functions to use with stats.
AGGREGATE = {
    "avg": (1, 1),
    "count": (0, 1),
    "countDistinct": (1, 1),
    "earliest": (1, 1),
    "latest": (1, 1),
    "max": (1, 1),
    "min": (1, 1),
    "pct": (2, 2),
    "sum": (1, 1),
}
#: Fields that every record of a log group has.
SYSTEM = {"@message", "@timestamp", "@logStream", "@log", "@ingestionTime"}


class MalformedQueryError(Exception):
    """What Logs Insights would answer with a MalformedQueryException."""


def check(text: str) -> list[Tree[Token]]:
    """The commands of a query; raises when it breaks a rule of the language."""
    from lark.exceptions import UnexpectedInput  # noqa: PLC0415 - only to translate it

    try:
        commands = [one for one in GRAMMAR.parse(text).children if isinstance(one, Tree)]
    except UnexpectedInput as error:
        raise MalformedQueryError(str(error)) from error
    known = set(SYSTEM)
    kinds = [one.data for one in commands]
    last_stats = max((at for at, kind in enumerate(kinds) if kind == "stats"), default=-1)
    for at, command in enumerate(commands):
        if command.data in ("sort", "limit") and at < last_stats:
            raise MalformedQueryError(f"{command.data} stands before the last stats")
        _functions(command, aggregates=command.data == "stats")
        if command.data == "parse":
            _source, glob, names = command.children
            aliases = [str(one) for one in names.children]  # type: ignore[union-attr]
            if str(glob).count("*") != len(aliases):
                raise MalformedQueryError("as many wildcards are needed as names")
            if again := known & set(aliases) or len(aliases) != len(set(aliases)):
                raise MalformedQueryError(f"defined already: {again}")
            known |= set(aliases)
            continue
        if unknown := _names(command) - known:
            raise MalformedQueryError(f"nobody defines {sorted(unknown)}")
        if command.data == "stats":
            known = _defined(command)
        elif command.data == "fields":
            known |= _defined(command)
    return commands


def run(text: str, messages: Sequence[str]) -> list[dict[str, Any]]:
    """The rows with which a query answers, over those messages."""
    relation = "records"
    ctes: list[str] = []
    tail = ""
    for at, command in enumerate(check(text)):
        if command.data == "sort":
            orders = [
                f"{_sql(one.children[0])} {one.children[1] or 'asc'}"  # type: ignore[union-attr]
                for one in command.children
            ]
            tail += f" ORDER BY {', '.join(orders)}"
        elif command.data == "limit":
            tail += f" LIMIT {command.children[0]}"
        else:
            ctes.append(f"step{at} AS ({_COMMANDS[str(command.data)](command, relation)})")
            relation = f"step{at}"
    with_ = f"WITH {', '.join(ctes)} " if ctes else ""
    with duckdb.connect() as connection:
        connection.execute('CREATE TABLE records ("@timestamp" TIMESTAMP, "@message" VARCHAR)')
        if messages:
            connection.executemany(
                "INSERT INTO records VALUES (TIMESTAMP '2026-11-21 10:15:00', ?)",
                [[one] for one in messages],
            )
        found = connection.execute(f"{with_}SELECT * FROM {relation}{tail}")  # noqa: S608 - ours
        columns = [one[0] for one in found.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def _parse(command: Tree[Token], relation: str) -> str:
    source, glob, names = command.children
    # A glob of stars between single blanks takes the words of a line.
    assert set(str(glob).strip('"').split(" ")) == {"*"}
    words = f"string_split({_quoted(str(source))}, ' ')"
    taken = ", ".join(
        f"{words}[{at}] AS {_quoted(str(name))}"
        for at, name in enumerate(names.children, 1)  # type: ignore[union-attr]
    )
    return f"SELECT *, {taken} FROM {relation}"  # noqa: S608 - ours


def _fields(command: Tree[Token], relation: str) -> str:
    return f"SELECT *, {', '.join(map(_aliased, _trees(command)))} FROM {relation}"  # noqa: S608


def _filter(command: Tree[Token], relation: str) -> str:
    return f"SELECT * FROM {relation} WHERE {_sql(command.children[0])}"  # noqa: S608 - ours


def _stats(command: Tree[Token], relation: str) -> str:
    *computed, by = command.children
    groups = _trees(by) if isinstance(by, Tree) else []
    selected = [_aliased(one) for one in (*groups, *computed) if isinstance(one, Tree)]
    grouped = f" GROUP BY {', '.join(str(1 + at) for at in range(len(groups)))}" if groups else ""
    return f"SELECT {', '.join(selected)} FROM {relation}{grouped}"  # noqa: S608 - ours


_COMMANDS: dict[str, Callable[[Tree[Token], str], str]] = {
    "parse": _parse,
    "fields": _fields,
    "filter": _filter,
    "stats": _stats,
}


def _aliased(tree: Tree[Token]) -> str:
    value, alias = _parts(tree)
    if alias is None and isinstance(value, Tree) and value.data == "call":
        return f"{_sql(value)} AS {_quoted(_text_of(value))}"
    return f"{_sql(value)} AS {_quoted(str(alias))}" if alias is not None else _sql(value)


def _sql(node: Any) -> str:
    if isinstance(node, Token):
        return str(node)
    parts = node.children
    match str(node.data):
        case "text":
            return "'" + str(parts[0]).strip('"').replace("'", "''") + "'"
        case "number":
            return str(parts[0])
        case "name":
            return _quoted(str(parts[0]))
        case "truth":
            return _sql(parts[0])
        case "either" | "both":
            word = " OR " if node.data == "either" else " AND "
            return "(" + word.join(map(_sql, parts)) + ")"
        case "denial":
            return f"NOT ({_sql(parts[0])})"
        case "compared" | "sum" | "product":
            return "(" + " ".join(map(_sql, parts)) + ")"
        case "member" | "no_member":
            word = "IN" if node.data == "member" else "NOT IN"
            return f"{_sql(parts[0])} {word} ({', '.join(map(_sql, parts[1:]))})"
        case "call":
            return _call(str(parts[0]), parts[1])
    raise AssertionError(node.data)


def _call(name: str, arguments: Tree[Token] | None) -> str:
    given = [] if arguments is None else arguments.children
    match name:
        case "count":
            return "count(*)"
        case "sum" | "max" | "min" | "avg":
            # What is taken from a message is text, of which these take the number.
            return f"{name}(TRY_CAST({_sql(given[0])} AS DOUBLE))"
        case "if":
            condition, then, otherwise = map(_sql, given)
            return f"CASE WHEN {condition} THEN {then} ELSE {otherwise} END"
        case "bin":
            return 'time_bucket(INTERVAL 1 HOUR, "@timestamp")'
    raise AssertionError(f"{name} is not translated")


def _functions(tree: Tree[Token], *, aggregates: bool) -> None:
    for call in tree.find_data("call"):
        name, arguments = str(call.children[0]), call.children[1]
        known = {**SCALAR, **(AGGREGATE if aggregates else {})}
        if name not in known:
            raise MalformedQueryError(f"{name} is no function here")
        least, most = known[name]
        count = len(arguments.children) if isinstance(arguments, Tree) else 0
        if not least <= count <= most:
            raise MalformedQueryError(f"{name} takes {least} to {most} arguments, not {count}")


def _names(tree: Tree[Token]) -> set[str]:
    return {str(one.children[0]) for one in tree.find_data("name")}


def _defined(tree: Tree[Token]) -> set[str]:
    """The names that a command gives, and those that it passes on by grouping."""
    names = set()
    for one in tree.find_data("aliased"):
        value, alias = _parts(one)
        if alias is not None:
            names.add(str(alias))
        elif isinstance(value, Tree) and value.data == "name":
            names.add(str(value.children[0]))
    return names


def _parts(tree: Tree[Token]) -> list[Any]:
    """The children, among which None stands for what was left out; lark does not say so."""
    return list(tree.children)


def _trees(tree: Tree[Token]) -> list[Tree[Token]]:
    return [one for one in tree.children if isinstance(one, Tree)]


def _text_of(tree: Tree[Token]) -> str:
    return "".join(map(str, tree.scan_values(lambda _: True)))


def _quoted(name: str) -> str:
    return f'"{name}"'


def records(lines: Iterable[dict[str, Any]], fields: Sequence[str]) -> list[str]:
    """Flow log records as text, in the order of the format; what is not known is a dash."""
    return [" ".join(str(line.get(field, "-")) for field in fields) for line in lines]
