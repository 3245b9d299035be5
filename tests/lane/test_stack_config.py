"""What a program sees of its stack's configuration, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from lane.errors import Unusable
from lane.stack_config import UNKNOWN_TEXT, StackConfig, stack_config

SECRET = {"secure": "v1:abc:def"}


def config(given: Mapping[str, Any], declared: Mapping[str, Any] | None = None) -> StackConfig:
    return stack_config("shop", declared or {}, given, "dev", "Pulumi.dev.yaml")


@pytest.mark.parametrize(
    ("key", "full"), [("zones", "shop:zones"), ("aws:region", "aws:region"), ("a:config:b", "a:b")]
)
def test_a_key_without_a_namespace_gets_the_projects(key: str, full: str) -> None:
    assert dict(config({key: "x"}).values) == {full: "x"}


@pytest.mark.parametrize("key", ["a:b:c", ":b", "a:", "a:b:c:d"])
def test_a_key_of_another_form_is_refused(key: str) -> None:
    with pytest.raises(Unusable, match=f"key '{key}' in Pulumi.dev.yaml must be of the form"):
        config({key: "x"})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"),
        (3, "3"),
        (3.0, "3"),
        (0.5, "0.5"),
        (True, "true"),
        (None, "null"),
        ([1, "a", {"b": 2.0, "a": None}], '[1,"a",{"a":null,"b":2}]'),
        ({"zürich": {1: "x"}}, '{"zürich":{"1":"x"}}'),
    ],
)
def test_values_travel_as_text_and_structures_as_json(value: object, text: str) -> None:
    assert config({"key": value}).values["shop:key"] == text


def test_an_encrypted_value_is_unknown_and_secret() -> None:
    found = config({"password": SECRET, "db": {"user": "web", "password": SECRET}, "size": 3})
    assert found.values == {
        "shop:db": f'{{"password":"{UNKNOWN_TEXT}","user":"web"}}',
        "shop:password": UNKNOWN_TEXT,
        "shop:size": "3",
    }
    assert found.encrypted == {"shop:password", "shop:db"}
    assert found.readable == {"shop:size": "3"}


def test_a_mapping_with_more_than_the_key_secure_is_no_secret() -> None:
    assert not config({"tls": {"secure": "yes", "port": 443}}).encrypted


def test_defaults_and_values_of_the_project_apply_where_the_stack_is_silent() -> None:
    declared = {
        "zones": {"type": "integer", "default": 2},
        "name": "web",
        "aws:region": "eu-west-1",
        "aws:profile": {"value": "test"},
        "size": {"type": "string", "default": "small"},
    }
    assert config({"size": "large"}, declared).values == {
        "aws:profile": "test",
        "aws:region": "eu-west-1",
        "shop:name": "web",
        "shop:size": "large",
        "shop:zones": "2",
    }


def test_all_missing_values_are_named_at_once() -> None:
    declared = {"zones": {"type": "integer"}, "name": {"type": "string"}}
    with pytest.raises(Unusable) as refused:
        config({}, declared)
    assert str(refused.value) == (
        "the stack 'dev' lacks the configuration values shop:name, shop:zones, which Pulumi.yaml "
        "declares without a default: set them in Pulumi.dev.yaml"
    )


@pytest.mark.parametrize(
    ("schema", "fits", "misfits"),
    [
        ({"type": "string"}, ["x", "3"], [3, True, ["x"]]),
        ({"type": "integer"}, [3, "3", "-3", 3.0], ["x", 3.5, True]),
        ({"type": "boolean"}, [True, "false"], ["yes", 1]),
        ({"type": "object"}, [{"a": 1}], ["a", [1]]),
        ({"type": "array", "items": {"type": "string"}}, [["a"], []], ["a", [1], {"a": 1}]),
        (
            {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
            [[[1], [2]]],
            [[["x"]], [1]],
        ),
    ],
)
def test_declared_types_are_checked(
    schema: dict[str, object], fits: list[object], misfits: list[object]
) -> None:
    for value in fits:
        assert config({"key": value}, {"key": schema}).values
    for value in misfits:
        with pytest.raises(Unusable, match=r"shop:key in Pulumi.dev.yaml must be of type"):
            config({"key": value}, {"key": schema})


def test_a_type_does_not_apply_to_what_nobody_can_read() -> None:
    found = config({"port": SECRET}, {"port": {"type": "integer", "secret": True}})
    assert found.values["shop:port"] == UNKNOWN_TEXT


@pytest.mark.parametrize(
    ("declared", "given", "sentence"),
    [
        ({"key": {"type": "string", "secret": True}}, {"key": "x"}, "must be encrypted"),
        ({"key": {"type": "string", "default": 3}}, {}, "as the default in Pulumi.yaml must be of"),
        ({"key": {"default": "a", "value": "b"}}, {}, "has both `default` and `value`"),
        ({"key": {"typ": "string"}}, {}, "has the field 'typ'; it may have default, description"),
        ({"key": {"type": "array"}}, {}, "must say of what with `items`"),
        ({"aws:region": {"type": "string"}}, {}, "must give a `value`"),
    ],
)
def test_declarations_and_values_that_pulumi_refuses_are_refused(
    declared: dict[str, object], given: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Unusable, match=sentence):
        config(given, declared)


def test_a_provider_is_configured_by_the_keys_of_its_package() -> None:
    found = config({"aws:region": "eu-west-1", "awsx:x": "1", "zones": 2})
    assert found.provider("aws") == {"region": "eu-west-1"}
