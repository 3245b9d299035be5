"""What `lane` asks a policy pack, held against what the real engine asks it of the same program.

A pack that writes down every request stands at both ends. The engine has a provider, which fills
in defaults and generated names; beyond that, the requests are the same.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lane.stack_config import UNKNOWN_TEXT
from tests.engine.conftest import account_endpoint, engine  # noqa: F401 -- fixtures
from tests.engine.harness import ROOT, Engine
from tests.engine.reference import reference_config
from tests.lane.running import pack, run_lane

pytestmark = pytest.mark.engine

LEAKY = ROOT / "examples" / "leaky"
NAMES = ["leaky", "dev", "prod"]
#: The seven digits that end a generated name.
_DIGITS = re.compile(r"-[0-9a-f]{7}\b")


@pytest.fixture(scope="module")
def asked(
    engine: Engine,  # noqa: F811 -- the fixture
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """The requests that a pack gets of a program, from the engine and from `lane`, in order."""
    folder = tmp_path_factory.mktemp("heard")

    @cache
    def ask(name: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        source, stack_name = (LEAKY, "dev") if name == "leaky" else (ROOT, name)
        project = "leaky" if name == "leaky" else "privatelane"
        account = None
        if name != "leaky":
            (account,) = reference_config(name)["aws:allowedAccountIds"]
        stack = engine.stack(source, name=stack_name, project=project, account=account)
        heard = folder / f"{name}-engine.jsonl"
        stack.environment["LANE_LISTEN"] = str(heard)
        stack.preview(policy_pack=pack("listens")).expect_success()
        ours = folder / f"{name}-lane.jsonl"
        done = run_lane(
            "preview",
            "--program",
            str(source),
            "--stack",
            stack_name,
            "--policy-pack",
            str(pack("listens")),
            LANE_LISTEN=str(ours),
        )
        assert done.status == 0, done.err
        return read(heard), read(ours)

    return ask


def read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def of(calls: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [one["request"] for one in calls if one["call"] == name]


def analyzed(calls: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The resource checks by URN; each resource is asked about once."""
    requests = of(calls, "Analyze")
    found = {one["urn"]: one for one in requests}
    assert len(found) == len(requests)
    return found


def stack_of(calls: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The resources of the one stack check, by URN."""
    (request,) = of(calls, "AnalyzeStack")
    return {one["urn"]: one for one in request["resources"]}


def comparable(tree: Any) -> Any:
    """Without the bridge's own marks, and generated names without their random digits."""
    if isinstance(tree, dict):
        return {name: comparable(one) for name, one in tree.items() if name != "__defaults"}
    if isinstance(tree, list):
        return [comparable(one) for one in tree]
    if isinstance(tree, str):
        return _DIGITS.sub("-*******", tree)
    return tree


@pytest.mark.parametrize("name", NAMES)
def test_the_pack_is_introduced_to_the_stack_in_the_same_words(asked: Any, name: str) -> None:
    theirs, ours = asked(name)
    beginning = ["Handshake", "ConfigureStack", "GetAnalyzerInfo", "Configure"]
    assert [one["call"] for one in theirs[:4]] == beginning
    assert [one["call"] for one in ours[:4]] == beginning
    assert ours[1:4] == theirs[1:4]
    assert ours[-1]["call"] == theirs[-1]["call"] == "AnalyzeStack"


@pytest.mark.parametrize("name", NAMES)
def test_the_same_resources_are_asked_about(asked: Any, name: str) -> None:
    theirs, ours = asked(name)
    assert analyzed(ours).keys() == analyzed(theirs).keys()
    assert stack_of(ours).keys() == stack_of(theirs).keys()


@pytest.mark.parametrize("name", NAMES)
def test_options_providers_parents_and_edges_are_the_same(asked: Any, name: str) -> None:
    def edges(calls: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            urn: {
                **{field: one.get(field) for field in ("type", "name", "parent", "options")},
                "provider": one.get("provider"),
                "dependencies": sorted(one.get("dependencies", [])),
                "properties": {
                    key: sorted(deps["urns"])
                    for key, deps in one.get("propertyDependencies", {}).items()
                },
            }
            for urn, one in stack_of(calls).items()
        }

    theirs, ours = asked(name)
    assert edges(ours) == edges(theirs)
    for urn, one in analyzed(ours).items():
        expected = analyzed(theirs)[urn]
        assert one["options"] == expected["options"]
        assert one.get("provider") == expected.get("provider")


@pytest.mark.parametrize("name", NAMES)
def test_every_input_is_the_same_and_the_engine_only_adds_defaults(asked: Any, name: str) -> None:
    theirs, ours = asked(name)
    for urn, one in analyzed(ours).items():
        mine = comparable(one.get("properties", {}))
        checked = comparable(analyzed(theirs)[urn].get("properties", {}))
        assert {key: checked.get(key) for key in mine} == mine, urn
        for key in checked.keys() - mine.keys():
            assert checked[key] != UNKNOWN_TEXT, f"{urn} {key} is no default"


@pytest.mark.parametrize("name", NAMES)
def test_an_output_is_the_same_or_unknown_here(asked: Any, name: str) -> None:
    """Never known here and different there; never known here and unknown there."""
    theirs, ours = asked(name)
    for urn, one in stack_of(ours).items():
        mine = comparable(one.get("properties", {}))
        planned = comparable(stack_of(theirs)[urn].get("properties", {}))
        for key, value in mine.items():
            if value != UNKNOWN_TEXT:
                assert planned.get(key) == value, f"{urn} {key}"
