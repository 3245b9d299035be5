"""Projects and packs on disk: what is found, and the sentence for what is not."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lane.errors import Unusable
from lane.program import load_pack, load_project

Write = Callable[..., Path]


def test_a_project_is_its_files_and_the_chosen_stack(project: Write) -> None:
    root = project(**{"Pulumi.prod.yaml": "config: {aws:region: eu-west-1, size: 3}"})
    found = load_project(root, "prod")
    assert (found.name, found.stack, found.entry) == ("test", "prod", ".")
    assert (found.root, found.directory) == (root, root)
    assert found.config.values == {"aws:region": "eu-west-1", "test:size": "3"}
    assert found.root_urn == "urn:pulumi:prod::test::pulumi:pulumi:Stack::test-prod"


def test_a_qualified_stack_name_names_the_stack(project: Write) -> None:
    assert load_project(project(), "acme/test/dev").stack == "dev"


@pytest.mark.parametrize(
    ("main", "files", "directory", "entry"),
    [
        ("src", {"src/__main__.py": ""}, "src", "."),
        ("src/app.py", {"src/app.py": ""}, "src", "app.py"),
        ("app.py", {"app.py": ""}, "", "app.py"),
    ],
)
def test_main_names_a_folder_or_a_file(
    project: Write, main: str, files: dict[str, str], directory: str, entry: str
) -> None:
    settings = f"name: test\nruntime: {{name: python}}\nmain: {main}\n"
    root = project(**{"Pulumi.yaml": settings, **files})
    found = load_project(root, "dev")
    assert (found.directory, found.entry) == (root / directory, entry)


def test_stack_files_may_lie_in_a_folder_of_their_own(project: Write) -> None:
    settings = "name: test\nruntime: python\nstackConfigDir: stacks\n"
    root = project(**{"Pulumi.yaml": settings, "stacks/Pulumi.dev.yaml": "config: {a: 1}"})
    assert load_project(root, "dev").config.values == {"test:a": "1"}


def test_imported_environments_are_remembered(project: Write) -> None:
    root = project(**{"Pulumi.dev.yaml": "environment: [aws/login, {team/x: {merge: false}}]"})
    assert load_project(root, "dev").environments == ("aws/login", "team/x")


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"Pulumi.yaml": "runtime: python"}, "must give the project a `name`"),
        ({"Pulumi.yaml": "name: test"}, "must name its `runtime`"),
        ({"Pulumi.yaml": "name: test\nruntime: nodejs"}, "has the runtime 'nodejs', but an"),
        ({"Pulumi.yaml": "name: [test"}, "not valid YAML"),
        ({"Pulumi.yaml": "name: test\nruntime: python\nconfig: [a]"}, "`config` in .* must be a"),
        ({"Pulumi.yaml": "name: test\nruntime: python\nmain: x.py"}, "names 'x.py', which does"),
        ({"Pulumi.dev.yaml": "config: [a]"}, "`config` in .*Pulumi.dev.yaml must be a mapping"),
        ({"Pulumi.dev.yaml": "a: b: c"}, "Pulumi.dev.yaml, line 1: not valid YAML"),
    ],
)
def test_a_broken_project_is_refused_in_one_sentence(
    project: Write, files: dict[str, str], sentence: str
) -> None:
    with pytest.raises(Unusable, match=sentence) as refused:
        load_project(project(**files), "dev")
    assert "\n" not in str(refused.value)


def test_a_missing_stack_file_names_the_stacks_there_are(project: Write) -> None:
    root = project(**{"Pulumi.prod.yaml": ""})
    with pytest.raises(Unusable, match=r"--stack test: .*missing; the stacks here are dev, prod"):
        load_project(root, "test")


@pytest.mark.parametrize("stack", ["", "a b", "../dev/..", "x" * 101])
def test_an_impossible_stack_name_is_refused(project: Write, stack: str) -> None:
    with pytest.raises(Unusable, match="--stack"):
        load_project(project(), stack)


def test_a_folder_without_a_program_is_refused(project: Write, tmp_path: Path) -> None:
    (project() / "__main__.py").unlink()
    with pytest.raises(Unusable, match=r"there is no __main__.py in"):
        load_project(tmp_path, "dev")
    with pytest.raises(Unusable, match=r"there is no Pulumi.yaml in"):
        load_project(Path(__file__).parent, "dev")
    with pytest.raises(Unusable, match="there is no such directory"):
        load_project(tmp_path / "nowhere", "dev")


def test_a_pack_runs_in_its_own_environment_if_that_is_there(tmp_path: Path) -> None:
    settings = "runtime: {name: python, options: {virtualenv: venv}}\nmain: pack.py\n"
    (tmp_path / "PulumiPolicy.yaml").write_text(settings)
    assert load_pack(tmp_path).interpreter == sys.executable
    own = tmp_path / "venv" / "bin" / "python"
    own.parent.mkdir(parents=True)
    own.touch()
    found = load_pack(tmp_path)
    assert (found.interpreter, found.entry) == (str(own), "pack.py")


def test_what_is_no_python_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"there is no PulumiPolicy.yaml"):
        load_pack(tmp_path)
    (tmp_path / "PulumiPolicy.yaml").write_text("runtime: nodejs\n")
    with pytest.raises(Unusable, match="has the runtime 'nodejs'"):
        load_pack(tmp_path)
