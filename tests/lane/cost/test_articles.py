"""Two articles' cost tables: what their models say, and what AWS would bill.

The first model of each is wrong on purpose, as published; the product never computes it.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from lane.cost.bill import cents
from lane.cost.breakeven import break_even_gb, break_evens
from lane.cost.growth import SCENARIOS, Growth, Layout, Mix, growth
from lane.cost.inventory import EndpointCount
from privatelane_paths.facts import EndpointKind
from tests.lane.cost.tables import PRICES, REGION, charge, running, scenario, total

#: Article 003: three NAT gateways, no address counted, two endpoints in three zones.
THREE_ZONES = Layout(REGION, nats=3, addresses=0, endpoint_zones=6)
#: Its own split: 177,850 of 178,000 GB are layers and go by the gateway endpoint.
PULLS = Mix(Decimal(177_850) / 178_000, 1 - Decimal(177_850) / 178_000)


def percent(before: Decimal, after: Decimal) -> Decimal:
    return ((before - after) / before * 100).quantize(Decimal("0.1"))


def pair(zones: int) -> tuple[EndpointCount, ...]:
    return tuple(
        EndpointCount(name, name, REGION, name, EndpointKind.INTERFACE, zones)
        for name in ("ecr.api", "ecr.dkr")
    )


def test_article_003_own_model_saves_77_percent() -> None:
    """Every GB is billed at the endpoints, and the NAT gateways vanish from one side only."""
    before = total(running("nat_hour", 3), charge("nat_gb", 178_000))
    after = total(running("interface_endpoint_hour", 6), charge("interface_endpoint_gb", 178_000))
    assert (before, after, before - after) == (
        Decimal("8108.55"),
        Decimal("1823.80"),
        Decimal("6284.75"),
    )
    assert percent(before, after) == Decimal("77.5")


@pytest.mark.parametrize(
    ("gigabytes", "before", "after"),
    [(100, "103.05", "44.80"), (100_000, "4598.55", "1043.80")],
)
def test_article_003_rows_are_its_own_model(gigabytes: int, before: str, after: str) -> None:
    assert total(running("nat_hour", 3), charge("nat_gb", gigabytes)) == Decimal(before)
    assert total(
        running("interface_endpoint_hour", 6), charge("interface_endpoint_gb", gigabytes)
    ) == Decimal(after)


@pytest.mark.parametrize(
    ("network", "after", "saved", "share"),
    [("endpoints", "143.85", "7964.70", "98.2"), ("no-nat", "45.30", "8063.25", "99.4")],
)
def test_article_003_corrected(network: str, after: str, saved: str, share: str) -> None:
    """Layers are free; the NAT gateways are on both sides of the comparison, or on neither."""
    before = scenario("nat", THREE_ZONES, PULLS, 178_000).total_usd
    found = scenario(network, THREE_ZONES, PULLS, 178_000).total_usd
    assert before == Decimal("8108.55")
    assert (found, before - found) == (Decimal(after), Decimal(saved))
    assert percent(before, found) == Decimal(share)


def test_article_003_like_for_like_by_its_own_charge_saves_76_percent() -> None:
    before = total(running("nat_hour", 3), charge("nat_gb", 178_000))
    after = total(
        running("nat_hour", 3),
        running("interface_endpoint_hour", 6),
        charge("interface_endpoint_gb", 178_000),
    )
    assert (after, before - after) == (Decimal("1922.35"), Decimal("6186.20"))
    assert percent(before, after) == Decimal("76.3")


@pytest.mark.parametrize(
    ("gigabytes", "saved"),
    [
        (100, "-39.30"),
        (1_000, "1.19"),
        (5_000, "181.16"),
        (10_000, "406.12"),
        (100_000, "4455.36"),
    ],
)
def test_article_003_with_nat_kept_loses_on_small_rows(gigabytes: int, saved: str) -> None:
    """The article claims 56.5 % at 100 GB; with the NAT gateways still there it is a loss."""
    (row,) = growth(THREE_ZONES, PULLS, PRICES, [Decimal(gigabytes)])
    nat, kept = row.usd["nat"], row.usd["endpoints"]
    assert nat is not None
    assert kept is not None
    assert nat - kept == Decimal(saved)


@pytest.mark.parametrize(("zones", "gigabytes"), [(3, 973), (2, 649)])
def test_break_even_of_the_ecr_pair_when_layers_go_by_the_gateway(
    zones: int, gigabytes: int
) -> None:
    (choice,) = (
        one
        for one in break_evens(THREE_ZONES, PULLS, Decimal(1), pair(zones), PRICES)
        if one.choice == "ECR endpoints with the S3 gateway endpoint"
    )
    assert choice.gigabytes is not None
    assert round(choice.gigabytes) == gigabytes


def test_beside_the_gateway_endpoint_the_ecr_pair_saves_next_to_nothing() -> None:
    """The comparison that matters: the gateway endpoint alone already takes the layers."""
    choices = {
        one.choice: one for one in break_evens(THREE_ZONES, PULLS, PULLS.gateway, pair(3), PRICES)
    }
    alone = choices["ECR endpoints beside the S3 gateway endpoint"].gigabytes
    assert alone is not None
    assert alone > 1_000_000
    assert choices["S3 gateway endpoint"].gigabytes == 0


def test_public_addresses_of_three_nat_gateways_are_part_of_the_bill() -> None:
    """The article leaves them out."""
    with_addresses = Layout(REGION, nats=3, addresses=3, endpoint_zones=6)
    more = (
        scenario("endpoints", with_addresses, PULLS, 178_000).total_usd
        - scenario("endpoints", THREE_ZONES, PULLS, 178_000).total_usd
    )
    assert more == Decimal("10.95")


def formula_002(gigabytes: int) -> tuple[Decimal, Decimal]:
    """Article 002's formula: half of what passes the NAT crosses zones, endpoints carry half.

    Its endpoints bill no data, its NAT gateway has no address, and crossing counts one side.
    """
    half = Decimal(gigabytes) / 2
    before = total(
        running("nat_hour", 1), charge("nat_gb", gigabytes), charge("inter_zone_gb", half)
    )
    after = total(
        running("nat_hour", 1),
        running("interface_endpoint_hour", 6),
        charge("nat_gb", half),
        charge("inter_zone_gb", half / 2),
    )
    return before, after


@pytest.mark.parametrize(
    ("gigabytes", "before", "after"),
    [
        (500, "57.85", "89.15"),
        (1_000, "82.85", "101.65"),
        (2_000, "132.85", "126.65"),
        (5_000, "282.85", "201.65"),
    ],
)
def test_article_002_formula(gigabytes: int, before: str, after: str) -> None:
    """At 1 TB it loses 18.80, where the text promises 10 to 25 dollars."""
    assert formula_002(gigabytes) == (Decimal(before), Decimal(after))


def test_article_002_formula_breaks_even_at_1752_gb() -> None:
    assert break_even_gb(Decimal("43.80"), Decimal("0.025")) == 1752


@pytest.mark.parametrize(
    ("gigabytes", "before", "after"),
    [(500, "59.00", "65.80"), (1_000, "81.50", "65.90"), (5_000, "261.50", "66.70")],
)
def test_article_002_corrected(gigabytes: int, before: str, after: str) -> None:
    """One NAT gateway and its address stay; 98 % of the bytes are layers."""
    layout = Layout(REGION, nats=1, addresses=1, endpoint_zones=4)
    (row,) = growth(layout, Mix(Decimal("0.98"), Decimal("0.02")), PRICES, [Decimal(gigabytes)])
    assert (row.usd["nat"], row.usd["endpoints"]) == (Decimal(before), Decimal(after))


def test_no_network_without_nat_is_offered_to_traffic_for_the_internet() -> None:
    layout = Layout(REGION, nats=1, addresses=1, endpoint_zones=4)
    (row,) = growth(layout, Mix(Decimal("0.5"), Decimal("0.4")), PRICES, [Decimal(1000)])
    # 100 GB pass the NAT, 400 GB the interface endpoints.
    assert row == Growth(
        Decimal(1000),
        {
            "nat": Decimal("81.50"),
            "gateway": Decimal("59.00"),
            "endpoints": cents(Decimal("36.50") + Decimal("29.20") + Decimal("4.50") + 4),
            "no-nat": None,
        },
    )
    assert set(row.usd) == set(SCENARIOS)
