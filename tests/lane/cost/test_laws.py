"""What must hold for every bill, whatever the prices and the traffic."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lane.cost.bill import Charge, bill_of
from lane.cost.breakeven import break_even_gb
from lane.cost.growth import SCENARIOS, Layout, Mix, growth
from lane.cost.items import ITEMS
from lane.cost.prices import PRICES, Price, PriceTable, Rate, read_prices
from tests.lane.cost.tables import PRICES as US_EAST
from tests.lane.cost.tables import REGION

gigabytes = st.decimals(0, 10_000_000, places=3)
unit_prices = st.decimals(0, 10, places=6)
layouts = st.builds(
    Layout,
    st.just(REGION),
    nats=st.integers(0, 9),
    addresses=st.integers(0, 9),
    endpoint_zones=st.integers(0, 60),
)
tables = read_prices(PRICES)


@st.composite
def mixes(draw: st.DrawFn) -> Mix:
    gateway = draw(st.decimals(0, 1, places=4))
    return Mix(gateway, draw(st.decimals(0, 1 - gateway, places=4)))


@st.composite
def rates(draw: st.DrawFn) -> Rate:
    starts = draw(st.lists(st.integers(1, 10_000_000), max_size=4, unique=True))
    return Rate(
        tuple(
            Price("nat_gb", REGION, Decimal(start), "GB", draw(unit_prices), "verified", "", "")
            for start in (0, *sorted(starts))
        )
    )


charges = st.lists(
    st.builds(
        Charge,
        item=st.sampled_from(sorted(ITEMS)),
        region=st.sampled_from((*tables.regions, "mars-north-1")),
        key=st.sampled_from("abc"),
        name=st.sampled_from("abc"),
        quantity=gigabytes,
    ),
    max_size=20,
)


@given(layouts, mixes(), st.lists(gigabytes, min_size=2, max_size=6))
def test_more_traffic_never_costs_less(layout: Layout, mix: Mix, amounts: list[Decimal]) -> None:
    rows = growth(layout, mix, US_EAST, sorted(amounts))
    for name in SCENARIOS:
        costs = [usd for row in rows if (usd := row.usd[name]) is not None]
        assert costs == sorted(costs)


@given(mixes(), gigabytes, st.integers(0, 9), st.integers(0, 9))
def test_an_endpoint_without_hours_never_loses(
    mix: Mix, amount: Decimal, nats: int, addresses: int
) -> None:
    (row,) = growth(Layout(REGION, nats, addresses, endpoint_zones=0), mix, US_EAST, [amount])
    nat, gateway, kept = row.usd["nat"], row.usd["gateway"], row.usd["endpoints"]
    assert nat is not None
    assert gateway is not None
    assert kept is not None
    # Three lines are rounded to the cent, each by half a cent at most.
    assert kept <= gateway + Decimal("0.02")
    assert gateway <= nat


@given(rates(), st.integers(0, 4))
def test_tiers_are_continuous(rate: Rate, place: int) -> None:
    edge = rate.tiers[place % len(rate.tiers)].start
    step = Decimal("0.000001")
    highest = max(tier.usd for tier in rate.tiers)
    assert rate.usd(edge + step) - rate.usd(edge) <= highest * step
    if edge:
        assert rate.usd(edge) - rate.usd(edge - step) <= highest * step


@given(rates(), gigabytes)
def test_the_tiers_of_a_quantity_add_up_to_it(rate: Rate, amount: Decimal) -> None:
    parts = [part for _, part in rate.split(amount)]
    assert sum(parts) == amount
    assert all(part >= 0 for part in parts)


@given(charges)
def test_the_lines_add_up_to_the_total(used: list[Charge]) -> None:
    bill = bill_of(used, tables)
    assert bill.total_usd == sum((line.usd for line in bill.lines), Decimal())
    assert bill.fixed_usd + bill.usage_usd == bill.total_usd


@given(charges)
def test_everything_used_is_on_the_bill_or_named_as_unpriced(used: list[Charge]) -> None:
    bill = bill_of(used, tables)
    billed = sum((line.quantity for line in bill.lines), Decimal())
    unpriced = {(one.item, one.region) for one in bill.unpriced}
    assert billed == sum(
        (one.quantity for one in used if (one.item, one.region) not in unpriced), Decimal()
    )


@given(charges, st.randoms(use_true_random=False))
def test_a_bill_does_not_depend_on_the_order_of_its_charges(
    used: list[Charge], random: object
) -> None:
    shuffled = sorted(used, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert bill_of(shuffled, tables) == bill_of(used, tables)


@given(st.decimals(0, 10_000, places=2), st.decimals("0.001", 10, places=3))
def test_at_the_break_even_savings_meet_the_cost(monthly: Decimal, saved: Decimal) -> None:
    found = break_even_gb(monthly, saved)
    assert found is not None
    assert abs(found * saved - monthly) < Decimal("0.000001")


@given(st.decimals("0.01", 10_000, places=2), st.decimals(-10, 0, places=3))
def test_what_saves_nothing_never_breaks_even(monthly: Decimal, saved: Decimal) -> None:
    assert break_even_gb(monthly, saved) is None


def test_tiers_count_over_all_endpoints_of_a_region() -> None:
    """AWS adds up what all endpoints of a region carry before it applies the tiers."""
    half = Decimal(1_048_576)
    used = [Charge("interface_endpoint_gb", REGION, name, name, half) for name in "ab"]
    lines = bill_of(used, US_EAST).lines
    assert [(line.quantity, line.price.usd) for line in lines] == [
        (half, Decimal("0.010")),
        (half, Decimal("0.006")),
    ]
    assert {line.name for line in lines} == {"a, b"}


def test_a_table_with_replaced_prices_keeps_the_others() -> None:
    new = Price("nat_gb", REGION, Decimal(), "GB", Decimal(9), "verified", "", "")
    table: PriceTable = tables.replaced([new])
    assert [one for one in table.rows if one != new] == [
        one for one in tables.rows if (one.item, one.region) != ("nat_gb", REGION)
    ]
