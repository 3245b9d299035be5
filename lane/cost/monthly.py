"""What `lane preview` says of cost: the fixed part of a month, and each refuted lane's price."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lane.cost import words
from lane.cost.bill import bill_of
from lane.cost.declared import inventory_for
from lane.errors import Unusable
from privatelane_paths.known import Unknown
from privatelane_paths.sources.graph import network_of
from privatelane_paths.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lane.cost.inventory import Inventory
    from lane.cost.prices import PriceTable, Rate
    from privatelane_paths.facts import Network
    from privatelane_paths.sources.resource import Reading
    from privatelane_paths.verdicts import Lane

__all__ = ["monthly_sentences"]


def monthly_sentences(
    reading: Reading, lanes: Sequence[Lane], prices: PriceTable
) -> tuple[str, ...]:
    """One sentence on the month's total, and one for each subnet with refuted lanes.

    A price that is not verified is marked and the marks are explained; what has no price is named.
    """
    network = network_of(reading.resources, reading.settings)
    region = reading.settings.region
    default = None if isinstance(region, Unknown) else region
    try:
        inventory = inventory_for(reading, network, region=default)
    except Unusable as error:
        return (f"the monthly cost is not known: {error}",)
    rates = _gigabytes(inventory, network, lanes, default, prices)
    bill = bill_of(inventory.charges, prices)
    unsure = [line.price.status for line in bill.lines if not line.price.sure]
    regions = ", ".join(sorted({charge.region for charge in inventory.charges}))
    total = f"{words.usd(bill.total_usd)}{words.mark(*unsure)} USD a month"
    where = f" in {regions}" if regions else ""
    marked = bool(unsure) or any(
        rate is not None and not rate.first.sure for rate in rates.values()
    )
    return (
        f"{total}{where}, whatever the traffic",
        *([words.missing_sentence(bill.unpriced)] if bill.unpriced else []),
        *(f"{lane}: {_price(rate)} a GB" for lane, rate in sorted(rates.items())),
        *([words.MEANING] if marked else []),
    )


def _price(rate: Rate | None) -> str:
    return "no known price" if rate is None else f"{words.unit_price(rate.first)} USD"


def _gigabytes(
    inventory: Inventory,
    network: Network,
    lanes: Sequence[Lane],
    default: str | None,
    prices: PriceTable,
) -> dict[str, Rate | None]:
    """The price of a GB on every refuted lane, those of one subnet through one NAT together."""
    nats = {one.key: one for one in inventory.nats}
    names = {one.key: one.name for one in network.subnets}
    groups: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for lane in lanes:
        if lane.verdict is Verdict.REFUTED:
            nat = nats.get(lane.hops[-1].key) if lane.hops else None
            item, region = ("nat_gb", default) if nat is None else (nat.data_item, nat.region)
            through = nat.name if nat is not None else lane.kind.value
            groups[names.get(lane.subnet, lane.subnet), through, item, region or ""].append(
                lane.service
            )
    return {
        f"{', '.join(sorted(services))} from {subnet} through {through}": prices.rate(item, region)
        for (subnet, through, item, region), services in groups.items()
    }
