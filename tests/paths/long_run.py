"""Walk packets through as many networks as it takes to judge this many lanes, and print the count.

`make agreement` runs it: `make test` has only a fixed part of the same networks.
"""

from __future__ import annotations

import sys
from collections import Counter

import typer

from tests.paths.agreement import check
from tests.paths.generate import random_network, seeded


def main(lanes: int = 100_000, first: int = 0) -> None:
    """Compare LANES lanes with packets, on the networks of the seeds from FIRST on."""
    counts: Counter[str] = Counter()
    seed = first
    while counts.total() < lanes:
        try:
            counts += check(random_network(seeded(seed)))
        except AssertionError as error:
            sys.exit(f"seed {seed}: {error}")
        seed += 1
    for kind, count in counts.most_common():
        typer.echo(f"{kind:20} {count:>9,}")
    typer.echo(f"{counts.total():,} lanes of {seed - first:,} networks agree with the packet walk")


if __name__ == "__main__":
    typer.run(main)
