"""What of an account could not be read, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lane.sources.calls import CALL_OF

if TYPE_CHECKING:
    from lane.sources.describe.answers import Answers

__all__ = ["notes", "place_of", "reasons", "stack_of"]


def place_of(place: Answers) -> str:
    """The account and region of some answers."""
    return "/".join(part for part in (place.account, place.region) if part) or "saved answers"


def stack_of(places: Sequence[Answers]) -> str:
    """What stands for a stack's name: the places that show a network, or else all."""
    found = dict.fromkeys(place_of(place) for place in places if place.has_network)
    return ", ".join(found or dict.fromkeys(map(place_of, places)))


def notes(places: Sequence[Answers]) -> Iterator[str]:
    """What could not be read, one sentence for each reason in each place."""
    for place in places:
        by_reason: dict[str, list[str]] = {}
        for key in place.unread:
            by_reason.setdefault(place.unread[key], []).append(key)
        for why, keys in by_reason.items():
            yield f"{place_of(place)}: {', '.join(keys)} could not be read: {why}"


def reasons(places: Sequence[Answers], *, optional: bool = False) -> tuple[str, ...]:
    """Why answers are missing that a verdict may hang on, each reason once.

    `optional` ones are those that only a bill misses.
    """
    found = {
        why: None
        for place in places
        for key, why in place.unread.items()
        if optional or not CALL_OF[key].optional
    }
    return tuple(found)
