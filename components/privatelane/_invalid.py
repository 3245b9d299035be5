"""Input that cannot be used, told in one sentence.

Pure code raises :class:`InvalidInput`; the component that called it turns the sentence into an
error of the Pulumi program (`_component.input_errors`) before it registers anything.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping


class InvalidInput(ValueError):  # noqa: N818 - it names what is wrong, as ValueError does
    """Input that cannot be used.

    Its text is one sentence that names the field, the value and what would be accepted.
    """


def nearest(value: str, choices: Iterable[str]) -> str | None:
    """Return the choice that `value` was probably meant to be, or None when none is close."""
    by_folded = {choice.casefold(): choice for choice in choices}
    close = difflib.get_close_matches(value.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None


def choice(field: str, value: object, choices: Iterable[str]) -> str:
    """Return `value` when it is one of `choices`.

    Raises:
        InvalidInput: it is not; the sentence lists the choices and names the nearest one.

    """
    accepted = list(choices)
    if isinstance(value, str):
        if value in accepted:
            return value
        meant = nearest(value, accepted)
        hint = f"; did you mean {meant!r}?" if meant else ""
        raise InvalidInput(f"{field} is {value!r}, it must be one of {listing(accepted)}{hint}")
    raise InvalidInput(
        f"{field} is {described(value)}, it must be plain text, one of {listing(accepted)}"
    )


def text(field: str, value: object) -> str:
    """Return `value` when it is plain, non-empty text.

    Raises:
        InvalidInput: it is empty, of another type, or an Output.

    """
    if isinstance(value, str) and value:
        return value
    raise InvalidInput(f"{field} is {described(value)}, it must be plain text")


def flag(field: str, value: object) -> bool:
    """Return `value` when it is a plain true or false.

    Raises:
        InvalidInput: it is of another type, or an Output.

    """
    if isinstance(value, bool):
        return value
    raise InvalidInput(f"{field} is {described(value)}, it must be plain true or false")


def integer(field: str, value: object, *, least: int, most: int) -> int:
    """Return `value` as an int between `least` and `most`, both included.

    Whole floats are accepted, as every number reaches a component plugin as a float.

    Raises:
        InvalidInput: it is no whole number, out of range, or an Output.

    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    raise InvalidInput(
        f"{field} is {described(value)}, it must be a whole number from {least} to {most}"
    )


def entries(field: str, value: object) -> Mapping[str, object]:
    """Return `value` when it is a plain map with text keys.

    Raises:
        InvalidInput: it is of another type, or an Output.

    """
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return value
    raise InvalidInput(f"{field} is {described(value)}, it must be a plain map")


def items(field: str, value: object) -> tuple[object, ...]:
    """Return `value` as a tuple when it is a plain list.

    Raises:
        InvalidInput: it is of another type, or an Output.

    """
    if isinstance(value, (list, tuple)):
        return tuple(value)
    raise InvalidInput(f"{field} is {described(value)}, it must be a plain list")


def known_keys(where: str, given: Mapping[str, object], accepted: Iterable[str]) -> None:
    """Refuse a key that nobody would read.

    Raises:
        InvalidInput: `given` has a key outside `accepted`; the sentence names the nearest one.

    """
    keys = sorted(accepted)
    for key in given:
        if key not in keys:
            meant = nearest(key, keys)
            hint = f"did you mean {meant!r}?" if meant else f"it knows {listing(keys)}"
            raise InvalidInput(f"{where} has no argument {key!r}, {hint}")


def refuse_missing(args: Mapping[str, object], required: Iterable[str]) -> None:
    """Refuse settings without what they must have.

    Raises:
        InvalidInput: one is missing.

    """
    if missing := sorted(set(required) - args.keys()):
        raise InvalidInput(f"{listing(missing, 'and')} is missing")


def described(value: object) -> str:
    """Return how a sentence shows `value`: its literal, or its type where that says nothing."""
    if value is None or isinstance(value, (str, int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, Mapping):
        return "a map"
    # An Output shows as a memory address, and a secret one must not show at all.
    return f"of type {type(value).__name__}"


def listing(values: Iterable[object], word: str = "or") -> str:
    """Return `values` as a sentence lists them: 'a', 'b' or 'c'."""
    shown = [repr(value) for value in values]
    return f" {word} ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
