"""Which row of a table takes what part of the traffic, by "Route priority" in AWS's VPC guide."""

from __future__ import annotations

from dataclasses import replace

import pytest

from privatelane_paths.lookup import (
    LIST,
    PROPAGATED,
    STATIC,
    Destination,
    Entry,
    Piece,
    Winner,
    look_up,
)
from privatelane_paths.space import AddressSet
from tests.paths.build import prefix, target

NAT, OTHER, GATEWAY = target("nat-a"), target("nat-b"), target("vpce-s3")
OVERLAP = "which of the overlapping prefix lists AWS takes"


def to(*cidrs: str, whole: bool = False) -> Destination:
    """Traffic to some of the addresses of prefixes, or to every one of them."""
    ranges = tuple(map(prefix, cidrs))
    return Destination("d", "S3", AddressSet.of(ranges, ranges[0].version), whole=whole)


TO_52 = to("52.0.0.0/8")


def row(key: str, where: str, by: str = "nat-a", rank: int = STATIC, missing: str = "") -> Entry:
    return Entry(key, where, target(by), prefix(where), rank=rank, missing=missing)


def over(key: str, floor: int | None = 9, by: str = "vpce-s3", missing: str = "") -> Entry:
    """A list of which only the service and its shortest entry are known."""
    return Entry(key, f"list {key}", target(by), floor=floor, rank=LIST, missing=missing)


def won(*rows: Entry, of: Destination = TO_52) -> list[tuple[str, tuple[str, ...]]]:
    """Who may take all of the traffic, each with what is missing; nobody is an empty key."""
    (piece,) = look_up(rows, of)
    assert piece == Piece(piece.winners, sure=True, destination=of)
    return [("" if one.entry is None else one.entry.key, one.missing) for one in piece.winners]


def longer_than(cidr: str) -> str:
    return f"whether a list's entry is longer than {cidr}"


R8, R6 = row("r8", "52.0.0.0/8"), row("r6", "52.0.0.0/6", "nat-b")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([], [("", ())], id="an empty table has no route"),
        pytest.param([row("r", "10.0.0.0/8")], [("", ())], id="nor has one for others"),
        pytest.param([row("r", "::/0")], [("", ())], id="an IPv6 route takes no IPv4"),
        pytest.param([R6, R8], [("r8", ())], id="the longest prefix wins"),
        pytest.param(
            [row("p", "52.0.0.0/8", "nat-b", PROPAGATED), R8],
            [("r8", ())],
            id="a static route wins over a propagated one",
        ),
        pytest.param(
            [row("l", "52.0.0.0/8", "nat-b", LIST), R8],
            [("r8", ())],
            id="a static route wins over a list",
        ),
        pytest.param(
            [row("l", "52.0.0.0/8", "nat-b", LIST), row("p", "52.0.0.0/8", rank=PROPAGATED)],
            [("l", ())],
            id="a list wins over a propagated route",
        ),
        pytest.param(
            [replace(R8, missing="m"), R6],
            [("r8", ("m",)), ("r6", ("m",))],
            id="what may not be there leaves it to the next",
        ),
        pytest.param(
            [replace(R8, missing="m")],
            [("r8", ("m",)), ("", ("m",))],
            id="or to none",
        ),
        pytest.param(
            [replace(R8, missing="m"), replace(R6, missing="n", target=NAT)],
            [("r8", ("m",)), ("", ("m", "n"))],
            id="of two routes to one target the one that supposes least is told",
        ),
        pytest.param(
            [replace(R8, missing="m"), replace(R6, target=NAT)],
            [("r8", ("m",))],
            id="and of equals the first",
        ),
        pytest.param(
            [R8, row("s8", "52.0.0.0/8", "nat-b")],
            [
                ("r8", ("which of the routes to 52.0.0.0/8 holds",)),
                ("s8", ("which of the routes to 52.0.0.0/8 holds",)),
            ],
            id="of two alike nobody knows which is there",
        ),
        pytest.param(
            [
                Entry("a", "52.0.0.0/8 if propagated", NAT, prefix("52.0.0.0/8"), rank=PROPAGATED),
                row("b", "52.0.0.0/8", "nat-b", PROPAGATED),
            ],
            [
                ("a", ("which of the routes to 52.0.0.0/8 if propagated holds",)),
                ("b", ("which of the routes to 52.0.0.0/8 if propagated holds",)),
            ],
            id="and they are called as the first of them",
        ),
        pytest.param(
            [row("a", "52.0.0.0/8", missing="m"), row("b", "52.0.0.0/8")],
            [("b", ("which of the routes to 52.0.0.0/8 holds",))],
            id="of two alike to one target the one that is certain is told",
        ),
        pytest.param(
            [row("l", "52.0.0.0/8", "nat-a", LIST), row("k", "52.0.0.0/7", "nat-b", LIST)],
            [("l", (OVERLAP,)), ("k", (OVERLAP,))],
            id="between overlapping lists nobody knows",
        ),
        pytest.param(
            [row("l", "52.0.0.0/8", "nat-a", LIST), row("l", "52.0.0.0/7", "nat-a", LIST)],
            [("l", ())],
            id="a list does not overlap itself",
        ),
        pytest.param(
            [Entry("w", "a destination that is not known", OTHER, missing="w"), R8],
            [("w", ("w",)), ("r8", ("w",))],
            id="a route to anywhere may take it before all others",
        ),
    ],
)
def test_the_route_that_takes_the_traffic(
    rows: list[Entry], expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert won(*rows) == expected


NEAR = row("near", "52.8.0.0/16")
IN_16 = to("52.8.0.0/24")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([over("s3")], [("s3", ())], id="a list alone takes its service's traffic"),
        pytest.param(
            [over("s3"), R8],
            [("s3", ())],
            id="its entries are longer than a route shorter than them all",
        ),
        pytest.param(
            [over("s3"), row("r", "52.0.0.0/9")],
            [("r", (longer_than("52.0.0.0/9"),)), ("s3", (longer_than("52.0.0.0/9"),))],
            id="but not certainly than one as long as the shortest of them",
        ),
        pytest.param(
            [over("s3", floor=0), row("r", "0.0.0.0/0")],
            [("r", (longer_than("0.0.0.0/0"),)), ("s3", (longer_than("0.0.0.0/0"),))],
            id="nor than a default route if they may be one themselves",
        ),
        pytest.param(
            [over("s3"), NEAR, row("r", "52.0.0.0/9", "nat-b")],
            [("near", (longer_than("52.8.0.0/16"),)), ("s3", (longer_than("52.8.0.0/16"),))],
            id="the longest route that is certain ends the search",
        ),
        pytest.param(
            [over("s3"), NEAR, row("same", "52.8.0.0/16", "nat-b")],
            [
                ("near", (longer_than("52.8.0.0/16"),)),
                ("same", (longer_than("52.8.0.0/16"),)),
                ("s3", (longer_than("52.8.0.0/16"),)),
            ],
            id="of two alike either may be the one",
        ),
        pytest.param(
            [over("s3"), replace(NEAR, missing="m"), row("r", "52.0.0.0/9", "nat-b")],
            [
                ("near", ("m", longer_than("52.8.0.0/16"))),
                ("r", ("m", longer_than("52.0.0.0/9"))),
                ("s3", ("m", longer_than("52.0.0.0/9"))),
            ],
            id="one that may not be there leaves it to the next",
        ),
        pytest.param(
            [over("s3"), replace(NEAR, missing="m")],
            [("near", ("m", longer_than("52.8.0.0/16"))), ("s3", ("m",))],
            id="and without another to the list",
        ),
        pytest.param(
            [over("s3", missing="m"), R8],
            [("s3", ("m",)), ("r8", ("m",))],
            id="a list that may not be there leaves it to shorter routes",
        ),
        pytest.param(
            [over("s3"), over("own", by="nat-b")],
            [("s3", (OVERLAP,)), ("own", (OVERLAP,))],
            id="two lists of a service overlap",
        ),
    ],
)
def test_a_list_of_unknown_entries_and_the_routes_beside_it(
    rows: list[Entry], expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert sorted(won(*rows, of=IN_16)) == sorted(expected)


HALVES = (prefix("0.0.0.0/1"), prefix("128.0.0.0/1"))


def half(place: int, of: Destination) -> Destination:
    space = AddressSet.of([HALVES[place]], 4)
    return replace(of, label=f"d{space.ranges}", space=space, spread=False)


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("whole", [False, True])
def test_the_pieces_of_the_traffic_are_together_all_of_it(place: int, whole: bool) -> None:
    """What is known to go to every address certainly goes to each piece of them."""
    everything = replace(to("0.0.0.0/0", whole=whole), spread=not whole)
    entry = row("r", str(HALVES[place]))
    missing = () if whole else (f"which of the routes {entry.text} cover S3",)
    taken = Piece((Winner(entry),), whole, half(place, everything), missing)
    left = Piece((Winner(None),), whole, half(1 - place, everything), missing)

    found = look_up([entry], everything)

    assert sorted(found, key=lambda one: one.destination.space.ranges) == (
        [taken, left] if place == 0 else [left, taken]
    )


def test_what_is_left_around_a_longer_prefix_is_one_piece() -> None:
    inside = row("inside", "52.64.0.0/10", "nat-b")
    found = look_up([R8, inside], TO_52)
    hole = AddressSet.of([prefix("52.64.0.0/10")], 4)

    assert [(one.winners, one.destination.space) for one in found] == [
        ((Winner(R8),), TO_52.space - hole),
        ((Winner(inside),), hole),
    ]
