"""A real policy pack in its own process, asked as the engine asks it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2

from lane import embedded
from lane.analyzer import Analyzer, _analyze_request, _stack_request
from lane.errors import Unusable
from lane.pack_process import PackProcess
from lane.program import Pack, load_pack, load_project
from lane.report import Violation
from lane.resources import Resource, plain
from tests.lane.running import pack, program, run_of

Write = Callable[..., Path]


def judged(
    program_folder: Path, pack_folder: Path, given: Mapping[str, Any] | None = None
) -> tuple[tuple[Violation, ...], embedded.Run, Analyzer]:
    """What a pack says of a program, the run it saw, and the client that asked."""
    project = load_project(program_folder, "dev")
    with (
        PackProcess(load_pack(pack_folder), project) as process,
        contextlib.closing(Analyzer(process, project, given or {})) as analyzer,
    ):
        run = embedded.run(project, remediate=analyzer.remediate, on_resource=analyzer.analyze)
        return analyzer.violations(run), run, analyzer


def test_resource_and_stack_checks_report_with_their_level_and_their_resource() -> None:
    found, run, analyzer = judged(program("plain"), pack("tiny"))
    vpc = "urn:pulumi:dev::plain::aws:ec2/vpc:Vpc::main"
    assert found == (
        Violation(
            vpc,
            "no-forbidden-block",
            "mandatory",
            "A VPC must not have a forbidden block.\nmain has 10.66.0.0/16 in eu-west-1.",
            "high",
        ),
        Violation(
            vpc, "vpc-subnets", "advisory", "How many subnets a VPC has.\nmain has 0 subnets."
        ),
        Violation(
            run.root.urn,
            "unknown-id",
            "advisory",
            "can't run policy 'unknown-id' from policy pack 'tiny@v0.0.1' during preview: "
            "string value at .id can't be known during preview",
        ),
    )
    assert analyzer.name == "tiny"


def test_property_dependencies_arrive() -> None:
    found, _, _ = judged(program("network"), pack("tiny"))
    assert "main has 5 subnets." in {one.message.partition("\n")[2] for one in found}


def test_a_stack_check_sees_what_the_engine_shows() -> None:
    """The stack, default providers, components and custom resources; no reads."""
    level = {"kinds": "advisory"}
    kinds, *_ = (
        one.message.partition("\n")[2].split(" ")
        for one in judged(program("reads"), pack("tiny"), level)[0]
        if one.policy == "kinds"
    )
    assert kinds == [
        "aws:ec2/subnet:Subnet",
        "aws:ec2/subnet:Subnet",
        "aws:ec2/subnet:Subnet",
        "aws:ec2/subnet:Subnet",
        "pulumi:providers:aws",
        "pulumi:pulumi:Stack",
    ]


@pytest.mark.parametrize(
    ("given", "levels"),
    [
        ({"no-forbidden-block": "advisory"}, {"advisory"}),
        ({"no-forbidden-block": {"enforcementLevel": "disabled"}}, set()),
        ({"all": "advisory"}, {"advisory"}),
        ({"all": "disabled", "no-forbidden-block": "mandatory"}, {"mandatory"}),
        ({"no-forbidden-block": {"forbidden": ["192.168.0.0/16"]}}, set()),
        ({"no-forbidden-block": {"forbidden": []}}, set()),
    ],
)
def test_the_users_configuration_counts(given: dict[str, Any], levels: set[str]) -> None:
    found, _, _ = judged(program("plain"), pack("tiny"), given)
    assert {one.level for one in found if one.policy == "no-forbidden-block"} == levels


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"no-such": "advisory"}, "the policy pack 'tiny' has no policy 'no-such' to configure"),
        ({"kinds": "fatal"}, "the policy 'kinds' cannot be 'fatal': a level is one of advisory"),
        ({"kinds": 3}, "the configuration of the policy 'kinds' must be a level or an object"),
        (
            {"no-forbidden-block": {"forbidden": "10.0.0.0/8"}},
            "the configuration of the policy 'no-forbidden-block' does not fit its schema at for",
        ),
    ],
)
def test_a_configuration_that_does_not_fit_is_refused(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Unusable) as refused:
        judged(program("plain"), pack("tiny"), given)
    assert str(refused.value).startswith(sentence)


def test_remediations_rewrite_inputs_before_anything_else_sees_them() -> None:
    found, run, analyzer = judged(program("network"), pack("remediates"))
    (vpc,) = (one for one in run.resources if one.type == "aws:ec2/vpc:Vpc")
    assert vpc.inputs["enableDnsHostnames"] is True
    assert vpc.inputs["cidrBlock"] == "10.0.0.0/16"
    assert [one for one in found if one.policy == "dns-is-on"] == [
        Violation(vpc.urn, "dns-is-on", "mandatory", "DNS is on.\nDNS host names: True.")
    ]
    assert analyzer.notes == {f"the policy dns-on rewrote inputs of {vpc.urn}"}


def test_a_remediation_that_needs_what_is_unknown_is_told_and_changes_nothing() -> None:
    found, run, _ = judged(program("network"), pack("remediates"))
    told = [one for one in found if one.policy == "widen"]
    assert [(one.key.rpartition("::")[2], one.level) for one in told] == [
        ("app-a", "advisory"),
        ("app-b", "advisory"),
    ]
    assert "can't run remediation 'widen'" in told[0].message
    blocks = [one.inputs["cidrBlock"] for one in run.resources if one.type.endswith(":Subnet")]
    assert blocks == ["10.0.0.0/24", "10.0.1.0/24"]


VPC = "import pulumi_aws as aws\naws.ec2.Vpc({!r}, cidr_block='10.0.0.0/16')\n"


@pytest.mark.parametrize(
    ("name", "about", "why"),
    [
        (
            "breaks-resource",
            "urn:pulumi:dev::test::aws:ec2/vpc:Vpc::breaks-resource",
            "one over nothing",
        ),
        ("breaks-stack", "the stack", "no such lane"),
    ],
)
def test_a_pack_that_breaks_makes_the_whole_preview_unusable(
    project: Write, name: str, about: str, why: str
) -> None:
    with pytest.raises(Unusable) as failed:
        judged(project(**{"__main__.py": VPC.format(name)}), pack("breaks"))
    assert str(failed.value) == (
        f"the policy pack 'breaks' failed when asked about {about}: "
        f"Exception calling application: {why}"
    )


def test_a_pack_that_ends_leaves_its_last_words(project: Write) -> None:
    with pytest.raises(Unusable, match="its process ended: the last words of a pack"):
        judged(project(**{"__main__.py": VPC.format("ends")}), pack("breaks"))


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("raise SystemExit('no')", "did not start: no"),
        ("import no_such_module", "did not start: ModuleNotFoundError: No module named 'no_such"),
        ("print('hello')", "must print nothing before its port, but it printed 'hello'"),
        ("", "did not start"),
    ],
)
def test_a_pack_that_does_not_start_says_why(tmp_path: Path, code: str, sentence: str) -> None:
    (tmp_path / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (tmp_path / "__main__.py").write_text(code)
    with pytest.raises(Unusable) as failed:
        judged(program("plain"), tmp_path)
    assert str(failed.value).startswith(f"the policy pack {tmp_path} {sentence}")


def test_an_interpreter_that_ends_at_once_is_told(tmp_path: Path) -> None:
    project = load_project(program("plain"), "dev")
    with (
        PackProcess(Pack(tmp_path, "/bin/false", "."), project) as process,
        pytest.raises(Unusable, match=r"did not start$"),
    ):
        process.port()


def test_the_pack_is_told_the_stack_but_nothing_encrypted(tmp_path: Path) -> None:
    (tmp_path / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (tmp_path / "__main__.py").write_text(
        "import json, os, sys\n"
        "names = ('PULUMI_CONFIG', 'PULUMI_DRY_RUN', 'PULUMI_PROJECT', 'PULUMI_STACK')\n"
        "print(json.dumps([os.environ[name] for name in names]), file=sys.stderr)\n"
    )
    project = load_project(program("encrypted"), "dev")
    with PackProcess(load_pack(tmp_path), project) as process:
        with pytest.raises(Unusable):
            process.port()
        told = json.loads(process.printed)
    assert told == ['{"aws:region": "eu-west-1"}', "true", "encrypted", "dev"]


def test_a_pack_ends_with_its_owner() -> None:
    with PackProcess(load_pack(pack("tiny")), load_project(program("plain"), "dev")) as process:
        assert process.port() > 0
        assert not process.ended
    assert process.ended


def test_what_a_remediation_left_behind_is_mandatory() -> None:
    """The Python SDK says so itself; packs in other languages leave it to the engine."""
    project = load_project(program("plain"), "dev")
    left = analyzer_pb2.AnalyzeDiagnostic(
        policyName="policy", message="still wrong", enforcementLevel=analyzer_pb2.REMEDIATE
    )
    with PackProcess(load_pack(pack("tiny")), project) as process:
        found = Analyzer(process, project, {})._violation(left, "urn")
    assert found == Violation("urn", "policy", "mandatory", "still wrong")


def test_a_request_carries_options_provider_and_parent() -> None:
    run = run_of("network")
    by_name = {one.urn.rpartition("::")[2]: one for one in run.resources}
    (vpc,) = (one for one in run.resources if one.type == "aws:ec2/vpc:Vpc")
    request = _analyze_request(vpc, by_name["ireland"], internal=False)
    assert (request.type, request.name) == ("aws:ec2/vpc:Vpc", "main")
    assert request.options == analyzer_pb2.AnalyzerResourceOptions(
        protect=True,
        ignoreChanges=["enableDnsSupport"],
        customTimeouts=analyzer_pb2.AnalyzerResourceOptions.CustomTimeouts(create=5400),
        parent=run.root.urn,
    )
    assert request.provider.type == "pulumi:providers:aws"
    assert plain(request.provider.properties)["region"] == "eu-west-1"


def test_the_stack_request_omits_dependencies_on_nothing() -> None:
    sent = {one.urn: one for one in _stack_request(run_of("network")).resources}
    vpc = sent["urn:pulumi:dev::network::aws:ec2/vpc:Vpc::main"]
    assert dict(vpc.propertyDependencies) == {}
    subnet = sent["urn:pulumi:dev::network::test:index:Pair$aws:ec2/subnet:Subnet::app-a"]
    assert {key: list(one.urns) for key, one in subnet.propertyDependencies.items()} == {
        "vpcId": [vpc.urn]
    }
    assert subnet.parent == "urn:pulumi:dev::network::test:index:Pair::app"


def test_policies_get_ids_for_references_and_no_internal_keys() -> None:
    def reference(**fields: str) -> dict[str, str]:
        return {"4dabf18193072939515e22adb298388d": "5cf8f73096256a8f31e491e813e4eb8e", **fields}

    properties = Struct()
    properties.update(
        {
            "__internal": "x",
            "vpc": reference(urn="urn:vpc", id="vpc-1"),
            "list": [{"component": reference(urn="urn:component")}],
        }
    )
    given = replace(_resource(), properties=properties)
    sent = _analyze_request(given, None, internal=False).properties
    assert plain(sent) == {"vpc": "vpc-1", "list": [{"component": "urn:component"}]}
    assert "__internal" in plain(_analyze_request(given, None, internal=True).properties)
    assert "__internal" in plain(properties)


def _resource() -> Resource:
    return Resource("urn", "a:b:C", "name", custom=True, properties=Struct(), outputs=Struct())
