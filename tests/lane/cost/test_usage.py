"""The workload file: what it says, and one sentence for what it must not."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from lane.cost.flows import Demand, demands_of
from lane.cost.usage import Logs, Workload, read_workload
from lane.errors import Unusable

ROOT = Path(__file__).resolve().parents[3]
AMOUNT = "it must be a number of gigabytes of at least 0, such as 250 or 1.5 TB"


def read(path: Path, text: str) -> Workload:
    file = path / "workload.yaml"
    file.write_text(text)
    return read_workload(file)


def test_a_pull_is_layers_from_s3_and_the_rest_from_the_registry(tmp_path: Path) -> None:
    found = read(tmp_path, "traffic: {images: {gigabytes: 1000, layers: 0.9}}")
    assert demands_of(found) == (
        Demand("ecr.layers", Decimal(900)),
        Demand("ecr.dkr", Decimal(100)),
    )


def test_every_field_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
        traffic:
          logs: 20
          s3: {gigabytes: 1.5 TB, from: ["app-*"]}
          internet: {in: 100, out: 5, from: [web]}
        inter_zone: 7
        transit: 500 MB
        tasks: {shop: 2.5}
        nodes: {workers: 4}
        auto_mode: {main: {m7i.large: 3}}
        load_balancer_units: {lb: 3}
        flow_logs: {flow: 1}
        logs: {ingested: 1, stored: 2, scanned: 3}
        """,
    )
    assert demands_of(found) == (
        Demand("logs", Decimal(20)),
        Demand("s3", Decimal(1500), ("app-*",)),
        Demand("internet", Decimal(105), ("web",), Decimal(5)),
    )
    assert (found.inter_zone, found.transit) == (Decimal(7), Decimal("0.5"))
    assert dict(found.tasks) == {"shop": Decimal("2.5")}
    assert dict(found.nodes) == {"workers": Decimal(4)}
    assert dict(found.auto_mode) == {"main": {"m7i.large": Decimal(3)}}
    assert dict(found.load_balancer_units) == {"lb": Decimal(3)}
    assert dict(found.flow_logs) == {"flow": Decimal(1)}
    assert found.logs == Logs(ingested=Decimal(1), stored=Decimal(2), scanned=Decimal(3))


def test_a_terabyte_can_be_binary_as_the_price_list_has_it(tmp_path: Path) -> None:
    found = read(tmp_path, "gigabytes_per_terabyte: 1024\ntraffic: {logs: 2 TB}")
    assert demands_of(found) == (Demand("logs", Decimal(2048)),)


def test_an_empty_file_is_no_traffic(tmp_path: Path) -> None:
    assert demands_of(read(tmp_path, "")) == ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("traffic: {images: -3}", f"traffic.images.gigabytes is -3: {AMOUNT}"),
        ("traffic: {logs: lots}", f"traffic.logs.gigabytes is 'lots': {AMOUNT}"),
        ("traffic: {logs: .inf}", f"traffic.logs.gigabytes is inf: {AMOUNT}"),
        ("traffic: {logs: true}", f"traffic.logs.gigabytes is True: {AMOUNT}"),
        ("traffic: {logs: {}}", f"traffic.logs.gigabytes is missing: {AMOUNT}"),
        (
            "traffic: {images: {gigabytes: 3, layers: 2}}",
            "traffic.images.layers is 2: it must be a share from 0 to 1, such as 0.98",
        ),
        ("trafic: {}", "there is no field trafic"),
        ("traffic: {logs: {gigabytes: 1, form: [a]}}", "there is no field traffic.logs.form"),
        (
            "traffic: {Logs_: 3}",
            (
                "traffic.Logs_: service 'Logs_' must be what follows the region in an endpoint "
                "service's name, such as 'logs' or 'ecr.api'"
            ),
        ),
        ("traffic: 3", "traffic is 3: it must be a mapping such as {logs: 20}"),
        ("traffic: {internet: 3}", "traffic.internet is 3: it must be a mapping such as {in: 20}"),
        ("gigabytes_per_terabyte: 7", "gigabytes_per_terabyte is 7: it must be 1000 or 1024"),
        ("tasks: {a: no}", "tasks.a is 'no': it must be a number of at least 0, such as 2 or 1.5"),
        (
            "traffic: {logs: {gigabytes: 1, from: []}}",
            (
                "traffic.logs.from is []: it must be a list of subnet names or patterns, "
                "such as [app-*]"
            ),
        ),
        (
            "traffic: {logs: {gigabytes: 1, from: app}}",
            (
                "traffic.logs.from is 'app': it must be a list of subnet names or patterns, "
                "such as [app-*]"
            ),
        ),
    ],
)
def test_bad_input_gets_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(Unusable) as raised:
        read(tmp_path, text)
    assert str(raised.value) == f"{tmp_path / 'workload.yaml'}: {sentence}"


def test_the_example_file_is_one_and_the_page_names_every_field() -> None:
    example = read_workload(ROOT / "examples" / "workload.yaml")
    assert example.has_traffic
    page = (ROOT / "docs" / "cost.md").read_text()
    assert [name for name in Workload.model_fields if f"`{name}" not in page] == []
