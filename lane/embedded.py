"""A preview without an engine: runs the real program and says what it registered.

The program runs as under Pulumi's language host: the same `run_in_stack`, the same waiting for
outstanding registrations and outputs. Only the engine behind it is `lane.recorder`.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import logging
import os
import runpy
import sys
import traceback
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi.runtime
from pulumi.output import Unknown
from pulumi.runtime import _context, rpc
from pulumi.runtime._callbacks import _CallbackServicer
from pulumi.runtime.proto import engine_pb2

from lane import invokes
from lane.errors import Unusable
from lane.recorder import ASKED_PLAINLY, Recorder
from lane.resources import ROOT_TYPE, plain
from lane.stack_config import UNKNOWN_TEXT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from types import TracebackType

    from google.protobuf.struct_pb2 import Struct

    from lane.program import Project
    from lane.resources import Resource

__all__ = ["Run", "run"]

#: This package, which is no part of the program even when it lies beside it.
_LANE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Run:
    """What a program registered in a preview. Every tuple is sorted by URN."""

    project: Project
    #: The stack itself; its outputs are the program's exports.
    root: Resource
    #: Everything the program registered below it, components included.
    resources: tuple[Resource, ...]
    #: What the program reads from the account (`.get()`), of which only the id is known.
    reads: tuple[Resource, ...]
    #: Providers that Pulumi adds for resources without an explicit one.
    default_providers: tuple[Resource, ...]
    #: What this preview could not see or had to assume, one sentence each.
    notes: tuple[str, ...]

    @property
    def exports(self) -> Mapping[str, Any]:
        """The program's stack outputs."""
        return plain(self.root.outputs)


def run(
    project: Project,
    *,
    remediate: Callable[[Resource, Resource | None], Struct | None] = lambda *_: None,
    on_resource: Callable[[Resource, Resource | None], None] = lambda *_: None,
) -> Run:
    """Run the program of `project` and return what it registered.

    `on_resource` hears of each resource and its provider as it is registered, `remediate` may
    rewrite its inputs before. Raises `Unusable` when the program fails, whatever it registered
    until then.
    """
    recorder = Recorder(project, remediate=remediate, on_resource=on_resource)
    # A context of its own: the SDK keeps its settings in context variables.
    contextvars.copy_context().run(_run, project, recorder)
    root = recorder.registered[project.root_urn]
    below = {urn: kept for urn, kept in recorder.registered.items() if kept.type != ROOT_TYPE}
    return Run(
        project=project,
        root=root,
        resources=_by_urn(below),
        reads=_by_urn(recorder.read),
        default_providers=_by_urn(recorder.default_providers),
        notes=tuple(_notes(project, recorder)),
    )


def _by_urn(resources: Mapping[str, Resource]) -> tuple[Resource, ...]:
    return tuple(resources[urn] for urn in sorted(resources))


def _run(project: Project, recorder: Recorder) -> None:
    console = _Console()
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            project=project.name,
            stack=project.stack,
            monitor=recorder,
            engine=console,
            dry_run=True,
            organization="organization",  # what Pulumi calls it when the backend has none
            root_directory=str(project.root),
        )
    )
    values: dict[str, str] = {
        key: _Encrypted() if value == UNKNOWN_TEXT else value
        for key, value in project.config.values.items()
    }
    pulumi.runtime.set_all_config(values, sorted(project.config.encrypted))

    def program() -> None:
        pulumi.runtime.register_stack_transformation(functools.partial(_learn, recorder.classes))
        try:
            # By its full path: Python remembers what "." was when it looked there first.
            runpy.run_path(str(project.directory / project.entry), run_name="__main__")
        except SystemExit as leaving:
            if leaving.code not in (None, 0):
                raise Unusable(f"the program ended itself with {leaving.code!r}") from leaving

    with _place(project), _plain_invokes(), _encrypted_values(), _event_loop() as (loop, places):
        try:
            loop.run_until_complete(pulumi.runtime.run_in_stack(program))
        except Exception as error:
            raise _failure(error, places, project) from error
        finally:
            recorder.transforms.close()
    if console.errors:
        raise Unusable(f"the program reported an error: {_readable(console.errors[0])}")


def _learn(classes: dict[str, type], args: pulumi.ResourceTransformationArgs) -> None:
    """Remember which Python class stands for a type; changes nothing."""
    classes[args.type_] = type(args.resource)


class _Console:
    """The engine's log: shown on standard error; an error there fails the preview, as it does."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def Log(self, request: engine_pb2.LogRequest) -> None:  # noqa: N802 -- gRPC's name
        if request.severity == engine_pb2.DEBUG:
            return
        if request.severity == engine_pb2.ERROR:
            self.errors.append(request.message)
            return
        level = "warning" if request.severity == engine_pb2.WARNING else "info"
        print(f"{level}: {request.message}", file=sys.stderr)

    def RequirePulumiVersion(self, _request: object) -> None:  # noqa: N802 -- gRPC's name
        """There is no CLI whose version could be too old."""


class _Encrypted(str, Unknown):
    """An encrypted value as the SDK's unknown: `apply` does not run on it, nothing decrypts it."""

    __slots__ = ()

    def __new__(cls) -> _Encrypted:  # noqa: PYI034 -- Self is not in Python 3.10
        return super().__new__(cls, UNKNOWN_TEXT)


@contextlib.contextmanager
def _place(project: Project) -> Iterator[None]:
    """The folder, arguments and module path that the language host gives a program."""
    before = Path.cwd(), sys.argv, list(sys.path)
    os.chdir(project.directory)
    sys.argv = [project.entry]
    try:
        yield
    finally:
        os.chdir(before[0])
        sys.argv = before[1]
        sys.path[:] = before[2]


@contextlib.contextmanager
def _event_loop() -> Iterator[tuple[asyncio.AbstractEventLoop, _Places]]:
    """A loop for one program, which leaves nothing behind, however the program ends."""
    # Futures that nobody awaits are normal when a program fails; asyncio would report each.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    places = _Places()
    loop.set_task_factory(places.watched)
    loop.set_default_executor(_AtOnce())
    asyncio.set_event_loop(loop)
    try:
        yield loop, places
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        asyncio.set_event_loop(None)


class _AtOnce(ThreadPoolExecutor):
    """Runs the SDK's calls of the engine where they stand: ours answers without waiting.

    A call that may come back to the program over gRPC needs a thread, as transforms do, and so may
    whatever the program itself hands to the executor.
    """

    def submit(
        self,
        fn: Callable[..., Any],
        /,
        *args: Any,  # noqa: ANN401 -- the base's signature
        **named: Any,  # noqa: ANN401
    ) -> Future[Any]:
        """The result of `fn`, there when this returns if it is a call of the engine."""
        if fn.__module__ != _context.__name__ or _CallbackServicer._servicers:  # noqa: SLF001
            return super().submit(fn, *args, **named)
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **named))
        except Exception as error:  # noqa: BLE001 -- it is whoever awaits the call that handles it
            done.set_exception(error)
        return done


class _Places:
    """Where exceptions in tasks came from: asyncio forgets it once two others await the task."""

    def __init__(self) -> None:
        self._seen: list[tuple[BaseException, TracebackType | None]] = []

    def watched(
        self,
        loop: asyncio.AbstractEventLoop,
        coroutine: Any,  # noqa: ANN401 -- asyncio's own signature
        **named: Any,  # noqa: ANN401
    ) -> asyncio.Task[Any]:
        """A task whose failure is remembered before anybody else hears of it."""
        task = asyncio.Task(coroutine, loop=loop, **named)
        task.add_done_callback(self._remember)
        return task

    def _remember(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if error is not None and all(error is not seen for seen, _ in self._seen):
            self._seen.append((error, error.__traceback__))

    def of(self, error: BaseException) -> TracebackType | None:
        """The stack of `error` when it was raised, as far as it is known."""
        return next((place for seen, place in self._seen if seen is error), error.__traceback__)


@contextlib.contextmanager
def _plain_invokes() -> Iterator[None]:
    """Plain invokes get answers in which what is unknown is marked, because they cannot wait."""
    module = sys.modules["pulumi.runtime.invoke"]
    original: Callable[..., Any] = module.invoke

    @functools.wraps(original)
    def plainly(
        tok: str,
        props: pulumi.Inputs,
        opts: pulumi.InvokeOptions | None = None,
        typ: type | None = None,
        package_ref: Awaitable[str | None] | None = None,
    ) -> Any:  # noqa: ANN401 -- the SDK's own signature
        token = ASKED_PLAINLY.set(True)
        try:
            result = original(tok, props, opts, None, package_ref)
        finally:
            ASKED_PLAINLY.reset(token)
        found = result.value if isinstance(result.value, dict) else {}
        if typ is None:
            result.value = _Answer(found)
        else:
            filled = {**invokes.placeholders(typ), **found}
            result.value = rpc.translate_output_properties(filled, lambda name: name, typ)
        return result

    _set_invoke(module, plainly)
    try:
        yield
    finally:
        _set_invoke(module, original)


def _set_invoke(module: Any, function: Callable[..., Any]) -> None:  # noqa: ANN401 -- a module
    module.invoke = function
    pulumi.runtime.invoke = function


class _Answer(dict[str, Any]):
    """An answer without a declared type: what it lacks is unknown text."""

    def __missing__(self, key: str) -> str:
        return invokes.PLACEHOLDER


@contextlib.contextmanager
def _encrypted_values() -> Iterator[None]:
    """Secrets of other types than text: unknown, where the SDK would parse the missing text."""
    originals: dict[str, Callable[..., Any]] = {}
    for kind in ("bool", "float", "int", "object"):
        for name in (f"get_secret_{kind}", f"require_secret_{kind}"):
            originals[name] = getattr(pulumi.Config, name)
            setattr(pulumi.Config, name, _unless_encrypted(originals[name]))
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(pulumi.Config, name, original)


def _unless_encrypted(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def ask(config: pulumi.Config, key: str, *rest: Any, **named: Any) -> Any:  # noqa: ANN401
        value = pulumi.runtime.get_config(config.full_key(key))
        if isinstance(value, _Encrypted):
            return pulumi.Output.secret(value)
        return original(config, key, *rest, **named)

    return ask


def _failure(error: Exception, places: _Places, project: Project) -> Unusable:
    """One sentence for what went wrong in a program, with the innermost place that is its own."""
    if isinstance(error, Unusable):
        return error
    if isinstance(error, pulumi.ConfigMissingError):
        return Unusable(
            f"the program needs the configuration value {error.key}: "
            f"set it for the stack '{project.stack}'"
        )
    said = _readable(str(error)) or "no message"
    if isinstance(error, pulumi.RunError):
        return Unusable(said)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return Unusable(
            f"the program needs the Python module '{error.name.split('.')[0]}', which is not "
            "installed here: install the program's requirements.txt beside `lane`"
        )
    where = _user_frame(error, places, project)
    return Unusable(f"the program failed{where}: {type(error).__name__}: {said}")


def _user_frame(error: BaseException | None, places: _Places, project: Project) -> str:
    while error is not None:
        for frame in reversed(traceback.extract_tb(places.of(error))):
            path = (project.directory / frame.filename).resolve()
            ours = path.is_relative_to(project.root) and "site-packages" not in path.parts
            ours = ours and not path.is_relative_to(_LANE)
            if ours and path.is_file():  # there is no file behind "<frozen runpy>"
                return f" at {path.relative_to(project.root).as_posix()}, line {frame.lineno}"
        error = error.__cause__ or error.__context__
    return ""


def _readable(text: str) -> str:
    """A text on one line, without the sentinels that stand for unknown values in it."""
    text = "; ".join(line.strip() for line in text.splitlines() if line.strip())
    for mark in (invokes.PLACEHOLDER, invokes.ELEMENT, UNKNOWN_TEXT):
        text = text.replace(mark, "[unknown]")
    return text


def _notes(project: Project, recorder: Recorder) -> Iterator[str]:
    for resource in _by_urn(recorder.registered):
        if resource.remote:
            yield (
                f"{resource.type} '{resource.name}' is a remote component: its provider makes its "
                "children, so they are not shown here, and what hangs on them is unknown"
            )
    for name in project.environments:
        yield f"the Pulumi ESC environment '{name}' is not opened here: its values are missing"
    endings = {
        "called": "runs in its provider: what depends on its result is unknown",
        "unknown": "needs the account: what depends on its answer is unknown",
        "placeholders": (
            "is called plainly and needs the account: its texts are unknown, its lists are shown "
            "as one element; pass its `_output` form to keep this apart"
        ),
        "assumed": "needs the account: the usual zone names of the region are assumed",
    }
    for token in sorted(recorder.answered):
        for how in sorted(recorder.answered[token] - {"known"}):
            yield f"{token.rsplit(':', 1)[-1]} ({token.split(':', 1)[0]}) {endings[how]}"
    yield from sorted(recorder.transforms.notes)
