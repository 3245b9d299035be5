"""Fargate's table of sizes, as far as laws can be stated over it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privatelane._invalid import InvalidInput
from privatelane.ecs._fargate_sizes import (
    SIZES,
    WINDOWS_CPUS,
    check_platform,
    check_size,
    nearest_size,
    sizes,
)

CPUS = st.integers(min_value=1, max_value=40_000)
MEMORIES = st.integers(min_value=1, max_value=300_000)


def test_the_table_has_as_many_sizes_as_the_guide_lists() -> None:
    assert {cpu: len(memories) for cpu, memories in SIZES.items()} == {
        256: 3,
        512: 4,
        1024: 7,
        2048: 13,
        4096: 23,
        8192: 12,
        16384: 12,
        32768: 3,
    }


def test_the_ends_of_each_row_are_those_of_the_guide() -> None:
    ends = {cpu: (memories[0], memories[-1]) for cpu, memories in SIZES.items()}
    assert ends == {
        256: (512, 2048),
        512: (1024, 4096),
        1024: (2048, 8192),
        2048: (4096, 16384),
        4096: (8192, 30720),
        8192: (16384, 61440),
        16384: (32768, 122880),
        32768: (61440, 249856),
    }


@given(cpu=CPUS, memory=MEMORIES, windows=st.booleans())
def test_a_size_is_accepted_exactly_when_it_is_the_one_nearest_to_itself(
    cpu: int, memory: int, windows: bool
) -> None:
    if nearest_size(cpu, memory, windows=windows) == (cpu, memory):
        check_size(cpu, memory, windows=windows)
    else:
        with pytest.raises(InvalidInput):
            check_size(cpu, memory, windows=windows)


@given(cpu=CPUS, memory=MEMORIES, windows=st.booleans())
def test_the_nearest_size_is_offered_and_has_room_for_what_was_asked_if_any_has(
    cpu: int, memory: int, windows: bool
) -> None:
    near = nearest_size(cpu, memory, windows=windows)
    table = sizes(windows=windows)
    assert near[1] in table[near[0]]
    room = [(c, m) for c in table for m in table[c] if c >= cpu and m >= memory]
    assert (near in room and near == min(room)) if room else near[0] == max(table)


@given(data=st.data(), windows=st.booleans())
def test_every_size_of_the_table_is_accepted(data: st.DataObject, windows: bool) -> None:
    cpu = data.draw(st.sampled_from(sorted(sizes(windows=windows))))
    check_size(cpu, data.draw(st.sampled_from(SIZES[cpu])), windows=windows)


@pytest.mark.parametrize(
    ("cpu", "memory", "windows", "sentence"),
    [
        (
            256,
            4096,
            False,
            (
                "task.memory is 4096 with cpu 256, Fargate offers 512, 1024 or 2048 MiB there;"
                " the nearest size is cpu 512 with memory 4096"
            ),
        ),
        (
            300,
            512,
            False,
            (
                "task.cpu is 300, Fargate offers 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768"
                " to Linux tasks; the nearest size is cpu 512 with memory 1024"
            ),
        ),
        (
            8192,
            20000,
            False,
            (
                "task.memory is 20000 with cpu 8192, Fargate offers 16384 to 61440 in steps of 4096"
                " MiB there; the nearest size is cpu 8192 with memory 20480"
            ),
        ),
        (
            256,
            512,
            True,
            (
                "task.cpu is 256, Fargate offers 1024, 2048 or 4096 to Windows tasks; the nearest"
                " size is cpu 1024 with memory 2048"
            ),
        ),
    ],
)
def test_a_refusal_names_what_is_offered_and_the_nearest_size(
    cpu: int, memory: int, windows: bool, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_size(cpu, memory, windows=windows)
    assert str(refused.value) == sentence


def test_windows_has_no_rows_of_its_own() -> None:
    assert sizes(windows=True) == {cpu: SIZES[cpu] for cpu in WINDOWS_CPUS}


def test_windows_on_arm_is_refused_and_both_systems_run_on_x86() -> None:
    check_platform("X86_64", "WINDOWS_SERVER_2022_CORE")
    check_platform("ARM64", "LINUX")
    with pytest.raises(InvalidInput) as refused:
        check_platform("ARM64", "WINDOWS_SERVER_2022_CORE")
    assert str(refused.value) == (
        "task.architecture is 'ARM64' with operating_system 'WINDOWS_SERVER_2022_CORE', Fargate"
        " runs Windows on 'X86_64' only"
    )
