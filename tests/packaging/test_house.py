"""The house keeps its own rules: who may import whom, what a commit may hold, what a lock must."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import tomli
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")
PYTHONS = ("3.10", "3.11", "3.12", "3.13")

#: Private modules of the components that are wiring, not calculation, and so may name Pulumi. No
#: pure module may import one of them.
WIRING = {"_component.py", "_endpoint_network.py", "_network_children.py", "_plugin.py", "_tags.py"}


def python_files(*patterns: str) -> list[Path]:
    """The files that a law is about; a law about nothing would pass for ever, so it fails here."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern)}
    paths = sorted(path for path in found if "venv" not in path.parts)
    assert paths, f"no file matches {patterns}"
    return paths


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports anywhere, in functions too, by its absolute name."""
    package = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            # components/ and policies/ are put on sys.path; the other packages stand at the root.
            first = 1 if package[0] in {"components", "policies"} else 0
            base = package[first : len(package) - node.level]
            yield ".".join((*base, *filter(None, [node.module])))
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def foreign(paths: list[Path], allowed: frozenset[str]) -> list[str]:
    """Which file imports which top-level module outside the allowed ones."""
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in paths
        for name in imports(path)
        if name.partition(".")[0] not in allowed
    ]


def test_the_prover_imports_only_the_standard_library() -> None:
    allowed = sys.stdlib_module_names | {"privatelane_paths"}

    assert foreign(python_files("policies/privatelane_paths/**/*.py"), allowed) == []


def test_the_pack_imports_nothing_that_is_not_published_with_it() -> None:
    # What policies/requirements.txt installs (pulumi itself needs gRPC and protobuf), and what the
    # pack's own folder holds.
    allowed = sys.stdlib_module_names | {
        "google",
        "grpc",
        "privatelane_paths",
        "privatelane_rules",
        "pulumi",
        "pulumi_policy",
    }

    assert foreign(python_files("policies/**/*.py"), allowed) == []


def test_components_import_neither_the_pack_nor_lane() -> None:
    forbidden = {"lane", "privatelane_paths", "privatelane_rules"}

    assert [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in python_files("components/**/*.py")
        for name in imports(path)
        if name.partition(".")[0] in forbidden
    ] == []


def test_pure_calculation_of_the_components_does_not_know_pulumi() -> None:
    pure = [
        path
        for path in python_files("components/privatelane/_*.py")
        if not path.name.startswith("__") and path.name not in WIRING
    ]
    assert pure, "no pure module is left to check"

    assert foreign(pure, sys.stdlib_module_names | {"privatelane"}) == []
    assert [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in pure
        for name in imports(path)
        if name.startswith("privatelane.")
        and not (name.startswith("privatelane._") and f"{name.rpartition('.')[2]}.py" not in WIRING)
    ] == []


def git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments],  # noqa: S607
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def committed() -> list[Path]:
    found = [ROOT / name for name in git("ls-files", "-z").split("\0") if name]
    assert found, "git lists no files"
    return [path for path in found if path.is_file()]


# Spelt in pieces, or this file would be the first to break the law.
REGISTRIES = [
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "npmjs" + ".org",
    "yarnpkg" + ".com",
    "proxy.golang" + ".org",
    "sum.golang" + ".org",
]
MACHINE_PATH = re.compile(r"(?<![\w.$}~/-])/(?:work|root|tmp|home/\w+|Users/\w+|opt/wheels)/[\w.]")


def test_no_committed_file_names_a_package_registry_or_a_machine_path() -> None:
    named = []
    for path in committed():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        named += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
            for number, line in enumerate(lines, 1)
            if MACHINE_PATH.search(line) or any(host in line for host in REGISTRIES)
        ]

    assert named == []


@pytest.mark.parametrize(
    "line", ["see /{}work/main", '"/{}root/.cache"', "cd /{}home/me/x", "(/{}tmp/a"]
)
def test_a_machine_path_is_recognised(line: str) -> None:
    assert MACHINE_PATH.search(line.format(""))


@pytest.mark.parametrize(
    "line", ["mounts /tmp, writable", "lane/tmp/x", "s3://b/root/x", "$HOME/x"]
)
def test_a_path_inside_a_container_or_a_repository_is_no_machine_path(line: str) -> None:
    assert not MACHINE_PATH.search(line)


def test_nothing_that_a_tool_left_behind_is_committed() -> None:
    left = re.compile(r"\.egg-info(/|$)|(^|/)(__pycache__|\.cache|\.venv|venv|node_modules)/")

    assert [
        str(path.relative_to(ROOT))
        for path in committed()
        if left.search(path.relative_to(ROOT).as_posix())
    ] == []


def test_no_committed_file_is_ignored_because_pulumi_would_not_publish_it_with_the_pack() -> None:
    assert git("ls-files", "--cached", "--ignored", "--exclude-standard") == ""


class Pin(NamedTuple):
    """One entry of a lock."""

    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> Version:
        (pinned,) = self.requirement.specifier
        assert pinned.operator == "==", self.requirement
        return Version(pinned.version)

    def applies(self, environment: dict[str, str]) -> bool:
        marker = self.requirement.marker
        return marker is None or marker.evaluate(dict(environment))


def lock(name: str) -> list[Pin]:
    text = re.sub(r"^\s*#.*\n", "", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    entries = text.replace("\\\n", " ").splitlines()
    pins = []
    for entry in filter(str.strip, entries):
        requirement, *hashes = entry.split("--hash=")
        pins.append(Pin(Requirement(requirement.strip()), tuple(map(str.strip, hashes))))
    assert pins, f"{name} pins nothing"
    return pins


@pytest.mark.parametrize("name", LOCKS)
def test_every_entry_of_a_lock_is_a_pin_with_hashes(name: str) -> None:
    sha256 = re.compile(r"sha256:[0-9a-f]{64}")

    for pin in lock(name):
        assert pin.requirement.url is None, pin
        assert str(pin.requirement.specifier) == f"=={pin.version}", pin
        assert pin.hashes, pin
        assert all(sha256.fullmatch(found) for found in pin.hashes), pin


def environments() -> Iterator[dict[str, str]]:
    for python in PYTHONS:
        for system, platform in (("Linux", "linux"), ("Darwin", "darwin")):
            yield {
                "python_version": python,
                "python_full_version": f"{python}.1",
                "implementation_name": "cpython",
                "platform_python_implementation": "CPython",
                "sys_platform": platform,
                "platform_system": system,
                "os_name": "posix",
            }


def manifest(path: str) -> dict[str, Any]:
    return tomli.loads((ROOT / path).read_text(encoding="utf-8"))


def declared(lock_name: str) -> list[Requirement]:
    """What the three manifests ask for by name, and the development tools for their lock."""
    house = manifest("pyproject.toml")
    pack = (ROOT / "policies" / "requirements.txt").read_text(encoding="utf-8")
    asked = [
        *house["project"]["dependencies"],
        *manifest("components/pyproject.toml")["project"]["dependencies"],
        *(line for line in pack.splitlines() if line.strip() and not line.startswith("#")),
    ]
    if lock_name == "requirements-dev.txt":
        asked += house["dependency-groups"]["dev"]
    return [Requirement(text) for text in asked]


@pytest.mark.parametrize("name", LOCKS)
def test_every_supported_python_gets_one_version_of_each_thing_and_it_is_one_that_was_asked_for(
    name: str,
) -> None:
    pins = lock(name)
    for environment in environments():
        applying = [pin for pin in pins if pin.applies(environment)]
        chosen = {pin.name: pin.version for pin in applying}

        assert len(chosen) == len(applying), environment
        for asked in declared(name):
            if asked.marker is None or asked.marker.evaluate(dict(environment)):
                version = chosen[canonicalize_name(asked.name)]
                assert asked.specifier.contains(version, prereleases=True), (asked, version)


def test_the_development_lock_installs_what_the_runtime_lock_installs() -> None:
    runtime, development = (
        {(pin.name, str(pin.requirement.specifier), str(pin.requirement.marker)) for pin in lock(n)}
        for n in LOCKS
    )

    assert runtime - development == set()


#: What an extra of the components brings; neither `lane` nor the reference program imports it.
EXTRA = ROOT / "components/privatelane/kubernetes"


def asked_beside(program: Path) -> set[str]:
    """What an example asks for itself, as its users install it."""
    lines = (program.parent / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return {canonicalize_name(Requirement(one).name) for one in lines if not one.startswith("..")}


@pytest.mark.parametrize(
    ("name", "patterns"),
    [
        (
            "requirements.txt",
            ["*.py", "components/**/*.py", "policies/**/*.py", "lane/**/*.py", "examples/**/*.py"],
        ),
        (
            "requirements-dev.txt",
            ["tests/**/*.py", "bench/**/*.py", "components/privatelane/kubernetes/*.py"],
        ),
    ],
    ids=LOCKS,
)
def test_whatever_is_imported_is_in_the_lock(name: str, patterns: list[str]) -> None:
    locked = {pin.name for pin in lock(name)}
    providers = importlib.metadata.packages_distributions()
    missing = set()
    for path in python_files(*patterns):
        if "programs" in path.relative_to(ROOT).parts:  # run by tests; some are wrong on purpose
            continue
        if name == "requirements.txt" and EXTRA in path.parents:
            continue
        has = locked | (asked_beside(path) if ROOT / "examples" in path.parents else set())
        beside = (ROOT, ROOT / "components", ROOT / "policies", path.parent)
        ours = {entry.stem for folder in beside for entry in folder.iterdir()}
        for module in {imported.partition(".")[0] for imported in imports(path)}:
            provided_by = {canonicalize_name(found) for found in providers.get(module, [])}
            if module not in sys.stdlib_module_names | ours and not provided_by & has:
                missing.add(f"{path.relative_to(ROOT)} imports {module}")

    assert missing == set()


def source_version(path: str) -> str:
    """What a module's `__version__` says, read without importing it."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    (value,) = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and [ast.unparse(target) for target in node.targets] == ["__version__"]
    ]
    version = ast.literal_eval(value)
    assert isinstance(version, str)
    return version


def test_one_version_stands_everywhere() -> None:
    project = manifest("components/pyproject.toml")["project"]
    pack = yaml.safe_load((ROOT / "policies/PulumiPolicy.yaml").read_text(encoding="utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", changes, re.MULTILINE)
    version = source_version("components/privatelane/__init__.py")

    assert project.get("version", version) == version
    assert manifest("pyproject.toml")["project"]["version"] == version
    assert source_version("lane/__init__.py") == version
    assert str(pack["version"]).removeprefix("v") == version
    assert released[:1] == [version]


def test_the_preview_workflow_runs_the_engine_that_the_tests_run() -> None:
    workflow = (ROOT / ".github/workflows/preview.yml").read_text(encoding="utf-8")
    module = (ROOT / "tests/engine/cli/go.mod").read_text(encoding="utf-8")

    assert re.findall(r"github\.com/pulumi/pulumi/pkg/v3 v(\S+)", module) == re.findall(
        r"pulumi-version: (\S+)", workflow
    )


def test_a_tagged_commit_is_tagged_with_the_version_it_holds() -> None:
    tags = git("tag", "--points-at", "HEAD", "--list", "v*").split()

    assert set(tags) <= {f"v{source_version('components/privatelane/__init__.py')}"}


def test_the_command_lane_is_installed_from_this_tree() -> None:
    (command,) = importlib.metadata.entry_points(group="console_scripts", name="lane")
    main = command.load()

    assert callable(main)
    assert Path(sys.modules[main.__module__].__file__ or "").is_relative_to(ROOT / "lane")


def test_every_chore_that_a_page_or_a_workflow_names_is_a_target_of_the_makefile() -> None:
    targets = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    named: dict[str, set[str]] = {}
    for path in committed():
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix == ".md":
            called = re.findall(r"`make ([a-z-]+)", text) + re.findall(
                r"^(?:\$ )?make ([a-z-]+)", text, re.MULTILINE
            )
        elif path.parent.name == "workflows" or path == ROOT / ".ci" / "run":
            called = re.findall(r"\bmake ([a-z-]+)$", text, re.MULTILINE)
        else:
            continue
        for target in called:
            named.setdefault(target, set()).add(str(path.relative_to(ROOT)))

    assert {"preview", "test"} <= named.keys()
    assert {target: paths for target, paths in named.items() if target not in targets} == {}


def test_workflows_use_actions_by_commit_because_a_tag_can_be_moved() -> None:
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    used = [
        reference
        for path in workflows
        for reference in re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8"))
    ]
    assert used

    assert [reference for reference in used if not re.search(r"@[0-9a-f]{40}$", reference)] == []
