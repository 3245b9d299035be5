"""Generated logs whose true answer is known: the same truth in every version, format and order."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lane.traffic.files import find
from lane.traffic.inventory import Inventory, KnownNat
from lane.traffic.local import _NAMES, LocalLogs
from lane.traffic.query import ALL_TIME, Window, traffic_sql
from lane.traffic.ranges import Named, ranges, read
from tests.lane.traffic import network
from tests.lane.traffic.asking import ask, through
from tests.lane.traffic.network import NATS, START, fields_of, records, traffic, truth

#: Nothing that a format before version 3 has says which interfaces are NATs.
INVENTORY = Inventory(tuple(KnownNat(eni, eni, (eni,)) for _, eni in NATS.values()))


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Named, ...]:
    file = tmp_path_factory.mktemp("ranges") / "ip-ranges.json"
    file.write_text(json.dumps(network.IP_RANGES))
    return read([file])


@pytest.mark.parametrize("version", [5, 7, 8, 9, 10, 11])
@pytest.mark.parametrize("name", ["a.log", "a.log.gz", "a.parquet"])
def test_the_fields_alone_tell_the_truth_from_version_5_on(
    tmp_path: Path, version: int, name: str
) -> None:
    sent = traffic(version)
    write = network.write_parquet if name.endswith("parquet") else network.write_text
    write(tmp_path / name, fields_of(version), records(sent))

    answer = ask(tmp_path)

    assert through(answer) == truth(sent)
    assert {one.by for one in answer.nats} == {"interface-type" if version == 11 else "records"}
    assert {one.told_by for one in answer.lines} == {"field"}
    assert {one.seen_at for one in answer.lines} == {"nat"}
    assert answer.undecided == ()


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("name", ["a.log", "a.parquet"])
def test_versions_without_service_fields_need_the_published_ranges(
    tmp_path: Path, version: int, name: str, published: tuple[Named, ...]
) -> None:
    sent = traffic(version)
    write = network.write_parquet if name.endswith("parquet") else network.write_text
    write(tmp_path / name, fields_of(version), records(sent))

    answer = ask(tmp_path, named=published)

    assert through(answer) == truth(sent)
    assert {one.told_by for one in answer.lines} == {"ranges"}
    without = ask(tmp_path)
    assert set(without.services) == {"unknown"}
    assert sum(without.services.values()) == sum(one.out + one.back for one in truth(sent))
    assert {one.told_by for one in without.lines} == {None}


def test_version_2_tells_services_and_nats_but_not_whose_bytes_they_are(
    tmp_path: Path, published: tuple[Named, ...]
) -> None:
    sent = traffic(2)
    network.write_text(tmp_path / "a.log", fields_of(2), records(sent))

    answer = ask(tmp_path, named=published, inventory=INVENTORY)

    assert through(answer) == truth(sent, clients=False)
    assert ask(tmp_path, named=published).nats == ()


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), version=st.sampled_from([5, 9, 11]), data=st.data())
def test_neither_order_of_fields_nor_of_records_nor_files_changes_the_answer(
    seed: int, version: int, data: st.DataObject
) -> None:
    sent = traffic(seed)
    rows = data.draw(st.permutations(list(records(sent))))
    fields = fields_of(version)
    random.Random(seed).shuffle(fields)  # noqa: S311 -- not for secrets
    cut = data.draw(st.integers(0, len(rows)))
    with tempfile.TemporaryDirectory() as folder:
        network.write_text(Path(folder, "a.log.gz"), fields, rows[:cut])
        network.write_text(Path(folder, "b.log"), fields[::-1], rows[cut:])

        assert through(ask(Path(folder))) == truth(sent)


def test_formats_that_follow_one_another_in_a_folder_make_one_answer(
    tmp_path: Path, published: tuple[Named, ...]
) -> None:
    parts = {2: traffic(1), 3: traffic(3), 5: traffic(5), 11: traffic(11)}
    for number, (version, sent) in enumerate(parts.items()):
        moved = [_later(one, number * 2 * network.HOUR) for one in sent]
        write = network.write_parquet if version in (3, 11) else network.write_text
        suffix = "parquet" if version in (3, 11) else "log.gz"
        rows = (row for row in records(moved) if row["log-status"] == "OK")
        write(tmp_path / f"v{version}.{suffix}", fields_of(version), rows)

    answer = ask(tmp_path, named=published, inventory=INVENTORY)

    told = [one for version in (3, 5, 11) for one in parts[version]]
    assert sum(answer.services.values()) == sum(
        one.out + one.back for sent in parts.values() for one in truth(sent)
    )
    assert _by_client(through(answer)) == _by_client(truth(told))


def test_what_two_flow_logs_write_of_one_interface_counts_once(tmp_path: Path) -> None:
    sent = traffic(8)
    name = "123456789012_vpcflowlogs_us-east-1_fl-0{}_20261120T0000Z_{}.log.gz"
    for number, version in enumerate((11, 5, 3)):
        file = tmp_path / name.format(f"{number}abc", number)
        network.write_text(file, fields_of(version), records(sent))
    # The same format again, but of another flow log.
    network.write_text(tmp_path / name.format("9def", 9), fields_of(11), records(sent))

    assert through(ask(tmp_path)) == truth(sent)


def test_what_a_flow_log_writes_while_a_better_one_pauses_counts(tmp_path: Path) -> None:
    early, middle, late = traffic(1), traffic(2), traffic(3)
    name = "123456789012_vpcflowlogs_us-east-1_fl-0{}_20261120T0000Z_{}.log"
    moved = [_later(one, 3 * network.HOUR) for one in middle]
    last = [_later(one, 6 * network.HOUR) for one in late]
    better = [*_busy(early), *_busy(last)]
    worse = [*_busy(early), *_busy(moved), *_busy(last)]
    network.write_text(tmp_path / name.format("a", 1), fields_of(11), better)
    network.write_text(tmp_path / name.format("b", 1), fields_of(5), worse)

    assert through(ask(tmp_path)) == truth([*early, *middle, *late])


def test_a_file_counts_once_however_often_it_is_there(tmp_path: Path) -> None:
    sent = traffic(3)
    name = "123456789012_vpcflowlogs_us-east-1_fl-0abc_20261120T0000Z_1.log"
    (tmp_path / "copy").mkdir()
    for folder in (tmp_path, tmp_path / "copy"):
        network.write_text(folder / name, fields_of(11), records(sent))

    assert through(ask(tmp_path, tmp_path / name)) == truth(sent)


def test_clients_tell_when_the_nats_are_not_logged(tmp_path: Path) -> None:
    sent = traffic(4)
    network.write_text(tmp_path / "a.log", fields_of(11), records(sent, nats_logged=False))

    answer = ask(tmp_path)

    assert _by_client(through(answer)) == _by_client(one._replace(nat="") for one in truth(sent))
    assert {one.seen_at for one in answer.lines} == {"client"}
    assert answer.undecided == ()


def test_before_version_11_clients_alone_leave_it_open(tmp_path: Path) -> None:
    sent = traffic(4)
    network.write_text(tmp_path / "a.log", fields_of(10), records(sent, nats_logged=False))

    answer = ask(tmp_path)

    assert answer.lines == ()
    aws = [one for one in sent if one.way == "nat" and one.service != "internet"]
    assert sum(one.bytes for one in answer.undecided) >= sum(one.out + one.back for one in aws)
    assert {one.way for one in answer.undecided} == {"inside-vpc"}


def test_addresses_are_kept_in_memory_and_not_the_records(tmp_path: Path) -> None:
    """DuckDB takes text files for small and would turn the joins round, which fills the memory."""
    network.write_text(tmp_path / "a.log", fields_of(11), records(traffic(1, 2000)))
    with closing(LocalLogs(find([tmp_path]).formats, [], ranges([]))) as reader:
        reader.traffic(ALL_TIME, ())
        plan = reader._connection.execute(f"EXPLAIN {traffic_sql(_NAMES, ALL_TIME)}").fetchall()
    assert "LEFT" in plan[0][1]
    assert "RIGHT" not in plan[0][1]


def test_a_time_is_counted_by_the_start_of_records(tmp_path: Path) -> None:
    sent = traffic(6)
    network.write_text(tmp_path / "a.log", fields_of(11), records(sent))
    window = Window(START + 600, START + 1800)

    answer = ask(tmp_path, window=window)

    within = [one for one in sent if window.since <= one.start < window.until]
    assert through(answer) == truth(within)


def test_a_gateway_endpoint_is_no_way_through_a_nat(tmp_path: Path) -> None:
    sent = [
        network.Sent("10.0.1.5", "52.216.1.9", 10, 1000, "gateway-endpoint", START),
        network.Sent("10.0.1.5", "52.94.5.1", 20, 2000, "internet-gateway", START),
    ]
    network.write_text(tmp_path / "a.log", fields_of(5), records(sent))

    answer = ask(tmp_path)

    assert answer.lines == ()
    assert {(one.way, one.service, one.bytes) for one in answer.ways} == {
        ("gateway-endpoint", "S3", 1010),
        ("internet-gateway", "AMAZON", 2020),
    }


def test_a_task_address_that_went_to_another_task_keeps_its_subnet(tmp_path: Path) -> None:
    sent = [network.Sent("10.0.1.5", "52.216.1.9", 10, 90, "nat", START)]
    rows = list(records(sent))
    later = [
        {**row, "start": START + 3000, "end": START + 3030,
         "interface-id": str(row["interface-id"]).replace("eni-a", "eni-later")}
        for row in rows if row["log-status"] == "OK"
    ]  # fmt: skip
    network.write_text(tmp_path / "a.log", fields_of(11), [*rows, *later])

    (line,) = ask(tmp_path).lines

    assert (line.subnet, line.interface, line.address) == ("subnet-app-1", None, "10.0.1.5")
    assert line.bytes == 200


def test_a_transit_gateway_is_not_taken_for_a_nat(tmp_path: Path) -> None:
    """Its interface, too, has other addresses than its packets, but sends under theirs."""
    base = next(records([network.Sent("10.0.1.5", "52.216.1.9", 10, 90, "nat", START)]))
    there = {**base, "interface-id": "eni-tgw", "subnet-id": "subnet-tgw"}
    rows = [
        base,
        {**there, "dstaddr": "10.0.50.4", "flow-direction": "ingress"},
        {**there, "srcaddr": "10.0.50.4", "flow-direction": "egress"},
    ]
    network.write_text(tmp_path / "a.log", fields_of(10), rows)

    answer = ask(tmp_path)

    assert answer.nats == ()
    assert answer.lines == ()


def test_a_client_in_another_vpc_counts_at_the_nat_behind_the_transit_gateway(
    tmp_path: Path,
) -> None:
    sent = [network.Sent("10.0.1.5", "52.216.1.9", 10, 90, "nat", START)]
    spoke = {"vpc-id": "vpc-spoke", "next-hop-interface-type": "transit_gateway"}
    rows = [{**row, **(spoke if row["interface-id"] == "eni-a" else {})} for row in records(sent)]
    network.write_text(tmp_path / "a.log", fields_of(11), rows)

    answer = ask(tmp_path)

    assert through(answer) == truth(sent)
    assert answer.undecided == ()


def test_a_nat_instance_shows_by_what_it_does(tmp_path: Path) -> None:
    sent = [network.Sent("10.0.1.5", "52.216.1.9", 10, 90, "nat", START)]
    rows = [{**row, "interface-type": "-", "next-hop-interface-type": "-"} for row in records(sent)]
    network.write_text(tmp_path / "a.log", fields_of(11), rows)

    answer = ask(tmp_path)

    assert [(one.id, one.by) for one in answer.nats] == [("eni-nat-1", "records")]
    assert through(answer) == truth(sent)


def test_a_regional_nat_has_a_resource_and_no_interface(tmp_path: Path) -> None:
    sent = traffic(7)
    rows = [
        {**row, "interface-id": "-", "subnet-id": "-", "resource-id": "nat-1",
         "interface-type": "regional_nat_gateway"}
        if str(row["interface-id"]).startswith("eni-nat") else row
        for row in records(sent)
    ]  # fmt: skip
    network.write_text(tmp_path / "a.log", fields_of(11), rows)
    regional = Inventory((KnownNat("nat-1", "egress", ("nat-1",)),))
    expected = {one._replace(nat="nat-1") for one in truth(sent)}

    assert through(ask(tmp_path)) == expected
    assert through(ask(tmp_path, inventory=regional)) == expected
    assert [one.name for one in ask(tmp_path, inventory=regional).nats] == ["egress"]


def test_secondary_addresses_of_a_nat_are_not_its_inside(tmp_path: Path) -> None:
    sent = [
        network.Sent("10.0.1.5", "52.216.1.9", 10, 90, "nat", START),
        network.Sent("10.0.1.5", "52.216.1.9", 30, 70, "nat", START + 1),
    ]
    rows = list(records(sent))
    for row in rows:
        if row["start"] == START + 1 and row["interface-id"] == "eni-nat-1":
            for end in ("pkt-srcaddr", "pkt-dstaddr"):
                row[end] = "10.0.100.5" if row[end] == "10.0.100.4" else row[end]
    network.write_text(tmp_path / "a.log", fields_of(5), rows)

    assert through(ask(tmp_path)) == truth(sent)


@pytest.mark.parametrize("shown", ["10.0.100.4", "64:ff9b::34d8:109"])
def test_an_ipv6_client_behind_nat64_counts_as_what_it_reaches(
    tmp_path: Path, published: tuple[Named, ...], shown: str
) -> None:
    """AWS does not say which address of its own a NAT shows to it, so either must do."""
    sent = [network.Sent("10.0.1.5", "52.216.1.9", 10, 90, "nat", START)]
    six = {"10.0.1.5": "2600:1f18:1:2::5", "52.216.1.9": "64:ff9b::34d8:109"}
    rows = list(records(sent))
    for row in rows:
        if row["interface-id"] == "eni-a" or "10.0.1.5" in (row["pkt-srcaddr"], row["pkt-dstaddr"]):
            for end in ("srcaddr", "dstaddr", "pkt-srcaddr", "pkt-dstaddr"):
                row[end] = six.get(str(row[end]), row[end])
                if row["interface-id"] == "eni-nat-1" and row[end] == "10.0.100.4":
                    row[end] = shown
            row["pkt-src-aws-service"] = row["pkt-dst-aws-service"] = "-"
    network.write_text(tmp_path / "a.log", fields_of(11), rows)

    # AWS's fields name the service outside the NAT only; the ranges name it inside, too.
    (alone,) = ask(tmp_path).lines
    assert (alone.service, alone.bytes, alone.interface) == ("S3", 100, None)
    (line,) = ask(tmp_path, named=published).lines
    assert (line.service, line.bytes, line.interface) == ("S3", 100, "eni-a")


def _busy(sent: list[network.Sent]) -> list[dict[str, object]]:
    """The records without those that say nothing was sent."""
    return [row for row in records(sent) if row["log-status"] == "OK"]


def _later(one: network.Sent, seconds: int) -> network.Sent:
    return network.Sent(one.client, one.remote, one.out, one.back, one.way, one.start + seconds)


def _by_client(lines: Iterable[network.Through]) -> dict[tuple[str, str, str], tuple[int, int]]:
    """What lines with a client sum up to, whatever names the service."""
    found: dict[tuple[str, str, str], tuple[int, int]] = {}
    for one in lines:
        if one.interface is not None:
            out, back = found.get((one.nat, one.service, one.interface), (0, 0))
            found[one.nat, one.service, one.interface] = (out + one.out, back + one.back)
    return found
