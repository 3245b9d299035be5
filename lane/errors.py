"""The one exception that reaches the user."""

from __future__ import annotations

__all__ = ["Unusable"]


class Unusable(Exception):  # noqa: N818 -- it names the input, not the program's mistake
    """The input could not be used: `str()` is one sentence for standard error, the exit status 2.

    A cause, if there is one, is chained; it and `details` are shown by `--debug` only.
    """

    def __init__(self, sentence: str, details: str = "") -> None:
        super().__init__(" ".join(sentence.split()))
        self.details = details
