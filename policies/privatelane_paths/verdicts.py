"""Lanes, the verdicts they carry, and how several possible outcomes become one lane.

The prover never follows one way only: wherever a fact leaves a choice, every candidate is followed.
What comes back is the set of outcomes that are possible. One kind in the set is an answer; several
that carry the same verdict are one, too; otherwise the lane is `unknown` and names what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privatelane_paths.known import Key

__all__ = [
    "Hop",
    "Lane",
    "LaneKind",
    "Outcome",
    "Outcomes",
    "Rejected",
    "Verdict",
    "branch",
    "either",
    "settle",
    "through",
    "unknown",
]


class Verdict(Enum):
    """Whether traffic is proved to stay off NAT, shown to go through one, or neither."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNKNOWN = "unknown"


class LaneKind(Enum):
    """The ways traffic can take from a subnet to a service; the order breaks ties."""

    GATEWAY_ENDPOINT = "gateway-endpoint"
    INTERFACE_ENDPOINT = "interface-endpoint"
    NAT = "nat"
    REMOTE_NAT = "remote-nat"
    INTERNET_GATEWAY = "internet-gateway"
    BROKEN = "broken"
    NONE = "none"
    UNKNOWN = "unknown"

    @property
    def verdict(self) -> Verdict:
        """The verdict of the flagship rule on this kind of lane."""
        return _VERDICTS.get(self, Verdict.PROVED)


_VERDICTS = {
    LaneKind.NAT: Verdict.REFUTED,
    LaneKind.REMOTE_NAT: Verdict.REFUTED,
    LaneKind.UNKNOWN: Verdict.UNKNOWN,
}
_ORDER = {kind: place for place, kind in enumerate(LaneKind)}


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a lane: the fact it stands on, what that is, and the words for it."""

    key: Key
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """An endpoint for the service that this subnet's traffic does not take, and why."""

    endpoint: Key
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One possible end of the way, with the facts that are missing to be sure of it.

    `fix` is what would mend it, where the place that found the fault knows.
    """

    kind: LaneKind
    reason: str
    hops: tuple[Hop, ...] = ()
    missing: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()


#: The possible outcomes: at least one, and at most one of each kind.
Outcomes = tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """The way from one subnet to one service.

    `missing` names the facts that leave the lane, or the choice between its alternatives, open;
    `rejected` the endpoints that are not used; `fix` the smallest changes that mend it.
    """

    subnet: Key
    service: str
    kind: LaneKind
    hops: tuple[Hop, ...]
    reason: str
    missing: tuple[str, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    fix: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The verdict of the flagship rule on this lane."""
        return self.kind.verdict


def unknown(missing: str, reason: str = "") -> Outcomes:
    """The outcome that nothing can be said without `missing`."""
    text = reason or f"it cannot be decided without {missing}"
    return (Outcome(LaneKind.UNKNOWN, text, (), (missing,)),)


def _weight(outcome: Outcome) -> tuple[int, int, tuple[tuple[str, str], ...], str, tuple[str, ...]]:
    hops = tuple((hop.key, hop.text) for hop in outcome.hops)
    return len(outcome.missing), len(hops), hops, outcome.reason, outcome.missing


def either(outcomes: Iterable[Outcome]) -> Outcomes:
    """The possible outcomes, one of each kind: the one that supposes least stands for its kind."""
    best: dict[LaneKind, Outcome] = {}
    for outcome in outcomes:
        other = best.get(outcome.kind)
        if other is None or _weight(outcome) < _weight(other):
            best[outcome.kind] = outcome
    return tuple(best[kind] for kind in sorted(best, key=_ORDER.__getitem__))


def through(outcomes: Outcomes, *hops: Hop, missing: Iterable[str] = ()) -> Outcomes:
    """The same outcomes reached over `hops`, each resting on the `missing` facts, too."""
    facts = tuple(missing)
    if not hops and not facts:
        return outcomes
    return tuple(
        Outcome(
            one.kind,
            one.reason,
            hops + one.hops,
            tuple(sorted({*one.missing, *facts})) if facts else one.missing,
            one.fix,
        )
        for one in outcomes
    )


def branch(cases: Iterable[tuple[Outcomes, Iterable[str]]]) -> Outcomes:
    """The outcomes of cases of which one holds, each resting on the facts that would choose it.

    Where all cases can end alike, those facts do not matter and are not named.
    """
    listed = list(cases)
    if len(listed) == 1:
        return listed[0][0]
    if len({frozenset(one.kind for one in outcomes) for outcomes, _ in listed}) == 1:
        return either(one for outcomes, _ in listed for one in outcomes)
    return either(one for outcomes, facts in listed for one in through(outcomes, missing=facts))


def settle(outcomes: Outcomes) -> Outcome:
    """The one outcome that stands for all: theirs if they agree on the verdict, else `unknown`."""
    if len(outcomes) == 1:
        (only,) = outcomes
        if only.kind is LaneKind.UNKNOWN or not only.missing:
            return only
        return replace(only, missing=())
    missing = tuple(sorted({fact for one in outcomes for fact in one.missing}))
    chosen = min(outcomes, key=lambda one: (len(one.missing), _ORDER[one.kind]))
    others = [one for one in outcomes if one is not chosen]
    if len({one.kind.verdict for one in outcomes}) == 1:
        also = "; ".join(f"{one.kind.value}: {one.reason}" for one in others)
        return replace(chosen, reason=f"{chosen.reason} (or {also})", missing=missing)
    if not missing:
        # Nothing is missing, so that each end is that of some of the traffic.
        through_nat = next(one for one in outcomes if one.kind.verdict is Verdict.REFUTED)
        return replace(through_nat, reason=f"some of the traffic takes it: {through_nat.reason}")
    either_way = "; or ".join(f"{one.kind.value}: {one.reason}" for one in (chosen, *others))
    return Outcome(
        LaneKind.UNKNOWN,
        f"it cannot be decided which holds: {either_way}",
        _common([one.hops for one in outcomes]),
        missing,
    )


def _common(ways: list[tuple[Hop, ...]]) -> tuple[Hop, ...]:
    shared: list[Hop] = []
    for steps in zip(*ways, strict=False):
        if any(step != steps[0] for step in steps):
            break
        shared.append(steps[0])
    return tuple(shared)
