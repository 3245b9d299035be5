"""The program in YAML says nothing that the components' schema does not know.

The YAML language host is not at hand here: this checks what it would check of each resource.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "tests/components/schema.json").read_text())
PROGRAM = yaml.safe_load((ROOT / "examples/yaml/Pulumi.yaml").read_text())
RESOURCES: dict[str, dict[str, Any]] = PROGRAM["resources"]

_JSON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def mistakes(value: Any, spec: dict[str, Any], path: str) -> list[str]:
    """What of a value does not fit its place in the schema."""
    reference = re.fullmatch(r"\$\{(\w+)\.(\w+)\}", value) if isinstance(value, str) else None
    if reference:
        name, output = reference.groups()
        source = SCHEMA["resources"][RESOURCES[name]["type"]]["properties"].get(output)
        if source is None:
            return [f"{path}: {name} has no output {output}"]
        same = source["type"] == spec.get("type")
        return [] if same else [f"{path}: {value} is of type {source['type']}"]
    if "$ref" in spec:
        held = SCHEMA["types"][spec["$ref"].removeprefix("#/types/")]
        return fields(value, held["properties"], held.get("required", []), path)
    if spec["type"] == "array":
        return [
            m for i, one in enumerate(value) for m in mistakes(one, spec["items"], f"{path}[{i}]")
        ]
    if spec["type"] == "object":
        inner = spec["additionalProperties"]
        return [m for key, one in value.items() for m in mistakes(one, inner, f"{path}.{key}")]
    fits = isinstance(value, _JSON_TYPES[spec["type"]])
    return [] if fits else [f"{path}: {value!r} is no {spec['type']}"]


def fields(
    given: dict[str, Any], known: dict[str, Any], required: list[str], path: str
) -> list[str]:
    found = [f"{path}.{name} is not known" for name in given.keys() - known.keys()]
    found += [f"{path}.{name} is missing" for name in set(required) - given.keys()]
    for name in given.keys() & known.keys():
        found += mistakes(given[name], known[name], f"{path}.{name}")
    return found


@pytest.mark.parametrize("name", RESOURCES)
def test_a_resource_fits_the_schema(name: str) -> None:
    resource = RESOURCES[name]
    component = SCHEMA["resources"][resource["type"]]
    given = resource.get("properties", {})
    assert (
        fields(given, component["inputProperties"], component.get("requiredInputs", []), name) == []
    )


def test_the_outputs_exist() -> None:
    text = {name: {"type": "string"} for name in PROGRAM["outputs"]}
    text["endpoints"] = {"type": "object"}
    assert [
        mistake
        for name, value in PROGRAM["outputs"].items()
        for mistake in mistakes(value, text[name], name)
    ] == []


def test_a_mistake_is_seen() -> None:
    network = SCHEMA["resources"]["privatelane:index:Network"]["inputProperties"]
    wrong = {"cidrBlock": 10, "groups": {"app": {"sort": "isolated"}}, "nats": "none"}
    assert sorted(fields(wrong, network, ["groups"], "network")) == [
        "network.cidrBlock: 10 is no string",
        "network.groups.app.kind is missing",
        "network.groups.app.sort is not known",
        "network.nats is not known",
    ]
