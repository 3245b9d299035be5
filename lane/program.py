"""A Pulumi project on disk: its `Pulumi.yaml`, the chosen stack's configuration, its program."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lane.errors import Unusable
from lane.stack_config import StackConfig, stack_config
from lane.yaml_file import read_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Pack", "Project", "load_pack", "load_project", "project_file"]

#: The names Pulumi gives a project file, in the order it tries them.
_EXTENSIONS = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Project:
    """A Python program, the stack it is run for, and the configuration it sees."""

    name: str
    stack: str
    root: Path
    #: Where the program runs, and what Python runs there: `.` for the directory's `__main__.py`.
    directory: Path
    entry: str
    config: StackConfig
    #: Pulumi ESC environments that the stack imports; their values are not known here.
    environments: tuple[str, ...] = ()

    @property
    def root_urn(self) -> str:
        """The URN of the stack's own resource."""
        return (
            f"urn:pulumi:{self.stack}::{self.name}::pulumi:pulumi:Stack::{self.name}-{self.stack}"
        )


@dataclass(frozen=True, slots=True)
class Pack:
    """A policy pack on disk, and what runs it."""

    directory: Path
    interpreter: str
    entry: str


def load_pack(directory: Path) -> Pack:
    """The Python policy pack in `directory`, run by its own virtual environment if it has one.

    Raises `Unusable` for a folder that is none.
    """
    file = project_file(directory, "PulumiPolicy")
    if file is None:
        raise Unusable(f"--policy-pack {directory}: there is no PulumiPolicy.yaml")
    settings = read_mapping(file, _shown(file))
    runtime = settings.get("runtime")
    options = None
    if isinstance(runtime, dict):
        options = runtime.get("options")
        runtime = runtime.get("name")
    if runtime != "python":
        raise Unusable(
            f"{_shown(file)} has the runtime '{runtime}', but `lane` starts Python policy packs"
        )
    interpreter = sys.executable
    if isinstance(options, dict) and options.get("virtualenv"):
        folder = "Scripts" if os.name == "nt" else "bin"
        own = directory / str(options["virtualenv"]) / folder / "python"
        interpreter = str(own) if own.exists() else interpreter
    return Pack(directory.resolve(), interpreter, str(settings.get("main") or "."))


def project_file(directory: Path, base: str) -> Path | None:
    """`<base>.yaml` (or .json, .yml) in `directory`, if there is one."""
    return next(
        (file for ending in _EXTENSIONS if (file := directory / f"{base}{ending}").is_file()), None
    )


def load_project(directory: Path, stack: str) -> Project:
    """The project in `directory` with the configuration of `stack`.

    `stack` may be qualified as Pulumi does (`organization/project/stack`). Raises `Unusable` for
    whatever is missing, broken, or not a Python program.
    """
    if not directory.is_dir():
        raise Unusable(f"--program {directory}: there is no such directory")
    stack = stack.rsplit("/", 1)[-1]
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", stack):
        raise Unusable(f"--stack '{stack}': a stack's name is letters, digits, '.', '-' and '_'")
    file = project_file(directory, "Pulumi")
    if file is None:
        raise Unusable(f"there is no Pulumi.yaml in {_shown(directory)}: name the project's folder")
    settings = read_mapping(file, _shown(file))
    name = settings.get("name")
    if not isinstance(name, str) or not name:
        raise Unusable(f"{_shown(file)} must give the project a `name`")
    _require_python(settings, file)
    declared, config_directory = _config_sections(settings, file)
    stack_file = _stack_file(file, config_directory, stack)
    stack_settings = read_mapping(stack_file, _shown(stack_file))
    given = _mapping(stack_settings, "config", stack_file)
    program_directory, entry = _entry(settings, file)
    return Project(
        name=name,
        stack=stack,
        root=directory.resolve(),
        directory=program_directory,
        entry=entry,
        config=stack_config(name, declared, given, stack, _shown(stack_file)),
        environments=_environments(stack_settings.get("environment")),
    )


def _require_python(settings: Mapping[str, Any], file: Path) -> None:
    runtime = settings.get("runtime")
    if isinstance(runtime, dict):
        runtime = runtime.get("name")
    if not isinstance(runtime, str):
        raise Unusable(f"{_shown(file)} must name its `runtime`, such as `runtime: python`")
    if runtime != "python":
        raise Unusable(
            f"{_shown(file)} has the runtime '{runtime}', but an embedded preview runs Python "
            "only: for other programs use `pulumi preview --json` and `lane prove`"
        )


def _config_sections(settings: Mapping[str, Any], file: Path) -> tuple[Mapping[str, Any], str]:
    """The declared configuration, and the folder of the stack files below the project's."""
    folder = settings.get("stackConfigDir") or ""
    if isinstance(settings.get("config"), str):  # an old name of stackConfigDir
        if folder:
            raise Unusable(f"{_shown(file)} names the stack files' folder twice: drop `config`")
        return {}, str(settings["config"])
    return _mapping(settings, "config", file), str(folder)


def _mapping(settings: Mapping[str, Any], field: str, file: Path) -> Mapping[str, Any]:
    section = settings.get(field)
    if section is None:
        return {}
    if not isinstance(section, dict):
        raise Unusable(f"`{field}` in {_shown(file)} must be a mapping of keys to values")
    return section


def _stack_file(file: Path, folder: str, stack: str) -> Path:
    directory = file.parent / folder
    found = directory / f"Pulumi.{stack}{file.suffix}"
    if not found.is_file():
        stacks = sorted(
            path.name.removeprefix("Pulumi.").removesuffix(file.suffix)
            for path in directory.glob(f"Pulumi.?*{file.suffix}")
        )
        have = f"the stacks here are {', '.join(stacks)}" if stacks else "there is no stack file"
        raise Unusable(f"--stack {stack}: {_shown(found)} is missing; {have}")
    return found


def _entry(settings: Mapping[str, Any], file: Path) -> tuple[Path, str]:
    """Where and what Python runs, by `main` as Pulumi reads it."""
    root = file.parent.resolve()
    main = settings.get("main")
    if main is not None and not isinstance(main, str):
        raise Unusable(f"`main` in {_shown(file)} must be a path")
    path = root / (main or ".")
    if path.is_dir():
        if not (path / "__main__.py").is_file():
            raise Unusable(f"there is no __main__.py in {_shown(path if main else file.parent)}")
        return path, "."
    if not path.is_file():
        raise Unusable(f"`main` in {_shown(file)} names '{main}', which does not exist")
    return path.parent, path.name


def _environments(section: object) -> tuple[str, ...]:
    if isinstance(section, dict):
        section = section.get("imports")
    if not isinstance(section, list):
        return ()
    return tuple(
        next(iter(item)) if isinstance(item, dict) and item else str(item) for item in section
    )


def _shown(path: Path) -> str:
    """A path as a sentence calls it: relative to where the user stands, if it is below."""
    try:
        relative = path.resolve().relative_to(Path.cwd())
    except ValueError:
        return str(path)
    return "this folder" if relative == Path() else str(relative)
