"""Endpoint policies, judged by an evaluator of the part of IAM's language that they use.

It shows what the documents say, not that AWS fills in each condition key as documented.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privatelane._invalid import InvalidInput
from privatelane._needs import NEEDS
from privatelane._services import Service
from privatelane.vpc._endpoint_policies import (
    FULL_ACCESS,
    MOST_CHARACTERS,
    NO_POLICY,
    Perimeter,
    check_account,
    check_organization,
    check_policy,
    default_policy,
    endpoint_policy,
)

OWN, TRUSTED, FOREIGN, AWS = "111111111111", "222222222222", "999999999999", "444444444444"
ORGANIZATION = "o-abcde12345"
ACCOUNT = Perimeter(OWN)
ORGANISED = Perimeter(OWN, ORGANIZATION)
EKS_REGISTRY, GUARDDUTY_REGISTRY = "602401143452", "593207742271"


@dataclass(frozen=True)
class Request:
    action: str
    resource: str
    #: The account of the credentials; None for a request without any.
    caller: str | None
    #: The account of the resource; None where there is none.
    owner: str | None

    @property
    def context(self) -> dict[str, str]:
        told = {"aws:PrincipalAccount": self.caller, "aws:ResourceAccount": self.owner}
        # Own is the account's organisation; of the others none is in it.
        if self.caller == OWN:
            told["aws:PrincipalOrgID"] = ORGANIZATION
        if self.owner == OWN:
            told["aws:ResourceOrgID"] = ORGANIZATION
        return {key: value for key, value in told.items() if value is not None}


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def admits(policy: dict[str, Any] | None, request: Request) -> bool:
    """Whether a policy admits a request; without a policy everything is admitted."""
    if policy is None:
        return True
    admitted = False
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        assert statement["Principal"] == "*"
        assert statement.keys() <= {
            *("Sid", "Effect", "Principal", "Action", "Resource", "Condition"),
        }
        conditions = statement.get("Condition", {})
        assert conditions.keys() <= {"StringEquals"}
        admitted |= (
            any(fnmatchcase(request.action, one) for one in listed(statement["Action"]))
            and any(fnmatchcase(request.resource, one) for one in listed(statement["Resource"]))
            and all(
                request.context.get(key) in listed(accepted)
                for key, accepted in conditions.get("StringEquals", {}).items()
            )
        )
    return admitted


def policy_of(
    key: str,
    *needs: str,
    perimeter: Perimeter = ACCOUNT,
    region: str = "us-east-1",
    services: tuple[str, ...] = (),
) -> dict[str, Any] | None:
    return default_policy(Service(key), perimeter, region=region, needs=needs, services=services)


def pull(account: str, caller: str | None = OWN) -> list[Request]:
    repository = f"arn:aws:ecr:us-east-1:{account}:repository/app"
    return [
        Request("ecr:BatchGetImage", repository, caller, account),
        Request("ecr:GetDownloadUrlForLayer", repository, caller, account),
    ]


LOG_IN = Request("ecr:GetAuthorizationToken", "*", OWN, None)
PUSH = Request("ecr:PutImage", f"arn:aws:ecr:us-east-1:{OWN}:repository/app", OWN, OWN)
#: ECR signs the address of a layer with an account of its own.
LAYER = Request(
    "s3:GetObject", "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/c0ffee/1", AWS, AWS
)
PACKAGE = Request("s3:GetObject", "arn:aws:s3:::al2023-repos-us-east-1-de612dc2/core/x", None, AWS)
AGENT = Request("s3:GetObject", "arn:aws:s3:::amazon-ssm-us-east-1/latest/VERSION", None, AWS)
OWN_OBJECT = Request("s3:PutObject", "arn:aws:s3:::my-bucket/x", OWN, OWN)
#: What a policy on S3 is for: data that leaves by the endpoint, with one's own role or another's.
EXFILTRATION = [
    Request("s3:PutObject", "arn:aws:s3:::their-bucket/x", OWN, FOREIGN),
    Request("s3:PutObject", "arn:aws:s3:::their-bucket/x", FOREIGN, FOREIGN),
    Request("s3:PutObject", "arn:aws:s3:::their-bucket/x", None, FOREIGN),
    Request("s3:PutObject", LAYER.resource, OWN, AWS),
    Request("s3:GetObject", "arn:aws:s3:::my-bucket/x", FOREIGN, OWN),
    Request("s3:GetObject", "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/x", AWS, AWS),
]


@pytest.mark.parametrize("perimeter", [ACCOUNT, ORGANISED], ids=["account", "organisation"])
class TestAnImagePull:
    def test_passes_all_three_endpoints(self, perimeter: Perimeter) -> None:
        assert admits(policy_of("ecr.api", "image-pull", perimeter=perimeter), LOG_IN)
        for request in pull(OWN):
            assert admits(policy_of("ecr.dkr", "image-pull", perimeter=perimeter), request)
            assert admits(policy_of("ecr.api", "image-pull", perimeter=perimeter), request)
        assert admits(policy_of("s3", "image-pull", perimeter=perimeter), LAYER)

    def test_from_a_foreign_registry_does_not(self, perimeter: Perimeter) -> None:
        for request in pull(FOREIGN):
            assert not admits(policy_of("ecr.dkr", "image-pull", perimeter=perimeter), request)

    def test_of_a_foreign_caller_does_not(self, perimeter: Perimeter) -> None:
        for request in [*pull(OWN, FOREIGN), *pull(FOREIGN, FOREIGN), *pull(OWN, None)]:
            assert not admits(policy_of("ecr.dkr", "image-pull", perimeter=perimeter), request)

    def test_of_an_add_on_passes_where_nodes_of_eks_are(self, perimeter: Perimeter) -> None:
        for request in pull(EKS_REGISTRY):
            assert not admits(policy_of("ecr.dkr", "image-pull", perimeter=perimeter), request)
            for need in ("eks-node", "eks-auto", "eks-fargate", "eks-bottlerocket"):
                assert admits(policy_of("ecr.dkr", need, perimeter=perimeter), request)

    def test_may_not_write_to_the_registry_of_the_add_ons(self, perimeter: Perimeter) -> None:
        policy = policy_of("ecr.dkr", "eks-node", perimeter=perimeter)
        repository = f"arn:aws:ecr:us-east-1:{EKS_REGISTRY}:repository/x"
        assert not admits(policy, Request("ecr:PutImage", repository, OWN, EKS_REGISTRY))
        assert admits(policy, PUSH)

    def test_of_the_guardduty_agent_passes_where_it_runs(self, perimeter: Perimeter) -> None:
        for request in pull(GUARDDUTY_REGISTRY):
            assert not admits(policy_of("ecr.dkr", "image-pull", perimeter=perimeter), request)
            assert admits(policy_of("ecr.dkr", "guardduty", perimeter=perimeter), request)

    def test_needs_no_more_of_s3_than_layers(self, perimeter: Perimeter) -> None:
        policy = policy_of("s3", "image-pull", perimeter=perimeter)
        for request in EXFILTRATION:
            assert not admits(policy, request)
        assert admits(policy, OWN_OBJECT)


def test_a_trusted_account_shares_its_registry_and_no_more() -> None:
    for perimeter in (
        Perimeter(OWN, trusted_accounts=(TRUSTED,)),
        Perimeter(OWN, ORGANIZATION, (TRUSTED,)),
    ):
        policy = policy_of("ecr.dkr", "image-pull", perimeter=perimeter)
        assert all(admits(policy, request) for request in [*pull(TRUSTED), *pull(OWN)])
        assert not any(admits(policy, request) for request in pull(FOREIGN))
        assert not any(admits(policy, request) for request in pull(OWN, TRUSTED))


@pytest.mark.parametrize("key", ["s3", "s3-interface", "s3-fips"])
def test_packages_of_amazon_linux_come_through_every_endpoint_of_s3(key: str) -> None:
    assert admits(policy_of(key), PACKAGE)


def test_the_systems_manager_agent_is_updated_where_there_are_sessions_on_hosts() -> None:
    assert not admits(policy_of("s3", "image-pull", "exec", "parameters"), AGENT)
    assert admits(policy_of("s3", "session"), AGENT)
    assert admits(policy_of("s3", services=("ssm", "ssmmessages", "s3")), AGENT)


def test_logs_are_written_by_ones_own_callers_to_ones_own_groups() -> None:
    policy = policy_of("logs", "awslogs")
    group = "arn:aws:logs:us-east-1:{}:log-group:app:log-stream:x"
    assert admits(policy, Request("logs:PutLogEvents", group.format(OWN), OWN, OWN))
    assert not admits(policy, Request("logs:PutLogEvents", group.format(FOREIGN), OWN, FOREIGN))
    assert not admits(policy, Request("logs:PutLogEvents", group.format(FOREIGN), FOREIGN, FOREIGN))


def test_a_pod_without_an_identity_yet_assumes_ones_own_roles_only() -> None:
    for action in ("sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"):
        for perimeter in (ACCOUNT, ORGANISED):
            policy = policy_of("sts", "eks-irsa", perimeter=perimeter)
            assert admits(policy, Request(action, f"arn:aws:iam::{OWN}:role/pod", None, OWN))
            assert not admits(
                policy, Request(action, f"arn:aws:iam::{FOREIGN}:role/x", None, FOREIGN)
            )


def test_a_pod_assumes_a_role_of_a_trusted_account() -> None:
    for organization in (None, ORGANIZATION):
        policy = policy_of("sts", perimeter=Perimeter(OWN, organization, (TRUSTED,)))
        role = f"arn:aws:iam::{TRUSTED}:role/pod"
        assert admits(policy, Request("sts:AssumeRoleWithWebIdentity", role, None, TRUSTED))


def test_ones_own_callers_ask_sts_and_foreign_ones_do_not() -> None:
    policy = policy_of("sts", "eks-node")
    assert admits(policy, Request("sts:GetCallerIdentity", "*", OWN, None))
    assert admits(policy, Request("sts:AssumeRole", f"arn:aws:iam::{TRUSTED}:role/x", OWN, TRUSTED))
    assert not admits(policy, Request("sts:GetCallerIdentity", "*", FOREIGN, None))


def test_public_parameters_of_aws_can_be_read() -> None:
    parameter = "arn:aws:ssm:us-east-1::parameter/aws/service/eks/optimized-ami"
    assert admits(policy_of("ssm", "karpenter"), Request("ssm:GetParameter", parameter, OWN, None))


@pytest.mark.parametrize(
    "key", ["secretsmanager", "kms", "sqs", "sns", "dynamodb", "kinesis-streams", "lambda"]
)
def test_data_leaves_to_no_resource_of_a_foreign_account(key: str) -> None:
    policy = policy_of(key)
    assert admits(policy, Request("any:Action", "arn:aws:any:::x", OWN, OWN))
    assert not admits(policy, Request("any:Action", "arn:aws:any:::x", OWN, FOREIGN))
    assert not admits(policy, Request("any:Action", "arn:aws:any:::x", FOREIGN, FOREIGN))


@given(
    key=st.sampled_from(sorted({one for services in NEEDS.values() for one in services})),
    needs=st.sets(st.sampled_from(sorted(NEEDS))),
    perimeter=st.sampled_from([ACCOUNT, ORGANISED, Perimeter(OWN, trusted_accounts=(TRUSTED,))]),
    action=st.sampled_from(
        [
            "ecr:BatchGetImage",
            "ecr:PutImage",
            "logs:PutLogEvents",
            "s3:GetObject",
            "s3:PutObject",
            "secretsmanager:GetSecretValue",
            "sts:AssumeRole",
            "sts:AssumeRoleWithWebIdentity",
        ]
    ),
    resource=st.sampled_from([LAYER.resource, PACKAGE.resource, "arn:aws:s3:::x/y", "*"]),
    caller=st.sampled_from([FOREIGN, None]),
    owner=st.sampled_from([FOREIGN, AWS]),
)
def test_foreign_callers_get_nothing_but_what_aws_publishes(
    key: str,
    needs: set[str],
    perimeter: Perimeter,
    action: str,
    resource: str,
    caller: str | None,
    owner: str,
) -> None:
    policy = policy_of(key, *needs, perimeter=perimeter)
    if policy is None:
        assert not Service(key).takes_policy
        return
    published = action == "s3:GetObject" and resource in (LAYER.resource, PACKAGE.resource)
    assert admits(policy, Request(action, resource, caller, owner)) == (key == "s3" and published)


OWN_ONLY: dict[str, str | list[str]] = {"aws:PrincipalAccount": OWN, "aws:ResourceAccount": OWN}


def allow(
    sid: str,
    action: str | list[str] = "*",
    resource: str | list[str] = "*",
    equals: dict[str, str | list[str]] | None = None,
) -> dict[str, Any]:
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
    }
    return {**statement, "Condition": {"StringEquals": equals}} if equals else statement


GOLDEN = {
    "s3": [
        allow("Own", equals=OWN_ONLY),
        allow(
            "ImageLayers", "s3:GetObject", ["arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"]
        ),
        allow(
            "AmazonLinuxPackages",
            "s3:GetObject",
            [
                "arn:aws:s3:::al2023-repos-us-east-1-de612dc2/*",
                "arn:aws:s3:::amazonlinux-2-repos-us-east-1/*",
            ],
        ),
    ],
    "ecr.dkr": [
        allow("OwnCallersLogIn", "ecr:GetAuthorizationToken", equals={"aws:PrincipalAccount": OWN}),
        allow("OwnRegistries", "ecr:*", equals=OWN_ONLY),
        allow(
            "OwnCallersPullFromAws",
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            [
                "arn:aws:ecr:us-east-1:031903291036:repository/*",
                "arn:aws:ecr:us-east-1:593207742271:repository/*",
                "arn:aws:ecr:us-east-1:602401143452:repository/*",
            ],
            equals={"aws:PrincipalAccount": OWN},
        ),
    ],
    "sts": [
        allow("OwnCallers", equals={"aws:PrincipalAccount": OWN}),
        allow(
            "FederatedCallersToOwnRoles",
            ["sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"],
            equals={"aws:ResourceAccount": OWN},
        ),
    ],
    "logs": [allow("Own", equals=OWN_ONLY)],
    "ssmmessages": [allow("OwnCallers", equals={"aws:PrincipalAccount": OWN})],
}


@pytest.mark.parametrize("key", sorted(GOLDEN))
def test_the_default_policy_is_exactly_this(key: str) -> None:
    expected = {"Version": "2012-10-17", "Statement": GOLDEN[key]}
    assert policy_of(key, "image-pull", "eks-node", "guardduty") == expected


def test_an_organisation_with_a_trusted_account_has_a_statement_for_each() -> None:
    policy = policy_of("secretsmanager", perimeter=Perimeter(OWN, ORGANIZATION, (TRUSTED,)))
    assert policy == {
        "Version": "2012-10-17",
        "Statement": [
            allow(
                "Own",
                equals={"aws:PrincipalOrgID": ORGANIZATION, "aws:ResourceOrgID": ORGANIZATION},
            ),
            allow(
                "OwnOnTrusted",
                equals={"aws:PrincipalOrgID": ORGANIZATION, "aws:ResourceAccount": [TRUSTED]},
            ),
        ],
    }


@pytest.mark.parametrize(
    ("region", "arn"),
    [
        ("cn-north-1", "arn:aws-cn:s3:::prod-cn-north-1-starport-layer-bucket/*"),
        ("us-gov-west-1", "arn:aws-us-gov:s3:::prod-us-gov-west-1-starport-layer-bucket/*"),
    ],
)
def test_arns_are_those_of_the_partition(region: str, arn: str) -> None:
    policy = policy_of("s3", region=region)
    assert policy is not None
    assert policy["Statement"][1]["Resource"] == [arn]


@pytest.mark.parametrize(
    ("region", "account"),
    [
        ("eu-central-1", "602401143452"),
        ("il-central-1", "066635153087"),
        ("cn-northwest-1", "961992271922"),
        ("us-gov-east-1", "151742754352"),
        ("eusc-de-east-1", "877088126301"),
    ],
)
def test_the_registry_of_add_ons_is_the_regions_own(region: str, account: str) -> None:
    policy = policy_of("ecr.dkr", "eks-node", region=region)
    assert policy is not None
    (arn,) = policy["Statement"][-1]["Resource"]
    assert arn.split(":")[3:5] == [region, account]


def test_nodes_where_the_registry_of_add_ons_is_not_known_are_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        policy_of("ecr.api", "eks-node", region="us-iso-east-1")
    assert str(caught.value) == (
        "region is 'us-iso-east-1', where the account with the images of EKS add-ons is not known;"
        " put it in trusted_accounts, or nodes could not pull them"
    )
    trusting = Perimeter(OWN, trusted_accounts=(TRUSTED,))
    assert policy_of("ecr.api", "eks-node", region="us-iso-east-1", perimeter=trusting) is not None


@pytest.mark.parametrize("key", ["oidc-eks", "sts-oidc", "apprunner.requests", "execute-api"])
def test_endpoints_that_take_no_policy_or_serve_callers_without_credentials_have_none(
    key: str,
) -> None:
    assert policy_of(key) is None


def written(key: str, **given: object) -> str | None:
    return endpoint_policy(Service(key), ACCOUNT, region="us-east-1", **given)  # type: ignore[arg-type]


class TestACallersPolicy:
    MINE = json.dumps({"Statement": allow("Mine", "s3:GetObject")})

    def test_takes_the_place_of_the_default(self) -> None:
        assert written("s3", policy=self.MINE) == self.MINE

    def test_may_be_full_access(self) -> None:
        text = written("s3", policy=FULL_ACCESS)
        assert text is not None
        assert json.loads(text)["Statement"] == [
            {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
        ]

    def test_may_be_none(self) -> None:
        assert written("s3", policy=NO_POLICY) is None
        assert written("oidc-eks", policy=NO_POLICY) is None
        assert written("oidc-eks", policy=FULL_ACCESS) is None

    def test_is_refused_where_an_endpoint_takes_none(self) -> None:
        with pytest.raises(InvalidInput) as caught:
            written("oidc-eks", policy=self.MINE)
        assert str(caught.value) == (
            "policies.oidc-eks cannot be set, the endpoint of oidc-eks admits everything and"
            " accepts no policy"
        )

    def test_may_add_to_the_default(self) -> None:
        mine = allow("Mine", "s3:GetObject", "arn:aws:s3:::their-dataset/*")
        text = written("s3", statements=json.dumps([mine]))
        assert text is not None
        default = policy_of("s3")
        assert default is not None
        assert json.loads(text)["Statement"] == [*default["Statement"], mine]

    def test_cannot_add_to_full_access(self) -> None:
        with pytest.raises(InvalidInput, match=r"^policy_statements\.execute-api adds to a policy"):
            written("execute-api", statements=json.dumps([allow("Mine")]))

    def test_cannot_both_replace_and_add(self) -> None:
        with pytest.raises(InvalidInput, match=r"^policies\.s3 replaces the policy that policy_st"):
            written("s3", policy=self.MINE, statements="[]")


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ("{", "p is no JSON ("),
        ("[]", "p is a list, it must be a JSON object"),
        (7.0, "p is 7.0, it must be a JSON object as text"),
        ("{}", "p.Statement is None, it must be a list of statements"),
        ('{"Statement": []}', "p.Statement is a list, it must be a list of statements"),
        ('{"Statement": [1]}', "p.Statement[0] is 1, it must be a map"),
        ('{"Statement": [{"Effect": "allow"}]}', "p.Statement[0].Effect must be 'Allow' or 'Deny'"),
        (
            '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}',
            "p.Statement[0] has no 'Principal', which a statement must have",
        ),
    ],
)
def test_a_document_that_aws_would_not_take_is_refused(document: object, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_policy("p", document)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_a_policy_is_as_long_as_aws_takes_and_no_longer() -> None:
    text = json.dumps({"Statement": [allow("S")]})
    longest = text + " " * (MOST_CHARACTERS - len(text))
    assert check_policy("p", longest) == longest
    with pytest.raises(InvalidInput) as caught:
        check_policy("p", longest + " ")
    assert str(caught.value) == "p has 20,481 characters, an endpoint policy has at most 20,480"


def test_additions_that_make_a_policy_too_long_are_refused() -> None:
    many = json.dumps([allow(f"S{number}") for number in range(300)])
    with pytest.raises(InvalidInput, match=r"^policy_statements\.s3 has 2\d,\d{3} characters"):
        written("s3", statements=many)


def test_every_default_policy_fits() -> None:
    trusting = Perimeter(OWN, ORGANIZATION, tuple(f"{number:012}" for number in range(50)))
    for key in {one for services in NEEDS.values() for one in services}:
        text = endpoint_policy(Service(key), trusting, region="ap-southeast-1", needs=sorted(NEEDS))
        assert text is None or len(text) < MOST_CHARACTERS


def test_an_account_has_twelve_digits() -> None:
    assert check_account("account_id", OWN) == OWN
    with pytest.raises(InvalidInput) as caught:
        check_account("account_id", "12345")
    assert str(caught.value) == "account_id is '12345', it must be the 12 digits of an account"


def test_an_organisation_has_the_id_of_one() -> None:
    assert check_organization("organization_id", ORGANIZATION) == ORGANIZATION
    with pytest.raises(InvalidInput) as caught:
        check_organization("organization_id", OWN)
    assert str(caught.value) == (
        "organization_id is '111111111111', it must be the id of an organisation such as"
        " 'o-abcde12345'"
    )
