"""Traffic from CloudWatch: the right metrics, both directions of a NAT, scaled to a month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from lane.cost.inventory import EndpointCount, Inventory, NatCount
from lane.cost.measured import Measured, NatBytes
from lane.sources.aws import metrics, read_traffic
from lane.sources.describe import Answers
from privatelane_paths.facts import EndpointKind
from tests.lane.cost.tables import REGION

START = date(2026, 10, 1)
NAT_DIMENSION = [{"Name": "NatGatewayId", "Value": "nat-1"}]
ENDPOINT_DIMENSIONS = [
    {"Name": "Endpoint Type", "Value": "Interface"},
    {"Name": "Service Name", "Value": f"com.amazonaws.{REGION}.ecr.dkr"},
    {"Name": "VPC Endpoint Id", "Value": "vpce-1"},
    {"Name": "VPC Id", "Value": "vpc-1"},
]
PLACE = Answers(
    "123456789012",
    REGION,
    {"NatGateways": [{"NatGatewayId": "nat-1"}], "VpcEndpoints": [{"VpcEndpointId": "vpce-1"}]},
)
BEGIN = datetime(2026, 10, 1, tzinfo=timezone.utc)


class Session(boto3.Session):
    """A session whose every CloudWatch client is one that answers what a test says."""

    def __init__(self) -> None:
        super().__init__(aws_access_key_id="AKIA", aws_secret_access_key="none")
        self.made = boto3.client(
            "cloudwatch",
            region_name=REGION,
            aws_access_key_id="AKIA",
            aws_secret_access_key="none",
        )

    def client(self, service_name: str, **_: Any) -> Any:  # type: ignore[override]
        assert service_name == "cloudwatch"
        return self.made


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def stub(session: Session) -> Iterator[Stubber]:
    with Stubber(session.made) as found:
        yield found
        found.assert_no_pending_responses()


def expect(
    stub: Stubber,
    name: str,
    dimensions: list[list[dict[str, str]]],
    *,
    ask: int,
    values: list[float],
) -> None:
    """AWS has the metric under these dimensions; the one at `ask` is asked for and has values."""
    nat = name.startswith("BytesIn")
    namespace = "AWS/NATGateway" if nat else "AWS/PrivateLinkEndpoints"
    stub.add_response(
        "list_metrics",
        {
            "Metrics": [
                {"Namespace": namespace, "MetricName": name, "Dimensions": one}
                for one in dimensions
            ]
        },
        {"Namespace": namespace, "MetricName": name},
    )
    stub.add_response(
        "get_metric_data",
        {"MetricDataResults": [{"Id": "m0", "Values": values}]},
        {
            "MetricDataQueries": [
                {
                    "Id": "m0",
                    "MetricStat": {
                        "Metric": {
                            "Namespace": namespace,
                            "MetricName": name,
                            "Dimensions": dimensions[ask],
                        },
                        "Period": 86_400,
                        "Stat": "Sum",
                    },
                }
            ],
            "StartTime": BEGIN,
            "EndTime": BEGIN + timedelta(days=2),
        },
    )


def test_the_metrics_are_aws_s_own_and_each_is_asked_for_as_a_whole(
    session: Session, stub: Stubber
) -> None:
    by_subnet = [*ENDPOINT_DIMENSIONS, {"Name": "Subnet Id", "Value": "subnet-1"}]
    expect(stub, "BytesInFromSource", [NAT_DIMENSION], ask=0, values=[1e9, 2e9])
    expect(stub, "BytesInFromDestination", [NAT_DIMENSION], ask=0, values=[5e9])
    expect(stub, "BytesProcessed", [by_subnet, ENDPOINT_DIMENSIONS], ask=1, values=[7e9])

    found = read_traffic([PLACE], START, 2, session=session)

    assert found.up == {"nat-1": Decimal(3_000_000_000)}
    assert found.down == {"nat-1": Decimal(5_000_000_000)}
    assert found.endpoints == {"vpce-1": Decimal(7_000_000_000)}
    assert found.unread == ()


def test_a_regional_nat_gateway_that_has_its_zones_alone_is_their_sum(
    session: Session, stub: Stubber
) -> None:
    zones = [
        [*NAT_DIMENSION, {"Name": "AvailabilityZone", "Value": f"{REGION}{letter}"}]
        for letter in "ab"
    ]
    stub.add_response(
        "list_metrics",
        {
            "Metrics": [
                {
                    "Namespace": "AWS/NATGateway",
                    "MetricName": "BytesInFromSource",
                    "Dimensions": one,
                }
                for one in zones
            ]
        },
    )
    stub.add_response(
        "get_metric_data",
        {"MetricDataResults": [{"Id": "m0", "Values": [1.0]}, {"Id": "m1", "Values": [2.0]}]},
    )
    found = metrics.read_metrics(session, REGION, metrics.UP, {"nat-1"}, START, 2)
    assert found == ({"nat-1": Decimal(3)}, "")


def test_a_denied_metric_is_named_and_the_others_are_read(session: Session, stub: Stubber) -> None:
    stub.add_client_error("list_metrics", "AccessDenied", http_status_code=403)
    expect(stub, "BytesInFromDestination", [NAT_DIMENSION], ask=0, values=[5e9])
    expect(stub, "BytesProcessed", [ENDPOINT_DIMENSIONS], ask=0, values=[])

    found = read_traffic([PLACE], START, 2, session=session)

    assert found.up == {}
    assert found.down == {"nat-1": Decimal(5_000_000_000)}
    assert found.endpoints == {"vpce-1": Decimal(0)}
    assert found.unread == (
        f"BytesInFromSource of {REGION} is not known: cloudwatch:ListMetrics: AccessDenied",
    )


def measured(
    nats: Mapping[str, NatBytes], endpoints: Mapping[str, Decimal], gigabyte: int = 10**9
) -> Measured:
    return Measured(START, 73, nats, endpoints, gigabyte)


INVENTORY = Inventory(
    nats=(
        NatCount("nat-1", "front", REGION),
        NatCount("nat-2", "idle", REGION, regional=True),
    ),
    endpoints=(
        EndpointCount("vpce-1", "dkr", REGION, "ecr.dkr", EndpointKind.INTERFACE, 2),
        EndpointCount("vpce-2", "s3", REGION, "s3", EndpointKind.GATEWAY),
    ),
)


def test_a_nat_is_billed_for_what_comes_in_from_either_side_and_once() -> None:
    # 73 days are 1,752 hours: a month of 730 hours has 730/1752 of their bytes.
    found = measured(
        {"nat-1": NatBytes(Decimal(12 * 10**9), Decimal(12 * 10**9))},
        {"vpce-1": Decimal(24 * 10**9)},
    ).charges(INVENTORY)
    assert [(one.item, one.key, one.quantity) for one in found] == [
        ("nat_gb", "nat-1", Decimal(10)),
        ("interface_endpoint_gb", "vpce-1", Decimal(10)),
    ]


def test_a_gigabyte_can_be_binary_as_the_price_list_has_it() -> None:
    traffic = {"nat-2": NatBytes(Decimal(), Decimal(24 * 2**30))}
    (found,) = measured(traffic, {}, 2**30).charges(INVENTORY)
    assert (found.item, found.quantity) == ("regional_nat_gb", Decimal(10))


def test_the_notes_say_the_window_the_directions_and_what_has_no_metrics() -> None:
    told = measured({"nat-1": NatBytes(Decimal(24 * 10**8), Decimal(24 * 10**9))}, {}).notes(
        INVENTORY
    )
    assert told[:3] == (
        "traffic as CloudWatch measured it from 2026-10-01 to 2026-12-12, for a month of 730 hours",
        "front: 10.00 GB a month downloaded, 1.00 GB sent",
        "idle has no metrics in that time",
    )
