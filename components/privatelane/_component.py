"""What every component does at its edge: refuse bad input as one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

import pulumi

from privatelane._invalid import InvalidInput


@contextmanager
def input_errors(where: str) -> Iterator[None]:
    """Turn bad input into an error of the program: one sentence, no traceback.

    `where` is the component's class and name, such as ``Network 'net'``. To be used around
    everything that reads arguments, before `super().__init__`, so that nothing is registered
    when they are refused.

    Raises:
        pulumi.RunError: in place of `InvalidInput`. The language host prints only its text.

    """
    try:
        yield
    except InvalidInput as error:
        raise pulumi.RunError(f"{where}: {error}.") from None
