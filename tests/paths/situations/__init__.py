"""The catalogue of situations as data, by chapter; `ALL` is all of it."""

from __future__ import annotations

from tests.paths.situations import (
    names,
    nats,
    networks_apart,
    not_private,
    programs,
    route_tables,
    transit_gateways,
)

__all__ = ["ALL"]

ALL = [
    *route_tables.SITUATIONS,
    *nats.SITUATIONS,
    *names.SITUATIONS,
    *networks_apart.SITUATIONS,
    *transit_gateways.SITUATIONS,
    *not_private.SITUATIONS,
    *programs.SITUATIONS,
]
