"""What `ImageRepository` asks the engine for. Mocks do not show that AWS accepts it."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from privatelane.ecr.image_repository import ImageRepository, ImageRepositoryArgs
from tests.components.ecs.fargate import ACCOUNT, CALLS, REGION
from tests.components.mocks import Run, refusal, run

SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:ecr-pullthroughcache/hub-AbCdEf"
URL = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"


def computed(type_: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    made = {"arn": f"arn:{name}", "name": inputs.get("name", name)}
    return {**made, "repositoryUrl": f"{URL}/{name}"} if type_.endswith(":Repository") else made


def repository(*, preview: bool = False, **given: Any) -> Run:
    args = cast("ImageRepositoryArgs", given)
    return run(
        lambda: ImageRepository("web", args), preview=preview, calls=CALLS, computed=computed
    )


def refused(**given: Any) -> str:
    args = cast("ImageRepositoryArgs", given)
    sentence = refusal(lambda: ImageRepository("web", args))
    return sentence.removeprefix("ImageRepository 'web': ").removesuffix(".")


def test_the_least_repository_has_immutable_tags_scans_and_a_lifecycle() -> None:
    result = repository()
    assert result.counts() == {"ImageRepository": 1, "Repository": 1, "LifecyclePolicy": 1}
    assert result.calls == []
    assert result.the("Repository").inputs == {
        "imageTagMutability": "IMMUTABLE",
        "imageTagMutabilityExclusionFilters": [],
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfigurations": [{"encryptionType": "AES256"}],
        "forceDelete": False,
        "tags": {"Name": "web-repository"},
    }
    assert {one.parent for one in result.resources[1:]} == {result.the("ImageRepository").urn}


def test_untagged_images_go_after_two_weeks_and_old_ones_after_a_hundred_newer() -> None:
    lifecycle = repository().the("LifecyclePolicy").inputs
    assert lifecycle["repository"] == "web-repository"
    rules = json.loads(lifecycle["policy"])["rules"]
    assert [one["selection"] for one in rules] == [
        {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": 14,
        },
        {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 100},
    ]
    assert [one["rulePriority"] for one in rules] == [1, 2]
    assert {one["action"]["type"] for one in rules} == {"expire"}


def test_some_tags_may_move_and_a_key_may_encrypt() -> None:
    inputs = (
        repository(mutable_tags=["latest*"], kms_key_arn="arn:key", repository_name="team/web")
        .the("Repository")
        .inputs
    )
    assert inputs["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert inputs["imageTagMutabilityExclusionFilters"] == [
        {"filter": "latest*", "filterType": "WILDCARD"}
    ]
    assert inputs["encryptionConfigurations"] == [{"encryptionType": "KMS", "kmsKey": "arn:key"}]
    assert inputs["name"] == "team/web"


def test_other_accounts_may_pull_when_they_are_named() -> None:
    result = repository(
        reader_account_ids=["222222222222", "111111111111"],
        reader_organization_id="o-abcde12345",
    )
    policy = json.loads(result.the("RepositoryPolicy").inputs["policy"])
    pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    assert policy["Statement"] == [
        {
            "Sid": "PullFromAccounts",
            "Effect": "Allow",
            "Principal": {
                "AWS": ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"]
            },
            "Action": pull,
        },
        {
            "Sid": "PullFromOrganization",
            "Effect": "Allow",
            "Principal": "*",
            "Action": pull,
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcde12345"}},
        },
    ]


CACHES: dict[str, Any] = {
    "docker-hub": {"upstream": "docker.io", "credentials_arn": SECRET},
    "ecr-public": {"upstream": "public.ecr.aws"},
}


def test_each_cache_is_a_rule_with_a_template_for_its_repositories() -> None:
    result = repository(pull_through=CACHES)
    assert result.counts() == {
        "ImageRepository": 1,
        "Repository": 1,
        "LifecyclePolicy": 1,
        "PullThroughCacheRule": 2,
        "RepositoryCreationTemplate": 2,
    }
    assert result.the("PullThroughCacheRule", "web-cache-docker-hub").inputs == {
        "ecrRepositoryPrefix": "docker-hub",
        "upstreamRegistryUrl": "registry-1.docker.io",
        "credentialArn": SECRET,
    }
    template = result.the("RepositoryCreationTemplate", "web-cache-ecr-public").inputs
    assert template.pop("lifecyclePolicy") == result.the("LifecyclePolicy").inputs["policy"]
    assert template == {
        "prefix": "ecr-public",
        "description": "Images of public.ecr.aws",
        "appliedFors": ["PULL_THROUGH_CACHE"],
        "imageTagMutability": "MUTABLE",
        "encryptionConfigurations": [{"encryptionType": "AES256"}],
    }
    assert result.output("ImageRepository") == {
        "repositoryUrl": f"{URL}/web-repository",
        "repositoryArn": "arn:web-repository",
        "repositoryName": "web-repository",
        "registry": URL,
        "cacheUrls": {"docker-hub": f"{URL}/docker-hub", "ecr-public": f"{URL}/ecr-public"},
    }


def test_cached_repositories_under_a_key_are_made_by_a_role_that_may_use_it() -> None:
    result = repository(pull_through=CACHES, kms_key_arn="arn:key")
    for template in result.of("RepositoryCreationTemplate").values():
        assert template.inputs["customRoleArn"] == "arn:web-cache"
        assert template.inputs["encryptionConfigurations"] == [
            {"encryptionType": "KMS", "kmsKey": "arn:key"}
        ]
    make, encrypt = json.loads(result.the("RolePolicy").inputs["policy"])["Statement"]
    assert make["Resource"] == [
        f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/docker-hub/*",
        f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/ecr-public/*",
    ]
    assert encrypt["Resource"] == "arn:key"


def test_a_registry_of_ecr_is_cached_with_a_role_and_a_prefix() -> None:
    upstream = "222222222222.dkr.ecr.us-east-1.amazonaws.com"
    cache = {"upstream": upstream, "role_arn": "arn:role", "upstream_prefix": "team"}
    assert repository(pull_through={"other": cache}).the("PullThroughCacheRule").inputs == {
        "ecrRepositoryPrefix": "other",
        "upstreamRegistryUrl": upstream,
        "customRoleArn": "arn:role",
        "upstreamRepositoryPrefix": "team",
    }


def test_two_repositories_live_in_one_stack_and_a_preview_shows_what_an_update_makes() -> None:
    def program() -> None:
        ImageRepository("web", cast("ImageRepositoryArgs", {"pull_through": CACHES}))
        ImageRepository("api", {})

    known = run(program, preview=False, calls=CALLS, computed=computed)
    assert known.counts()["Repository"] == 2
    assert run(program, preview=True, calls=CALLS).shape() == known.shape()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"repository_name": "Web"},
            (
                "repository_name is 'Web', it must be 2 to 256 lower-case letters, digits, dots,"
                " hyphens, underscores and slashes"
            ),
        ),
        (
            {"mutable_tags": ["a***"]},
            "mutable_tags has 'a***', it must be a tag with up to two wildcards, such as 'latest*'",
        ),
        (
            {"mutable_tags": list("abcdef")},
            "mutable_tags has 6 patterns, ECR takes 5",
        ),
        ({"keep_images": 0}, "keep_images is 0, it must be a whole number from 1 to 10000"),
        (
            {"reader_account_ids": ["123"]},
            "reader_account_ids has '123', an account id has 12 digits",
        ),
        (
            {"reader_organization_id": "acme"},
            "reader_organization_id is 'acme', it must be an id such as 'o-abcde12345'",
        ),
        (
            {"pull_through": {"gcr": {"upstream": "gcr.io"}}},
            (
                "pull_through.gcr.upstream is 'gcr.io', ECR caches public.ecr.aws,"
                " registry.k8s.io, quay.io, docker.io, ghcr.io, registry.gitlab.com, cgr.dev,"
                " <name>.azurecr.io and other registries of ECR"
            ),
        ),
        (
            {"pull_through": {"hub": {"upstream": "docker.io"}}},
            (
                "pull_through.hub.credentials_arn is not given, docker.io must have a Secrets"
                " Manager secret whose name begins with 'ecr-pullthroughcache/'"
            ),
        ),
        (
            {"pull_through": {"hub": {"upstream": "docker.io", "credentials_arn": "arn:secret"}}},
            (
                "pull_through.hub.credentials_arn is 'arn:secret', it must be the ARN of a secret"
                " whose name begins with 'ecr-pullthroughcache/'"
            ),
        ),
        (
            {"pull_through": {"quay": {"upstream": "quay.io", "credentials_arn": SECRET}}},
            "pull_through.quay.credentials_arn is given, quay.io takes none",
        ),
        (
            {"pull_through": {"quay": {"upstream": "quay.io", "role_arn": "arn:role"}}},
            "pull_through.quay has 'role_arn', which only registries of ECR take",
        ),
        (
            {"pull_through": {"q" * 31: {"upstream": "quay.io"}}},
            f"pull_through has '{'q' * 31}', a prefix has at most 30 characters",
        ),
        (
            {"keep": 3},
            "ImageRepository has no argument 'keep', it knows 'expire_untagged_days',",
        ),
    ],
)
def test_bad_settings_are_refused_in_one_sentence(given: dict[str, Any], sentence: str) -> None:
    told = refused(**given)
    assert told.startswith(sentence) if sentence.endswith(",") else told == sentence
