"""Endpoint policies against what an image pull does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from privatelane_paths.endpoint_policies import Use, allows, uses_of
from privatelane_paths.known import Unknown

LAYERS = uses_of("ecr.layers", "us-east-1")
API = uses_of("ecr.api", "us-east-1")
DKR = uses_of("ecr.dkr", "us-east-1")
BUCKET = "arn:aws:s3:::prod-us-east-1-starport-layer-bucket"
SURE, NEVER, DOUBT = "yes", "no", "unknown"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource, **more}


def deny(**more: Any) -> dict[str, Any]:
    return {**allow(), "Effect": "Deny", **more}


def told(policy: str, uses: tuple[Use, ...]) -> str:
    answer = allows(policy, uses)
    return DOUBT if isinstance(answer, Unknown) else SURE if answer else NEVER


@pytest.mark.parametrize(
    ("says", "statements", "answer"),
    [
        ("full access", [allow()], SURE),
        ("just the layers", [allow("s3:GetObject", f"{BUCKET}/*")], SURE),
        ("any get", [allow("s3:Get*", "arn:aws:s3:::*")], SURE),
        ("actions ignore case", [allow("S3:getobject", f"{BUCKET}/*")], SURE),
        ("a list of actions", [allow(["s3:PutObject", "s3:GetObject"], [f"{BUCKET}/*"])], SURE),
        ("one character", [allow("s3:GetObjec?", f"{BUCKET}/*")], SURE),
        ("another bucket", [allow("s3:*", "arn:aws:s3:::mine/*")], NEVER),
        ("the bucket, not its objects", [allow("s3:*", BUCKET)], NEVER),
        ("another region's bucket",
         [allow("s3:*", "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*")], NEVER),
        ("another action", [allow("s3:PutObject")], NEVER),
        ("dots are no wildcards", [allow("s3.GetObject")], NEVER),
        ("everything but one bucket",
         [{"Effect": "Allow", "Principal": "*", "Action": "*",
           "NotResource": "arn:aws:s3:::mine/*"}], SURE),
        ("everything but the layers",
         [{"Effect": "Allow", "Principal": "*", "Action": "*", "NotResource": f"{BUCKET}/*"}],
         NEVER),
        ("every action but writing",
         [{"Effect": "Allow", "Principal": "*", "NotAction": "s3:Put*", "Resource": "*"}], SURE),
        ("every action but reading",
         [{"Effect": "Allow", "Principal": "*", "NotAction": "s3:Get*", "Resource": "*"}], NEVER),
        ("any principal, spelt out", [allow(Principal={"AWS": "*"})], SURE),
        ("principals of one account",
         [allow(Principal={"AWS": "arn:aws:iam::111122223333:root"})], NEVER),
        ("all principals but some",
         [{"Effect": "Allow", "NotPrincipal": {"AWS": "x"}, "Action": "*", "Resource": "*"}],
         DOUBT),
        ("one's own organisation",
         [allow(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abc123"}})], NEVER),
        ("resources of one's own account",
         [allow(Condition={"StringEquals": {"aws:ResourceAccount": "111122223333"}})], NEVER),
        ("resources of several accounts, one of which may be AWS's",
         [allow(Condition={"StringEquals": {"aws:ResourceAccount": ["1", "2"]}})], DOUBT),
        ("an account that is no number",
         [allow(Condition={"StringLike": {"aws:ResourceAccount": "*"}})], DOUBT),
        ("organisations by a pattern",
         [allow(Condition={"StringLike": {"aws:PrincipalOrgID": "*"}})], DOUBT),
        ("another condition", [allow(Condition={"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}})],
         DOUBT),
        ("no condition", [allow(Condition={})], SURE),
        ("a condition nobody can read", [allow(Condition=["x"])], DOUBT),
        ("everything denied", [allow(), deny()], NEVER),
        ("the layers denied", [allow(), deny(Resource=f"{BUCKET}/*")], NEVER),
        ("another bucket denied", [allow(), deny(Resource="arn:aws:s3:::mine/*")], SURE),
        ("denied outside one's own organisation",
         [allow(), deny(Condition={"StringNotEquals": {"aws:ResourceOrgID": "o-abc123"}})], NEVER),
        ("denied outside, where the key is there",
         [allow(),
          deny(Condition={"StringNotEqualsIfExists": {"aws:ResourceOrgID": "o-abc123"}})], NEVER),
        ("denied inside one's own organisation",
         [allow(), deny(Condition={"StringEquals": {"aws:ResourceOrgID": "o-abc123"}})], SURE),
        ("denied under a condition",
         [allow(), deny(Condition={"Bool": {"aws:SecureTransport": "false"}})], DOUBT),
        ("allowed under a condition and again without",
         [allow(Condition={"Bool": {"x": "true"}}), allow()], SURE),
        ("two conditions, one of which cannot hold",
         [allow(Condition={"Bool": {"x": "true"},
                           "StringEquals": {"aws:PrincipalOrgID": "o-abc123"}})], NEVER),
        ("nothing allowed", [deny()], NEVER),
        ("no statement", [], NEVER),
    ],
)  # fmt: skip
def test_layers_are_read_by_aws_from_its_own_bucket(
    says: str, statements: list[dict[str, Any]], answer: str
) -> None:
    assert told(document(*statements), LAYERS) == answer, says


@pytest.mark.parametrize(
    ("says", "statement", "answer"),
    [
        ("full access", allow(), SURE),
        ("the token, which has no resource", allow("ecr:GetAuthorizationToken"), SURE),
        ("the token on a repository, which grants none of it",
         allow("ecr:*", "arn:aws:ecr:us-east-1:111122223333:repository/app"), NEVER),
        ("the token but on one resource",
         {"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "NotResource": "x"}, SURE),
        ("another action", allow("ecr:BatchGetImage"), NEVER),
        ("one's own account", allow(Principal={"AWS": "111122223333"}), DOUBT),
        ("one's own organisation",
         allow(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abc123"}}), DOUBT),
    ],
)  # fmt: skip
def test_the_token_is_asked_for_by_the_task(
    says: str, statement: dict[str, Any], answer: str
) -> None:
    assert told(document(statement), API) == answer, says


@pytest.mark.parametrize(
    ("says", "statement", "answer"),
    [
        ("reading", allow(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]), SURE),
        ("half of reading", allow("ecr:BatchGetImage"), NEVER),
        ("reading one repository",
         allow("ecr:*", "arn:aws:ecr:us-east-1:111122223333:repository/app"), DOUBT),
        ("all but one repository",
         {"Effect": "Allow", "Principal": "*", "Action": "*", "NotResource": "x"}, DOUBT),
        ("no resource at all", allow("ecr:*", []), NEVER),
    ],
)  # fmt: skip
def test_manifests_are_read_from_repositories_of_which_no_name_is_known(
    says: str, statement: dict[str, Any], answer: str
) -> None:
    assert told(document(statement), DKR) == answer, says


def test_the_bucket_of_an_unknown_region_may_be_any_layer_bucket() -> None:
    uses = uses_of("ecr.layers", None)

    assert told(document(allow("s3:GetObject", f"{BUCKET}/*")), uses) == DOUBT
    assert told(document(allow("s3:GetObject", "arn:aws:s3:::*")), uses) == DOUBT
    assert told(document(allow("s3:GetObject", "arn:aws:s3:::mine/*")), uses) == NEVER
    assert told(document(allow()), uses) == SURE


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"), ("us-isob-east-1", "aws-iso-b"),
        ("us-isof-south-1", "aws-iso-f"), ("eu-isoe-west-1", "aws-iso-e"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)  # fmt: skip
def test_the_layer_bucket_is_in_the_regions_partition(region: str, partition: str) -> None:
    (use,) = uses_of("ecr.layers", region)

    assert use.resource == f"arn:{partition}:s3:::prod-{region}-starport-layer-bucket/layer"
    assert use.owner


@pytest.mark.parametrize(
    ("service", "region", "uses"),
    [
        ("ecr.api", "us-east-1", (Use("ecr:GetAuthorizationToken", "*"),)),
        ("ecr.dkr", "us-east-1",
         (Use("ecr:BatchGetImage", None), Use("ecr:GetDownloadUrlForLayer", None))),
        ("ecr.layers", "us-east-1", (Use("s3:GetObject", f"{BUCKET}/layer", owner=True),)),
        ("ecr.layers", None,
         (Use("s3:GetObject", "arn:aws:s3:::prod-*-starport-layer-bucket/layer", owner=True),)),
        ("logs", "us-east-1", ()),
    ],
)  # fmt: skip
def test_an_image_pull_asks_for_a_token_a_manifest_and_layers(
    service: str, region: str | None, uses: tuple[Use, ...]
) -> None:
    """AWS's ECR guide: the actions that a task's execution role needs to pull an image."""
    assert uses_of(service, region) == uses


def test_a_wildcard_stands_for_any_text_even_over_several_lines() -> None:
    """AWS: an object's key is any sequence of Unicode characters."""
    uses = (Use("s3:GetObject", "arn:aws:s3:::mine/two\nlines"),)

    assert told(document(allow("s3:GetObject", "arn:aws:s3:::mine/*")), uses) == SURE
    assert told(document(allow("s3:GetObject", "arn:aws:s3:::mine/two?lines")), uses) == SURE
    assert told(document(allow("s3:GetObject", "arn:aws:s3:::mine/two")), uses) == NEVER


def test_what_else_a_program_does_is_its_own_affair() -> None:
    assert uses_of("s3", "us-east-1") == ()
    assert told(document(allow("s3:GetObject", "arn:aws:s3:::mine/*")), ()) == SURE
    assert told(document(deny()), ()) == NEVER


def test_no_policy_is_full_access_and_an_unknown_one_is_unknown() -> None:
    missing = Unknown("policy of s3")

    assert allows(None, LAYERS) is True
    assert allows(missing, LAYERS) is missing


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"Statement": ["x"]}'])
def test_an_unreadable_policy_is_unknown(text: str) -> None:
    assert told(text, LAYERS) == DOUBT


def test_one_statement_needs_no_list() -> None:
    assert told(json.dumps({"Statement": allow()}), LAYERS) == SURE


@pytest.mark.parametrize(
    ("statement", "uses", "missing"),
    [
        (allow(Principal={"AWS": "x"}), API, "who calls, since the policy names principals"),
        (
            {"Effect": "Allow", "NotPrincipal": "x", "Action": "*", "Resource": "*"},
            API,
            "who calls, since the policy excludes principals",
        ),
        (allow("ecr:*", "arn:aws:ecr:*"), DKR, "which repositories the images are in"),
        (
            allow("s3:*", "arn:aws:s3:::*"),
            uses_of("ecr.layers", None),
            "the region of the layer bucket",
        ),
        (allow(Condition="x"), API, "the condition of an endpoint policy"),
        (
            allow(Condition={"Bool": {"aws:SecureTransport": "true"}}),
            API,
            "whether the endpoint policy's condition on aws:SecureTransport holds",
        ),
    ],
)
def test_a_doubt_names_what_is_missing(
    statement: dict[str, Any], uses: tuple[Use, ...], missing: str
) -> None:
    assert allows(document(statement), uses) == Unknown(missing)


def test_an_unreadable_policy_names_itself() -> None:
    assert allows("{", LAYERS) == Unknown("a readable endpoint policy")


@pytest.mark.parametrize("operator", ["StringLike", "stringequals", "STRINGLIKE"])
def test_owners_are_compared_by_either_operator(operator: str) -> None:
    condition = {operator: {"aws:PrincipalOrgID": "o-abc123"}}

    assert told(document(allow(Condition=condition)), LAYERS) == NEVER


@pytest.mark.parametrize("operator", ["StringNotLike", "StringNotEquals", "StringNotLikeIfExists"])
def test_owners_are_excluded_by_either_operator(operator: str) -> None:
    condition = {operator: {"aws:PrincipalOrgID": "o-abc123"}}

    assert told(document(allow(), deny(Condition=condition)), LAYERS) == NEVER


@pytest.mark.parametrize(
    "key",
    ["aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:ResourceOrgID", "aws:ResourceOrgPaths"],
)
def test_no_organisation_of_ones_own_holds_what_is_awss(key: str) -> None:
    condition = {"StringEquals": {key: "o-abc123/r-x/ou-y"}}

    assert told(document(allow(Condition=condition)), LAYERS) == NEVER


@pytest.mark.parametrize(
    "key", ["aws:PrincipalAccount", "aws:ResourceAccount", "s3:ResourceAccount"]
)
def test_no_account_of_ones_own_holds_what_is_awss(key: str) -> None:
    condition = {"StringEquals": {key: "111122223333"}}

    assert told(document(allow(Condition=condition)), LAYERS) == NEVER


def test_resources_keep_their_case_and_actions_do_not() -> None:
    bucket = "arn:aws:s3:::PROD-us-east-1-starport-layer-bucket/*"

    assert told(document(allow("s3:getobject", bucket)), LAYERS) == NEVER
    assert told(document({**allow("X"), "NotAction": "S3:GETOBJECT"}), LAYERS) == NEVER


def test_statements_without_principals_are_for_everybody() -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}

    assert told(document(statement), LAYERS) == SURE


def test_a_wildcard_beside_an_exclusion_grants_no_repository_for_certain() -> None:
    both = {**allow("ecr:*"), "NotResource": "x"}

    assert told(document(both), DKR) == DOUBT


def test_a_condition_that_tests_nothing_readable_holds() -> None:
    assert told(document(allow(Condition={"Bool": "x"})), LAYERS) == SURE


def test_a_policy_without_statements_allows_nothing() -> None:
    assert told("{}", LAYERS) == NEVER
