"""The pack as the engine meets it: what it declares, how it starts, how it stays on its feet."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import empty_pb2

from privatelane_rules import RULES
from privatelane_rules._rule import Level, Rule
from tests.programs import Program
from tests.rules.analyzer import PACK, Analyzer, start
from tests.rules.networks import Net

FLAGSHIP = "nat-path-to-ecr-or-s3"


def test_the_pack_has_exactly_these_rules_at_these_levels() -> None:
    assert [(rule.id, rule.severity.value, rule.level.value) for rule in RULES] == [
        ("nat-path-to-ecr-or-s3", "high", "mandatory"),
        ("undecided-path-to-ecr-or-s3", "medium", "advisory"),
        ("image-pull-that-cannot-work", "high", "mandatory"),
        ("eks-nodes-that-cannot-start", "high", "mandatory"),
        ("image-from-registry-without-endpoint", "medium", "advisory"),
        ("interface-endpoint-without-private-dns", "high", "advisory"),
        ("vpc-without-dns-attributes", "high", "mandatory"),
        ("endpoint-closed-to-its-clients", "high", "mandatory"),
        ("endpoint-policy-that-blocks-pulls", "high", "mandatory"),
        ("endpoint-policy-for-everybody", "medium", "advisory"),
        ("gateway-endpoint-without-private-tables", "medium", "advisory"),
        ("endpoint-missing-in-workload-zone", "low", "advisory"),
        ("s3-interface-endpoint-before-gateway", "medium", "advisory"),
        ("nat-in-another-zone", "low", "advisory"),
        ("overlapping-networks", "medium", "advisory"),
        ("one-way-route", "medium", "advisory"),
        ("public-ip-on-private-workload", "medium", "advisory"),
        ("public-eks-api", "high", "advisory"),
        ("eks-cluster-without-access-entry", "medium", "advisory"),
        ("eks-addon-without-version", "low", "advisory"),
        ("instance-metadata-for-everybody", "high", "advisory"),
        ("unencrypted-volume", "medium", "advisory"),
        ("vpc-without-flow-logs", "low", "advisory"),
        ("expired-exemption", "low", "advisory"),
        ("failed-proof", "high", "mandatory"),
    ]


def test_every_rule_has_a_file_and_tests_of_its_name() -> None:
    for rule in RULES:
        name = rule.id.replace("-", "_")
        assert (PACK / "privatelane_rules" / f"{name}.py").is_file()
        if rule.id not in ("failed-proof", "expired-exemption"):
            assert (Path(__file__).parent / f"test_{name}.py").is_file()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_tells_all_that_people_need(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", rule.id)
    for text in (rule.title, rule.why, rule.fix):
        assert text.endswith(".")
        assert text == text.strip()
    assert rule.url.startswith("https://")
    assert rule.tags == tuple(sorted(rule.tags))
    assert rule.framework.reference
    for example in (rule.wrong, rule.right):
        ast.parse(example)
        assert bool(example) is (rule.id not in ("failed-proof", "expired-exemption"))


def test_the_engine_is_told_everything(pack: Analyzer) -> None:
    info = pack.stub.GetAnalyzerInfo(empty_pb2.Empty())

    assert (info.name, info.displayName) == ("privatelane", "Privatelane")
    assert info.supportsConfig
    by_name = {one.name: one for one in info.policies}
    assert list(by_name) == [rule.id for rule in RULES]
    for rule in RULES:
        told = by_name[rule.id]
        assert told.description == rule.title
        assert told.remediation_steps == rule.fix
        assert told.url == rule.url
        assert list(told.tags) == list(rule.tags)
        assert told.framework.reference == rule.framework.reference
    assert set(by_name[FLAGSHIP].configSchema.properties.fields) == {
        "services",
        "strict",
        "transitDefault",
        "interfaceDefault",
        "s3InterfaceForEcr",
        "exemptions",
        "facts",
        "reports",
    }


def test_a_stack_without_any_network_has_no_violations(pack: Analyzer) -> None:
    assert pack.judge(Program()) == []
    program = Program()
    program.add("aws:s3/bucket:Bucket", "logs", {})
    assert pack.judge(program) == []


def test_without_any_network_every_rule_says_that_it_does_not_apply(pack: Analyzer) -> None:
    response = pack.stub.AnalyzeStack(Program().stack_request(known=False))

    told = {one.policy_name: one.reason for one in response.not_applicable}
    assert set(told) == {rule.id for rule in RULES} - {"failed-proof"}
    assert set(told.values()) == {"the stack has no network and no workload on AWS"}
    assert not pack.stub.AnalyzeStack(Net().program.stack_request(known=False)).not_applicable


def test_the_order_of_resources_changes_nothing(pack: Analyzer) -> None:
    net = Net().endpoints()
    net.service("nginx")
    forward = pack.judge(net.program)
    net.program.entries.reverse()

    assert pack.judge(net.program) == forward


def test_one_stack_leaves_nothing_behind_for_the_next(pack: Analyzer) -> None:
    net = Net()
    assert pack.judge(net.program)
    for request in net.program.analyze_requests(known=False):
        pack.stub.Analyze(request)

    assert pack.judge(Program()) == []


def test_inputs_tell_what_outputs_hide(pack: Analyzer) -> None:
    """At a first preview an inline route with an unknown id hides the whole list in the outputs."""
    net = Net(zones=("a",), nat=False)
    nat = net.program.add("aws:ec2/natGateway:NatGateway", "nat", {"subnetId": net.public["a"].id})
    for entry in net.program.entries:
        if entry.made is net.table:
            assert entry.inputs is not None
            entry.inputs["routes"] = [{"cidrBlock": "0.0.0.0/0", "natGatewayId": nat.id}]
    for request in net.program.analyze_requests(known=False):
        pack.stub.Analyze(request)
    stack = net.program.stack_request(known=False)
    for resource in stack.resources:
        if resource.urn == net.table.urn:
            resource.properties.fields.pop("routes")

    found = pack.stub.AnalyzeStack(stack).diagnostics

    assert [one.urn for one in found if one.policyName == FLAGSHIP] == [net.private["a"].urn]


def test_a_disabled_policy_is_silent_and_a_level_is_taken_from_the_configuration(
    pack: Analyzer,
) -> None:
    pack.configure(
        {
            FLAGSHIP: {"enforcementLevel": "advisory"},
            "vpc-without-flow-logs": {"enforcementLevel": "disabled"},
        }
    )

    found = {one.policy: one.level for one in pack.judge(Net().program)}

    assert found[FLAGSHIP] is Level.ADVISORY
    assert "vpc-without-flow-logs" not in found


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"strict": "yes"}, "strict must be true or false, not 'yes'"),
        ({"services": []}, "services must be a list of service names, not []"),
        ({"services": ["ecr api"]}, "'ecr api'"),
        ({"transitDefault": "nat"}, "transitDefault must be one of unknown, remote-nat, allow"),
        ({"exemptions": [{"subnet": "*"}]}, "exemptions[0].reason is missing"),
        ({"exemptions": [{"reason": "why"}]}, "exemptions[0] must name what it exempts"),
        (
            {"exemptions": [{"subnet": "x", "reason": "why", "expires": "soon"}]},
            "exemptions[0].expires must be a day as YYYY-MM-DD, not 'soon'",
        ),
        ({"facts": ["missing.json"]}, "facts[0]: missing.json cannot be read"),
        ({"facts": [{"type": "moon"}]}, "facts[0].type is 'moon'"),
        ({"reports": {"pdf": "a.pdf"}}, "reports has no field 'pdf'"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_one_mandatory_violation(
    pack: Analyzer, config: dict[str, object], sentence: str
) -> None:
    pack.configure({FLAGSHIP: config})

    (found,) = pack.judge(Net().program)

    assert (found.policy, found.level) == ("failed-proof", Level.MANDATORY)
    assert sentence in found.message
    assert "Traceback" not in found.message


def test_a_failure_inside_is_a_mandatory_violation_and_never_a_note(tmp_path: Path) -> None:
    broken = tmp_path / "policies"
    shutil.copytree(PACK, broken, ignore=shutil.ignore_patterns("__pycache__", "venv"))
    rule = broken / "privatelane_rules" / "public_eks_api.py"
    rule.write_text(
        rule.read_text().replace(
            'for cluster in stack.views.views("aws:eks/cluster:Cluster"):',
            "from pulumi_policy.proxy import UnknownValueError\n"
            '    raise UnknownValueError("04da6b54-80e4-46f7-96ec-b56ff0331ba9", ["x"])\n'
            "    for cluster in ():",
        )
    )

    with start(broken) as analyzer:
        found = analyzer.judge(Net(zones=("a",)).program)

    failures = [one for one in found if one.policy == "failed-proof"]
    assert [one.level for one in failures] == [Level.MANDATORY]
    assert "Rule public-eks-api: An internal failure in check" in failures[0].message
    assert [one.level for one in found if one.policy == FLAGSHIP] == [Level.MANDATORY]


def test_the_pack_alone_in_an_empty_folder_starts(tmp_path: Path) -> None:
    """As after `pulumi policy publish`: nothing of the house is around it."""
    alone = tmp_path / "pack"
    shutil.copytree(PACK, alone, ignore=shutil.ignore_patterns("__pycache__", "venv"))
    hide = "import sys; sys.path[:] = [p for p in sys.path if 'policies' not in p]\n"
    (alone / "sitecustomize.py").write_text(hide)

    with start(alone, {"PYTHONPATH": str(alone)}) as analyzer:
        info = analyzer.stub.GetAnalyzerInfo(empty_pb2.Empty())

    assert len(info.policies) == len(RULES)


def test_starting_the_pack_imports_no_cloud_sdk() -> None:
    code = (
        "import sys, privatelane_rules._sdk;"
        "print(*sorted({'pulumi_aws', 'boto3', 'pydantic', 'jinja2', 'xml.etree.ElementTree'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PACK, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == []
