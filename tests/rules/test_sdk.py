"""The private parts of the policy SDK that the pack leans on are what they were."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from importlib.metadata import version

from pulumi_policy import policy, proxy

from privatelane_paths.sources.resource import SENTINELS
from tests.rules.analyzer import PACK


def parameters(function: object) -> list[str]:
    assert callable(function)
    return list(inspect.signature(function).parameters)


def test_the_installed_sdk_is_the_one_that_the_pack_pins() -> None:
    pinned = re.search(
        r"^pulumi-policy==(\S+)$", (PACK / "requirements.txt").read_text(), re.MULTILINE
    )

    assert pinned is not None
    assert version("pulumi-policy") == pinned[1]


def test_another_sdk_is_refused_in_one_sentence() -> None:
    code = (
        "import pulumi_policy.policy as policy;"
        "del policy._PolicyAnalyzerServicer;"
        "import privatelane_rules._sdk"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PACK, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr.startswith("privatelane: the installed pulumi-policy is not the version")
    assert "Traceback" not in done.stderr


def test_the_servicer_has_what_the_pack_calls_and_overrides() -> None:
    servicer = policy._PolicyAnalyzerServicer

    assert parameters(servicer.Analyze) == ["self", "request", "_context"]
    assert parameters(servicer.AnalyzeStack) == ["self", "request", "_context"]
    assert parameters(servicer.Remediate) == ["self", "request", "_context"]
    assert parameters(servicer.ConfigureStack) == ["self", "request", "_context"]
    assert parameters(servicer._get_enforcement_level) == ["self", "policy"]
    assert parameters(servicer._get_policy_config) == ["self", "name"]
    assert parameters(servicer._create_report_violation) == [
        "self",
        "response",
        "policy_name",
        "policy_description",
        "enforcement_level",
        "severity",
    ]
    assert parameters(servicer.__init__)[:5] == [
        "self",
        "name",
        "version",
        "policies",
        "enforcement_level",
    ]


def test_unknown_values_are_written_as_the_sdk_writes_them() -> None:
    theirs = {value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_")}

    assert theirs == SENTINELS


def test_the_proxies_give_their_raw_trees() -> None:
    wrapped = proxy.unknown_checking_proxy({"list": [{"x": proxy.UNKNOWN_STRING_VALUE}]})

    assert isinstance(wrapped, proxy._DictProxy)
    assert isinstance(wrapped["__target"]["list"], proxy._ListProxy)
    assert wrapped["__target"]["list"]["__target"][0]["__target"] == {
        "x": proxy.UNKNOWN_STRING_VALUE
    }


def test_the_sdk_still_converts_the_stack_once_a_policy() -> None:
    """Should upstream convert it once for all, the pack can do without its own servicer."""
    source = inspect.getsource(policy._PolicyAnalyzerServicer.AnalyzeStack)

    assert source.index("for policy in self.__policies") < source.index("deserialize_properties(")
