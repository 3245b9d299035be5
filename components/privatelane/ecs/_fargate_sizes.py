"""The task sizes that Fargate offers.

CPU is counted in units of 1/1024 vCPU and memory in MiB, as a task definition does. Source: Amazon
ECS developer guide, "Task CPU and memory" of the Fargate task definition differences, as read in
October 2026 (the row of 32 vCPU is the newest).
"""

from __future__ import annotations

from privatelane._invalid import InvalidInput, listing

_GIB = 1024

#: CPU units and the memory that goes with them. Linux takes all rows.
SIZES: dict[int, tuple[int, ...]] = {
    256: (512, 1 * _GIB, 2 * _GIB),
    512: tuple(range(1 * _GIB, 4 * _GIB + 1, _GIB)),
    1024: tuple(range(2 * _GIB, 8 * _GIB + 1, _GIB)),
    2048: tuple(range(4 * _GIB, 16 * _GIB + 1, _GIB)),
    4096: tuple(range(8 * _GIB, 30 * _GIB + 1, _GIB)),
    8192: tuple(range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB)),
    16384: tuple(range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB)),
    32768: (60 * _GIB, 120 * _GIB, 244 * _GIB),
}

#: The rows that Windows tasks may use: from 1 to 4 vCPU.
WINDOWS_CPUS = (1024, 2048, 4096)

#: The processors a task may ask for, as `runtimePlatform.cpuArchitecture` spells them.
ARCHITECTURES = ("X86_64", "ARM64")

#: What `runtimePlatform.operatingSystemFamily` may be on Fargate.
OPERATING_SYSTEMS = (
    "LINUX",
    "WINDOWS_SERVER_2019_CORE",
    "WINDOWS_SERVER_2019_FULL",
    "WINDOWS_SERVER_2022_CORE",
    "WINDOWS_SERVER_2022_FULL",
)


def sizes(*, windows: bool = False) -> dict[int, tuple[int, ...]]:
    """Return the rows of the table that the operating system may use."""
    return {cpu: SIZES[cpu] for cpu in WINDOWS_CPUS} if windows else SIZES


def nearest_size(cpu: int, memory: int, *, windows: bool = False) -> tuple[int, int]:
    """Return the smallest size that holds what is asked for, or the largest when none does."""
    table = sizes(windows=windows)
    holding = [
        (row, offered)
        for row in table
        for offered in table[row]
        if row >= cpu and offered >= memory
    ]
    largest = max(table)
    return min(holding, default=(largest, table[largest][-1]))


def check_size(cpu: int, memory: int, *, windows: bool = False, field: str = "task") -> None:
    """Accept a size that Fargate offers.

    `cpu` is in CPU units (1024 are one vCPU), `memory` in MiB.

    Raises:
        InvalidInput: Fargate has no such task; the sentence names the nearest size that has room.

    """
    table = sizes(windows=windows)
    near_cpu, near_memory = nearest_size(cpu, memory, windows=windows)
    near = f"the nearest size is cpu {near_cpu} with memory {near_memory}"
    system = "Windows" if windows else "Linux"
    if cpu not in table:
        raise InvalidInput(
            f"{field}.cpu is {cpu}, Fargate offers {listing(table)} to {system} tasks; {near}"
        )
    if memory not in table[cpu]:
        raise InvalidInput(
            f"{field}.memory is {memory} with cpu {cpu}, Fargate offers {_span(table[cpu])} MiB"
            f" there; {near}"
        )


def check_platform(architecture: str, operating_system: str, *, field: str = "task") -> None:
    """Accept an operating system on a processor that Fargate has it on.

    Raises:
        InvalidInput: Windows is asked for on ARM64.

    """
    if architecture == "ARM64" and operating_system != "LINUX":
        raise InvalidInput(
            f"{field}.architecture is 'ARM64' with operating_system {operating_system!r}, Fargate"
            " runs Windows on 'X86_64' only"
        )


def _span(offered: tuple[int, ...]) -> str:
    step = offered[1] - offered[0]
    if len(offered) > 3 and offered == tuple(range(offered[0], offered[-1] + 1, step)):  # noqa: PLR2004 - three values read better one by one
        return f"{offered[0]} to {offered[-1]} in steps of {step}"
    return listing(offered)
