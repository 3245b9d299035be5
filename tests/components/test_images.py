"""Image references: what they say, and that what is no reference is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privatelane._images import EcrRegistry, parse_ecr_host, parse_image, upstream_of
from privatelane._invalid import InvalidInput

DIGEST = "sha256:" + "0123456789abcdef" * 4
ACCOUNT = "123456789012"

HOSTS = st.sampled_from(
    [
        "localhost",
        "localhost:5000",
        "quay.io",
        "registry.example.com:8443",
        f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com",
        f"{ACCOUNT}.dkr-ecr.eu-west-1.on.aws",
    ]
)
PARTS = st.from_regex(r"[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}", fullmatch=True)
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)
TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)


@given(host=HOSTS, path=PATHS, tag=st.none() | TAGS, digest=st.booleans())
def test_the_parts_of_a_reference_are_found_again(
    host: str, path: str, tag: str | None, digest: bool
) -> None:
    text = f"{host}/{path}" + (f":{tag}" if tag else "") + (f"@{DIGEST}" if digest else "")
    image = parse_image(text)
    assert (image.registry, image.repository) == (host, path)
    assert image.digest == (DIGEST if digest else None)
    assert image.tag == (tag or (None if digest else "latest"))


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag"),
    [
        ("nginx", "docker.io", "library/nginx", "latest"),
        ("nginx:1.27", "docker.io", "library/nginx", "1.27"),
        ("bitnami/nginx", "docker.io", "bitnami/nginx", "latest"),
        ("docker.io/nginx", "docker.io", "library/nginx", "latest"),
        ("index.docker.io/library/nginx", "docker.io", "library/nginx", "latest"),
        ("registry-1.docker.io/nginx", "docker.io", "library/nginx", "latest"),
        ("public.ecr.aws/nginx/nginx:1", "public.ecr.aws", "nginx/nginx", "1"),
        ("localhost/nginx", "localhost", "nginx", "latest"),
        ("local/nginx", "docker.io", "local/nginx", "latest"),
    ],
)
def test_docker_hub_is_meant_where_no_host_is_written(
    text: str, registry: str, repository: str, tag: str
) -> None:
    image = parse_image(text)
    assert (image.registry, image.repository, image.tag) == (registry, repository, tag)
    assert image.ecr is None


@pytest.mark.parametrize(
    ("host", "registry"),
    [
        (f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com", EcrRegistry(ACCOUNT, "us-east-1")),
        (
            f"{ACCOUNT}.dkr.ecr.us-gov-west-1.amazonaws.com",
            EcrRegistry(ACCOUNT, "us-gov-west-1"),
        ),
        (f"{ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn", EcrRegistry(ACCOUNT, "cn-north-1")),
        (f"{ACCOUNT}.dkr.ecr.eusc-de-east-1.amazonaws.eu", EcrRegistry(ACCOUNT, "eusc-de-east-1")),
        (
            f"{ACCOUNT}.dkr.ecr-fips.us-east-1.amazonaws.com",
            EcrRegistry(ACCOUNT, "us-east-1", fips=True),
        ),
        (
            f"{ACCOUNT}.dkr-ecr.us-east-1.on.aws",
            EcrRegistry(ACCOUNT, "us-east-1", dual_stack=True),
        ),
        (
            f"{ACCOUNT}.dkr-ecr-fips.us-east-1.on.aws",
            EcrRegistry(ACCOUNT, "us-east-1", fips=True, dual_stack=True),
        ),
        ("public.ecr.aws", None),
        ("12345678901.dkr.ecr.us-east-1.amazonaws.com", None),
        (f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com.example.org", None),
        (f"{ACCOUNT}.dkr.ecr.us-east-1.on.aws", None),
        (f"{ACCOUNT}.dkr-ecr.us-east-1.amazonaws.com", None),
    ],
)
def test_a_private_registry_is_told_by_its_host(host: str, registry: EcrRegistry | None) -> None:
    assert parse_ecr_host(host) == registry
    assert parse_image(f"{host}/web").ecr == registry


def test_a_pull_by_fips_names_needs_the_fips_endpoint_for_manifests() -> None:
    assert EcrRegistry(ACCOUNT, "us-east-1").services == {"ecr.api", "ecr.dkr", "s3"}
    assert EcrRegistry(ACCOUNT, "us-east-1", fips=True).services == {
        "ecr.api",
        "ecr-fips.dkr",
        "s3",
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Nginx",
        "nginx:",
        "nginx:a b",
        "nginx@sha256:0123",
        f"nginx@sha256:{'0' * 63}",
        "a//b",
        "/nginx",
        "a___b",
        "https://quay.io/a",
        "a" * 256,
    ],
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_image(text, field="task.image")
    assert str(refused.value).startswith(f"task.image is {text!r}, ")


@pytest.mark.parametrize(
    ("text", "cached"),
    [
        ("nginx:1.27", "docker-hub/library/nginx:1.27"),
        (f"bitnami/nginx:1@{DIGEST}", f"docker-hub/bitnami/nginx:1@{DIGEST}"),
        ("public.ecr.aws/nginx/nginx", "ecr-public/nginx/nginx:latest"),
        ("ghcr.io/acme/web:2", "github/acme/web:2"),
        ("acme.azurecr.io/web:2", "acme/web:2"),
    ],
)
def test_an_image_keeps_its_path_and_tag_behind_a_cache(text: str, cached: str) -> None:
    assert parse_image(text).through_cache("registry") == f"registry/{cached}"


def test_a_cache_may_have_a_prefix_of_its_own() -> None:
    assert parse_image("nginx").through_cache("r", "hub") == "r/hub/library/nginx:latest"


def test_a_registry_that_ecr_cannot_cache_is_named() -> None:
    assert upstream_of("mcr.microsoft.com") is None
    with pytest.raises(InvalidInput) as refused:
        parse_image("mcr.microsoft.com/dotnet/aspnet:8.0").through_cache("r")
    assert str(refused.value) == (
        "image is 'mcr.microsoft.com/dotnet/aspnet:8.0', ECR cannot cache the registry"
        " 'mcr.microsoft.com'"
    )
