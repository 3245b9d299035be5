"""What CloudWatch measured of NAT gateways and interface endpoints, as a month's traffic. Pure.

A NAT gateway is billed for what comes into it from either side: uploads from its sources, downloads
from its destinations. What goes out of it are the same bytes once more. An interface endpoint
counts both directions in one metric. Gateway endpoints have no metrics and cost nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from lane.cost.bill import Charge
from lane.cost.prices import HOURS_A_MONTH
from privatelane_paths.facts import EndpointKind

if TYPE_CHECKING:
    from decimal import Decimal

    from lane.cost.inventory import Inventory

__all__ = ["Measured", "NatBytes"]

_HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True)
class NatBytes:
    """Bytes of a NAT gateway in the window: what its sources sent, and what they downloaded."""

    up: Decimal
    down: Decimal


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes by NAT gateway and endpoint, over whole days in UTC from `start` on.

    What has no entry has no metric: nothing went through it, or nobody could ask. `gigabyte` is
    how many bytes count as one.
    """

    start: date
    days: int
    nats: Mapping[str, NatBytes]
    endpoints: Mapping[str, Decimal]
    gigabyte: int = 10**9
    unread: tuple[str, ...] = ()

    @property
    def end(self) -> date:
        """The last day."""
        return self.start + timedelta(days=self.days - 1)

    def a_month(self, amount: Decimal) -> Decimal:
        """Bytes of the window as gigabytes of a month of 730 hours."""
        return amount * HOURS_A_MONTH / (self.days * _HOURS_A_DAY * self.gigabyte)

    def charges(self, inventory: Inventory) -> tuple[Charge, ...]:
        """What AWS bills a month for this traffic; nothing where there was none."""
        found = [
            Charge(nat.data_item, nat.region, nat.key, nat.name, self.a_month(seen.up + seen.down))
            for nat in inventory.nats
            if (seen := self.nats.get(nat.key)) is not None
        ]
        found += [
            Charge("interface_endpoint_gb", one.region, one.key, one.name, self.a_month(seen_bytes))
            for one in inventory.endpoints
            if one.kind is EndpointKind.INTERFACE
            and (seen_bytes := self.endpoints.get(one.key)) is not None
        ]
        return tuple(one for one in found if one.quantity)

    def notes(self, inventory: Inventory) -> tuple[str, ...]:
        """What the figures stand on and what they leave out."""
        window = f"{self.start.isoformat()} to {self.end.isoformat()}"
        told = [f"traffic as CloudWatch measured it from {window}, for a month of 730 hours"]
        for nat in inventory.nats:
            seen = self.nats.get(nat.key)
            if seen is None:
                told.append(f"{nat.name} has no metrics in that time")
            else:
                told.append(
                    f"{nat.name}: {self.a_month(seen.down):,.2f} GB a month downloaded, "
                    f"{self.a_month(seen.up):,.2f} GB sent"
                )
        if self.nats:
            told.append(
                "which services the NAT gateways' traffic is for, CloudWatch does not say, so the "
                "comparisons suppose image pulls; data between zones and to the internet is not "
                "counted"
            )
        return (*told, *self.unread)
