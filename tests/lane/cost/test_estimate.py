"""The whole of it: what the comparisons assume, and what `lane preview` says of cost."""

from __future__ import annotations

from decimal import Decimal

from lane.cost import words
from lane.cost.estimate import Estimate, declared, estimate
from lane.cost.monthly import monthly_sentences
from lane.cost.prices import Price, PriceTable
from lane.cost.usage import Images, Internet, Traffic, Workload
from privatelane_paths import judge
from privatelane_paths.sources.export import read_export
from privatelane_paths.sources.graph import network_of
from privatelane_paths.sources.resource import COMPUTED, Reading, Resource
from tests.lane.cost.tables import PRICES, REGION, SETTINGS
from tests.lane.cost.test_inventory import IN_A, NETWORK, endpoint, nat
from tests.rules.networks import Net

DKR = endpoint("dkr", "Interface", "ecr.dkr", "ab")
API = endpoint("api", "Interface", "ecr.api", "ab")


def estimated(*resources: Resource, workload: Workload | None = None) -> Estimate:
    reading = Reading((*NETWORK, *resources), SETTINGS, "dev")
    return estimate(declared("preview", reading, workload), PRICES, workload)


def test_comparisons_stand_on_what_there_is() -> None:
    public = nat("nat", {"subnetId": COMPUTED, "allocationId": "eipalloc-1"}, IN_A)
    layout = estimated(public, API, DKR).layout
    assert (layout.nats, layout.addresses, layout.endpoint_zones) == (1, 1, 4)


def test_a_private_nat_gateway_is_compared_without_an_address() -> None:
    private = nat("nat", {"subnetId": COMPUTED, "connectivityType": "private"}, IN_A)
    assert estimated(private, API, DKR).layout.addresses == 0


def test_comparisons_say_what_they_assume() -> None:
    found = estimated()
    layout = found.layout
    assert (layout.nats, layout.addresses, layout.endpoint_zones) == (3, 3, 6)
    assert found.notes == (
        "the comparisons assume a NAT gateway in each of 3 zones",
        "the comparisons assume endpoints for ecr.api, ecr.dkr in 3 zones",
    )


def test_a_service_without_an_endpoint_is_compared_as_if_it_had_one() -> None:
    traffic = Traffic.model_validate({"logs": 10, "s3": 90})
    found = estimated(API, DKR, workload=Workload(traffic=traffic))
    assert found.layout.endpoint_zones == 4 + 3
    assert [one.choice for one in found.choices if one.traffic == "logs"] == [
        "endpoint for logs (not there)"
    ]
    assert (found.mix.gateway, found.mix.interface) == (Decimal("0.9"), Decimal("0.1"))


def test_traffic_for_the_internet_keeps_the_nat() -> None:
    traffic = Traffic(images=Images(gigabytes=Decimal(50)), internet=Internet(down=Decimal(50)))
    found = estimated(API, DKR, workload=Workload(traffic=traffic))
    assert found.mix.internet == Decimal("0.5")
    assert all(row.usd["no-nat"] is None for row in found.growth)
    assert "all endpoints instead of NAT" not in {one.choice for one in found.choices}


def test_traffic_between_zones_is_billed_on_both_sides() -> None:
    found = estimated(workload=Workload(inter_zone=Decimal(10)))
    assert [(line.item, line.quantity) for line in found.bill.lines] == [
        ("inter_zone_gb", Decimal(20))
    ]


def sentences(prices: PriceTable) -> tuple[str, ...]:
    """What a preview says of two private subnets that reach everything through one NAT gateway."""
    reading = read_export(Net().program.export())
    lanes = judge(network_of(reading.resources, reading.settings))
    return monthly_sentences(reading, lanes, prices)


PULL = "ecr.api, ecr.dkr, ecr.layers, s3"


def test_a_preview_names_the_month_and_the_gigabyte_of_every_refuted_lane() -> None:
    assert sentences(PRICES) == (
        "36.50 USD a month in us-east-1, whatever the traffic",
        f"{PULL} from private-a through nat: 0.045 USD a GB",
        f"{PULL} from private-b through nat: 0.045 USD a GB",
    )


def test_a_preview_marks_what_is_not_verified() -> None:
    unsure = Price("nat_gb", REGION, Decimal(), "GB", Decimal("0.045"), "secondary", "a bill", "")
    found = sentences(PRICES.replaced([unsure]))
    assert found[1] == f"{PULL} from private-a through nat: 0.045 ~ USD a GB"
    assert found[-1] == words.MEANING


def test_a_preview_marks_a_total_by_the_least_sure_of_its_prices() -> None:
    unsure = [
        Price("nat_hour", REGION, Decimal(), "hour", Decimal("0.045"), "unverified", "none", ""),
        Price("public_ipv4_hour", REGION, Decimal(), "hour", Decimal("0.005"), "secondary", "", ""),
    ]
    found = sentences(PRICES.replaced(unsure))
    assert found[0] == "36.50 ? USD a month in us-east-1, whatever the traffic"


def test_a_preview_names_the_price_that_is_missing() -> None:
    found = sentences(PriceTable([]))
    assert found[0] == "0.00 USD a month in us-east-1, whatever the traffic"
    assert "the table of prices has none for nat_hour in us-east-1 (nat)" in found[1]
    assert found[2] == f"{PULL} from private-a through nat: no known price a GB"
