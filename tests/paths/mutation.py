"""Change the prover one small step at a time and see whether the tests notice: mutation testing.

mutmut writes the mutants; they are run here, because a process a mutant that starts pytest anew
takes hours. Pytest collects once, notes which functions each test reaches, and every mutant is one
fork of that process that runs the tests which reach it, those first that noticed most so far.

`make mutation` runs it. The hypothesis tests take fixed examples and shrink nothing.
"""

from __future__ import annotations

import ast
import cProfile
import difflib
import gc
import importlib
import json
import os
import random
import re
import resource
import shlex
import shutil
import signal
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Annotated, Any

import pytest
import typer
from hypothesis import HealthCheck, Phase, settings

PACKAGE = "privatelane_paths"
ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "policies" / PACKAGE
WORK = ROOT / ".cache" / "mutation"
RESULTS = Path(os.environ.get("MUTATION_RESULTS", WORK / "results.json"))
_ADDRESS_SPACE = 4 * 2**30
#: The readers of sources are no part of the prover, and their tests reach all of it slowly.
_TESTS = "tests/paths --ignore=tests/paths/sources"
_TRAMPOLINE = "mutmut.mutation.trampoline"

KILLED, SURVIVED, TIMEOUT, UNREACHED = "killed", "survived", "timeout", "no tests"


def write_mutants() -> None:
    """Write the package, in each module all of its mutants beside each other."""
    # Imported here and by name: it is no dependency of the tests, and installed beside them.
    sys.path.append(str(WORK / "lib"))
    mutmut: Any = importlib.import_module("mutmut.mutation.file_mutation")
    here = WORK / PACKAGE
    sources = {one.name: one.read_text() for one in SOURCE.glob("*.py")}
    kept = WORK / "sources.json"
    before = json.loads(kept.read_text()) if kept.exists() else {}
    shutil.rmtree(here / "sources", ignore_errors=True)
    shutil.copytree(SOURCE, here, ignore=shutil.ignore_patterns("*.py[co]"), dirs_exist_ok=True)
    for name, text in sources.items():
        if name == "__init__.py":
            continue
        if before.get(name) != text:
            (WORK / name).write_text(mutmut.mutate_file_contents(name, text).code)
        shutil.copy(WORK / name, here / name)
    kept.write_text(json.dumps(sources))


class Switch:
    """Every mutated function, and how to put one mutant into its place.

    Swapping the code of the function itself costs nothing at a call and reaches every import.
    """

    def __init__(self) -> None:
        self.functions: dict[str, FunctionType] = {}
        self.mutants: dict[str, dict[str, Any]] = {}
        self.of: dict[CodeType | str, str] = {}

    def install(self) -> None:
        """Stand in for mutmut's own trampoline in what is imported from now on."""
        stand_in: Any = ModuleType(_TRAMPOLINE)
        stand_in.MutantDict = dict
        stand_in.wrap_in_trampoline = self.wrap
        for name in ("mutmut", "mutmut.mutation"):
            sys.modules.setdefault(name, ModuleType(name))
        sys.modules[_TRAMPOLINE] = stand_in

    def wrap(self, mutants: dict[str, Any], **_: object) -> Any:
        def keep(function: FunctionType) -> FunctionType:
            module = function.__module__.rpartition(".")[2]
            name = f"{module}.{function.__qualname__}"
            self.functions[name] = function
            self.mutants[name] = mutants
            self.of[function.__code__] = name
            return function

        return keep

    def where(self) -> dict[str, str]:
        """The function of each mutant, by `module.mutant`."""
        return {
            f"{name.partition('.')[0]}.{mutant}": name
            for name, mutants in self.mutants.items()
            for mutant in mutants
            if mutant != "_mutmut_orig"
        }

    def activate(self, mutant: str, name: str) -> None:
        """Put a mutant into the place of its function, and forget what the function answered."""
        mutated = self.mutants[name][mutant.partition(".")[2]]
        mutated = getattr(mutated, "__func__", mutated)
        function = self.functions[name]
        function.__code__ = mutated.__code__
        function.__defaults__ = mutated.__defaults__
        function.__kwdefaults__ = mutated.__kwdefaults__
        for module in [one for key, one in sys.modules.items() if key.startswith(PACKAGE)]:
            for held in list(vars(module).values()):
                if hasattr(held, "cache_clear"):
                    held.cache_clear()


@dataclass
class Runner:
    """A pytest plugin that runs mutants instead of tests."""

    switch: Switch
    wanted: list[str]
    children: int
    budget: float
    found: dict[str, dict[str, Any]]
    seconds: dict[int, float] = field(default_factory=dict)
    reach: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    kills: Counter[int] = field(default_factory=Counter)
    near: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Take Hypothesis' fixed examples, and do not shrink: a mutant is noticed or is not."""
        settings.register_profile(
            "mutation",
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        settings.load_profile("mutation")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """All mutants, each in a fork."""
        self._measure(session.items)
        where = self.switch.where()
        unknown = [one for one in self.wanted if one not in where]
        assert not unknown, unknown[:5]
        gc.collect()
        gc.freeze()
        running: dict[int, tuple[str, int]] = {}
        done = 0
        start = time.monotonic()
        for mutant in self.wanted:
            if not self.reach[where[mutant]]:
                self.found[mutant] = {"status": UNREACHED}
                continue
            if len(running) >= self.children:
                self._wait(running, session.items, where)
                done += 1
                if done % 100 == 0:
                    self._tell(done, start)
            self._start(mutant, where[mutant], session.items, running)
        while running:
            self._wait(running, session.items, where)
        self._tell(len(self.wanted), start)
        return True

    def _tell(self, done: int, start: float) -> None:
        RESULTS.write_text(json.dumps(self.found, indent=0, sort_keys=True))
        counts = Counter(one["status"] for one in self.found.values())
        sys.stderr.write(f"{done}/{len(self.wanted)} {time.monotonic() - start:.0f}s {counts}\n")

    def _measure(self, items: list[pytest.Item]) -> None:
        """Run every test once without a mutant: how long it takes, and what it reaches."""
        of = self.switch.of
        for place, item in enumerate(items):
            profile = cProfile.Profile(builtins=False)
            start = time.process_time()
            profile.enable()
            passed = _passes(item)
            profile.disable()
            seen = {of[one.code] for one in profile.getstats() if one.code in of}
            self.seconds[place] = time.process_time() - start
            if not passed:
                sys.exit(f"{item.nodeid} fails without a mutant")
            for name in seen:
                self.reach[name].add(place)
        # A test that changes what it shares with its next run would notice every mutant.
        if again := [item.nodeid for item in items if not _passes(item)]:
            sys.exit(f"{again} fail when they are run a second time")
        sys.stderr.write(f"{len(items)} tests, {sum(self.seconds.values()):.1f}s\n")

    def _order(self, name: str) -> list[int]:
        """The tests that reach a function, those first that notice much in little time."""
        near = self.near[name]
        places = sorted(
            self.reach[name],
            key=lambda one: -(20 * near[one] + self.kills[one] + 0.1) / (self.seconds[one] + 0.004),
        )
        spent = 0.0
        chosen: list[int] = []
        for one in places:
            spent += self.seconds[one]
            if spent > self.budget and chosen:
                break
            chosen.append(one)
        return chosen

    def _start(
        self,
        mutant: str,
        name: str,
        items: list[pytest.Item],
        running: dict[int, tuple[str, int]],
    ) -> None:
        order = self._order(name)
        reader, writer = os.pipe()
        child = os.fork()
        if child:
            os.close(writer)
            running[child] = (mutant, reader)
            return
        os.close(reader)
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
            signal.setitimer(signal.ITIMER_PROF, 10 + 5 * sum(self.seconds[one] for one in order))
            self.switch.activate(mutant, name)
            code = 0
            for one in order:
                if not _passes(items[one]):
                    os.write(writer, str(one).encode())
                    code = 1
                    break
        except BaseException:  # noqa: BLE001 - whatever a mutant raises, it was noticed
            code = 1
        finally:
            os._exit(code)

    def _wait(
        self,
        running: dict[int, tuple[str, int]],
        items: list[pytest.Item],
        where: dict[str, str],
    ) -> None:
        child, status, used = os.wait4(-1, 0)
        mutant, reader = running.pop(child)
        told = os.read(reader, 32).decode()
        os.close(reader)
        cpu = round(used.ru_utime + used.ru_stime, 3)
        if os.WIFSIGNALED(status):
            late = os.WTERMSIG(status) == signal.SIGPROF
            self.found[mutant] = {"status": TIMEOUT if late else KILLED}
            return
        if os.WEXITSTATUS(status) == 0:
            self.found[mutant] = {"status": SURVIVED, "cpu": cpu}
            return
        self.found[mutant] = {"status": KILLED, "cpu": cpu}
        if told:
            place = int(told)
            self.kills[place] += 1
            self.near[where[mutant]][place] += 1
            self.found[mutant]["by"] = items[place].nodeid


def _passes(item: pytest.Item) -> bool:
    from _pytest.runner import runtestprotocol  # noqa: PLC0415

    reports = runtestprotocol(item, log=False, nextitem=None)
    return all(not one.failed for one in reports)


def difference(mutant: str) -> str:
    """What a mutant changes, line by line."""
    module, _, name = mutant.partition(".")
    text = (WORK / PACKAGE / f"{module}.py").read_text()
    base = name.rpartition("__mutmut_")[0]
    bodies: dict[str, list[str]] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name in (name, f"{base}__mutmut_orig"):
            lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
            bodies[node.name] = [line.strip().replace(node.name, base) for line in lines]
    found = difflib.unified_diff(bodies[f"{base}__mutmut_orig"], bodies[name], n=0, lineterm="")
    return "\n".join(one for one in found if not one.startswith(("---", "+++", "@@")))


def main(
    only: Annotated[str, typer.Option(help="only mutants whose name this expression finds")] = "",
    survivors: Annotated[bool, typer.Option(help="only those that survived the last run")] = False,
    sample: Annotated[int, typer.Option(help="this many mutants, drawn evenly; 0: all")] = 0,
    children: Annotated[int, typer.Option(help="mutants at a time")] = 2,
    budget: Annotated[float, typer.Option(help="seconds of tests a mutant, at most")] = 20.0,
    tests: Annotated[str, typer.Option(help="what pytest collects")] = _TESTS,
) -> None:
    """Run the mutants of the prover and write what became of each."""
    write_mutants()
    switch = Switch()
    switch.install()
    sys.path[:0] = [str(WORK), str(ROOT)]
    for module in sorted(one.stem for one in SOURCE.glob("*.py") if one.stem != "__init__"):
        importlib.import_module(f"{PACKAGE}.{module}")
    here = Path(str(sys.modules[PACKAGE].__file__)).parent
    assert here == WORK / PACKAGE, here
    found: dict[str, dict[str, Any]] = {}
    if RESULTS.exists() and (survivors or only):
        found = json.loads(RESULTS.read_text())
    wanted = [one for one in sorted(switch.where()) if re.search(only, one)]
    if sample:
        wanted = random.Random(sample).sample(wanted, sample)  # noqa: S311 - the same each time
    if survivors:
        open_ones = (SURVIVED, UNREACHED)
        wanted = [one for one in wanted if found.get(one, {}).get("status") in open_ones]
    runner = Runner(switch, wanted, children, budget, found)
    pytest.main(
        ["-q", "--assert=plain", "--tb=no", "-p", "no:stepwise", *shlex.split(tests)],
        plugins=[runner],
    )


if __name__ == "__main__":
    typer.run(main)
