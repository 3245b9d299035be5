"""The real engine on loopback: a Pulumi home, a backend of files, a simulated AWS, and stacks.

`Engine` is what all tests of a session share: the CLI, the home with the provider installed as a
plugin, and the process that serves the account. `Stack` is one stack of one program in a project
folder of its own; its account number is its own too, unless a test says otherwise.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import runpy
import shutil
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import grpc
import pulumi.automation as auto
import yaml
from pulumi.automation._server import LanguageServer
from pulumi.automation._stack import StackInitMode
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import language_pb2_grpc

import privatelane
from tests.engine.simaws import faults, journal, plan
from tests.engine.simaws.schema import package_version

if TYPE_CHECKING:
    from pulumi.automation.events import EngineEvent

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "correct horse battery staple"
REGION = "us-east-1"

# A process that ran a hundred inline programs keeps a hundred dead channels, which gRPC's global
# pool shares by address: an engine that is given the port of a dead one would be "refused" without
# a packet sent, for as long as the dead one's back-off lasts.
_GRPC_CHANNEL_OPTIONS.append(("grpc.use_local_subchannel_pool", 1))

#: Account numbers do not begin with a zero: YAML takes some of those for numbers.
_accounts = itertools.count(100_000_000_001)


@dataclass(frozen=True)
class Step:
    """What the engine did, or would do, to one resource."""

    op: str
    urn: str

    @property
    def type(self) -> str:
        return self.urn.split("::")[2].split("$")[-1]

    @property
    def name(self) -> str:
        return self.urn.rsplit("::", 1)[-1]

    def __str__(self) -> str:
        return f"{self.op} {self.type.rsplit(':', 1)[-1]} {self.name}"


@dataclass(frozen=True)
class Violation:
    """What the pack said of one resource."""

    policy: str
    level: str
    urn: str
    message: str

    @property
    def verdict(self) -> tuple[str, str, str]:
        """Without the text, which names what is known at the time."""
        return self.policy, self.level, self.urn


@dataclass
class Outcome:
    """How one command of the CLI went."""

    succeeded: bool
    output: str
    steps: list[Step]
    diagnostics: list[str]
    violations: list[Violation]

    def of(self, *ops: str) -> set[str]:
        """The names of the resources that one of the operations was done to."""
        return {step.name for step in self.steps if step.op in ops}

    def listed(self, *ops: str) -> list[str]:
        """The same with their types: `Subnet network-app-use1-az1`."""
        return sorted(
            f"{step.type.rsplit(':', 1)[-1]} {step.name}" for step in self.steps if step.op in ops
        )

    @property
    def changes(self) -> list[Step]:
        """Every step that is not `same` or a mere read."""
        return [step for step in self.steps if step.op not in {"same", "read"}]

    def expect_success(self) -> Outcome:
        """Itself, if the command succeeded; its whole output otherwise."""
        assert self.succeeded, self.output
        return self


@dataclass
class Engine:
    """The CLI and everything that it needs, for a whole test session."""

    cli: Path
    folder: Path
    endpoint: str
    python: str = sys.executable

    @property
    def socket(self) -> Path:
        """Where the process waits that provider processes are forked from."""
        return self.folder / "providers"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    def install(self) -> None:
        """Put both providers among the home's plugins, and the analyzer's starter on PATH."""
        stub = ROOT / "tests" / "engine" / "simaws" / "stub.py"
        self._install_plugin(
            "aws", package_version(), f'exec "{self.python}" -I -S "{stub}" "{self.socket}"'
        )
        self._install_plugin(
            "privatelane",
            privatelane.__version__,
            f'exec "{self.python}" "{ROOT / "components"}" "$@"',
        )
        # Where the Python language host is missing, the engine looks for this on PATH; it is run
        # with the engine's address, in the pack's folder, and has to start the pack.
        _write_executable(
            self.bin / "pulumi-analyzer-policy-python", f'exec "{self.python}" -u . "$@"'
        )

    def _install_plugin(self, name: str, version: str, command: str) -> None:
        folder = self.home / "plugins" / f"resource-{name}-v{version}"
        _write_executable(folder / f"pulumi-resource-{name}", command)

    def stack(
        self,
        program: Callable[[], None] | Path,
        config: Mapping[str, Any] | None = None,
        *,
        name: str = "dev",
        project: str = "test",
        account: str | None = None,
    ) -> Stack:
        """A new stack of a program: a function, or a project folder with its `__main__.py`.

        `config` is the stack's configuration; for a folder it is laid over `Pulumi.<name>.yaml`.
        """
        number = account or str(next(_accounts))
        folder = self.folder / "projects" / f"{project}-{name}-{number}"
        folder.mkdir(parents=True)
        settings: dict[str, Any] = {"name": project, "runtime": "python"}
        values: dict[str, Any] = {}
        run = program
        if isinstance(program, Path):
            settings = yaml.safe_load((program / "Pulumi.yaml").read_text())
            settings["runtime"] = "python"
            file = program / f"Pulumi.{name}.yaml"
            if file.exists():
                values = yaml.safe_load(file.read_text())["config"]
            run = folder_program(program)
        # Its own backend as well: the same stack of the same project may stand in many tests.
        settings["backend"] = {"url": f"file://{folder / 'state'}"}
        (folder / "state").mkdir()
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings))
        merged = {"aws:region": REGION, **values, **(config or {})}
        assert callable(run)
        return Stack(self, name, folder, run, number, merged)


class _LeanStack(auto.Stack):
    """A stack that does not ask the CLI three more times after each update how it went."""

    def outputs(self) -> auto.OutputMap:
        return {}

    def info(self, show_secrets: bool = True) -> auto.UpdateSummary:
        return auto.UpdateSummary(
            kind="update",
            start_time=datetime.fromtimestamp(0, timezone.utc),
            message="",
            environment={},
            config={},
            result="succeeded",
        )


@dataclass
class Stack:
    """One stack: its program may be replaced and its configuration changed between commands."""

    engine: Engine
    name: str
    folder: Path
    program: Callable[[], None]
    account: str
    config: dict[str, Any]
    environment: dict[str, str] = field(default_factory=dict)
    _stack: _LeanStack | None = None

    # The commands.

    def preview(self, *, policy_pack: Path | None = None, **options: Any) -> Outcome:
        """`pulumi preview`."""
        return self._run("preview", _with_pack(options, policy_pack))

    def preview_json(self) -> str:
        """What `pulumi preview --json --show-sames` prints, which the Automation API cannot say."""
        stack = self._opened()
        server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
        language = LanguageServer(self.program)
        language_pb2_grpc.add_LanguageRuntimeServicer_to_server(language, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            result = stack._run_pulumi_cmd_sync(
                [
                    "preview",
                    "--json",
                    "--show-sames",
                    f"--client=127.0.0.1:{port}",
                    "--exec-kind",
                    "auto.inline",
                ]
            )
        finally:
            server.stop(0)
        printed: str = result.stdout
        return printed

    def up(self, *, policy_pack: Path | None = None, **options: Any) -> Outcome:
        """`pulumi up`, without the preview that comes before it."""
        return self._run("up", _with_pack(options, policy_pack))

    def refresh(self, **options: Any) -> Outcome:
        """`pulumi refresh`, which does not run the program."""
        return self._run("refresh", options)

    def destroy(self, **options: Any) -> Outcome:
        """`pulumi destroy`."""
        return self._run("destroy", options)

    def set_secret(self, key: str, value: str) -> None:
        """`pulumi config set --secret`: the file then holds the value encrypted."""
        self._opened().set_config(key, auto.ConfigValue(value, secret=True))
        settings = yaml.safe_load((self.folder / f"Pulumi.{self.name}.yaml").read_text())
        self.config = settings["config"]

    def cancel(self) -> None:
        """`pulumi cancel`, which breaks the lock that a dead engine left."""
        self._opened().cancel()

    # What is there afterwards.

    def export(self) -> dict[str, Any]:
        """The stack's deployment, as `pulumi stack export` prints it."""
        return dict(self._opened().export_stack().deployment or {})

    def resources(self) -> list[dict[str, Any]]:
        """The resources in the stack's state."""
        found: list[dict[str, Any]] = self.export().get("resources", [])
        return found

    def retained(self) -> set[str]:
        """The ids of what stays in AWS when the stack is destroyed, on purpose."""
        return {resource["id"] for resource in self.resources() if resource.get("retainOnDelete")}

    def state_file(self) -> str:
        """The text of the state file, as the backend keeps it."""
        files = self.folder.glob(f"state/.pulumi/stacks/*/{self.name}.json*")
        return "\n".join(file.read_text() for file in sorted(files))

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, as the state has them."""
        root = next(r for r in self.resources() if r["type"] == "pulumi:pulumi:Stack")
        found: dict[str, Any] = root.get("outputs", {})
        return found

    def journal(self) -> list[journal.Entry]:
        """Every call that the provider has received for this stack so far."""
        return journal.read(self._journal_file)

    def forget_journal(self) -> None:
        """Begin a new journal."""
        self._journal_file.unlink(missing_ok=True)

    def client(self, service: str, region: str = REGION) -> Any:
        """A boto3 client of the stack's account."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=region,
            endpoint_url=self.engine.endpoint,
            aws_access_key_id=f"SIM{self.account}",
            aws_secret_access_key="none",
        )

    # What goes wrong.

    @contextlib.contextmanager
    def fault(self, operation: str, at: int, mode: str, type_: str = "") -> Iterator[None]:
        """The provider fails at the k-th operation of the commands inside."""
        text = {"operation": operation, "at": at, "mode": mode, "type": type_}
        self._fault_file.write_text(json.dumps(text))
        try:
            yield
        finally:
            self._fault_file.write_text("")

    @contextlib.contextmanager
    def nested_unknowns(self, mode: str) -> Iterator[None]:
        """Previews inside treat properties with an unknown part as pulumi#7854 says."""
        self.environment[plan.NESTED_UNKNOWNS] = mode
        try:
            yield
        finally:
            del self.environment[plan.NESTED_UNKNOWNS]

    # How it is done.

    @property
    def _journal_file(self) -> Path:
        return self.folder / "journal.jsonl"

    @property
    def _fault_file(self) -> Path:
        return self.folder / "fault.json"

    def _opened(self) -> auto.Stack:
        """The stack of the Automation API, with the configuration and environment of now."""
        environment = {
            "AWS_ACCESS_KEY_ID": f"SIM{self.account}",
            "AWS_ENDPOINT_URL": self.engine.endpoint,
            "AWS_SECRET_ACCESS_KEY": "none",
            "NO_COLOR": "true",
            "PATH": os.pathsep.join(
                [str(self.engine.bin), str(self.engine.cli.parent), os.environ["PATH"]]
            ),
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            faults.FAULTS: str(self._fault_file),
            journal.JOURNAL: str(self._journal_file),
            **self.environment,
        }
        if self._stack is None:
            workspace = auto.LocalWorkspace(
                work_dir=str(self.folder),
                pulumi_home=str(self.engine.home),
                program=self.program,
                env_vars=environment,
                pulumi_command=auto.PulumiCommand(
                    root=str(_install_root(self.engine)), skip_version_check=True
                ),
            )
            self._stack = _LeanStack(self.name, workspace, StackInitMode.CREATE)
        self._stack.workspace.program = self.program
        self._stack.workspace.env_vars = environment
        self._write_config()
        return self._stack

    def _write_config(self) -> None:
        """Write the configuration, and keep the salt that the CLI put into the file."""
        file = self.folder / f"Pulumi.{self.name}.yaml"
        settings = yaml.safe_load(file.read_text()) if file.exists() else {}
        file.write_text(yaml.safe_dump({**(settings or {}), "config": self.config}))

    def _run(self, command: str, options: dict[str, Any]) -> Outcome:
        stack = self._opened()
        events: list[EngineEvent] = []
        text: list[str] = []
        try:
            result = getattr(stack, command)(
                on_event=events.append, on_output=text.append, color="never", **options
            )
        except auto.CommandError as error:
            return _outcome(command, False, "\n".join([*text, str(error)]), events)
        return _outcome(command, True, "\n".join([*text, result.stderr]), events)


def folder_program(folder: Path) -> Callable[[], None]:
    """A program that runs the `__main__.py` of a project folder, as the language host would."""

    def run() -> None:
        before = set(sys.modules)
        sys.path.insert(0, str(folder))
        try:
            runpy.run_path(str(folder / "__main__.py"), run_name="__main__")
        finally:
            sys.path.remove(str(folder))
            for name in set(sys.modules) - before:
                # The project's own modules, such as `settings`, belong to this run only.
                file = getattr(sys.modules[name], "__file__", None)
                if file and Path(file).parent == folder:
                    del sys.modules[name]

    return run


def start_account() -> tuple[subprocess.Popen[str], str]:
    """Start the process that serves the account; it ends when its standard input closes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.engine.simaws.account"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    port = process.stdout.readline().strip()
    assert port.isdigit(), "the account did not start"
    return process, f"http://127.0.0.1:{port}"


def start_providers(engine: Engine) -> subprocess.Popen[str]:
    """Start the process that the engine's provider processes are forked from."""
    process = subprocess.Popen(
        [engine.python, "-m", "tests.engine.simaws.prefork", str(engine.socket)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", "the providers cannot start"
    return process


def end(process: subprocess.Popen[str]) -> None:
    """End a process that ends when its standard input closes."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    # Generous, because a machine may be busy with everything else.
    assert process.wait(timeout=60) == 0
    process.stdout.close()


def _with_pack(options: dict[str, Any], policy_pack: Path | None) -> dict[str, Any]:
    return options if policy_pack is None else {**options, "policy_packs": [str(policy_pack)]}


def _install_root(engine: Engine) -> Path:
    """A folder with `bin/pulumi`, as the Automation API looks for it."""
    link = engine.folder / "cli" / "bin" / "pulumi"
    if not link.exists():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(engine.cli)
    return link.parents[1]


def _write_executable(path: Path, command: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(f"#!/bin/sh\n{command}\n"))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def _outcome(command: str, succeeded: bool, output: str, events: list[EngineEvent]) -> Outcome:
    steps, diagnostics, violations = [], [], []
    for event in events:
        if event.resource_pre_event is not None:
            metadata = event.resource_pre_event.metadata
            if metadata.op.value != "refresh":
                steps.append(Step(metadata.op.value, metadata.urn))
        elif event.res_outputs_event is not None:
            metadata = event.res_outputs_event.metadata
            if command == "refresh":
                # What a refresh found is said afterwards: `same`, `update` or `delete`.
                steps.append(Step(metadata.op.value, metadata.urn))
        elif event.diagnostic_event is not None:
            diagnostics.append(event.diagnostic_event.message)
        elif event.policy_event is not None:
            policy = event.policy_event
            violations.append(
                Violation(
                    policy.policy_name,
                    policy.enforcement_level,
                    policy.resource_urn or "",
                    policy.message,
                )
            )
    return Outcome(succeeded, output, steps, diagnostics, violations)


def remove_tree(path: Path) -> None:
    """Remove a folder that may be in use no more."""
    shutil.rmtree(path, ignore_errors=True)
