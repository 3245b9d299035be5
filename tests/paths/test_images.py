"""Image references, taken apart as container runtimes take them."""

from __future__ import annotations

import pytest

from privatelane_paths.images import Image, Registry, parse_image

ECR, PUBLIC, OTHER = Registry.ECR, Registry.ECR_PUBLIC, Registry.OTHER
ACCOUNT = "111122223333"


@pytest.mark.parametrize(
    ("reference", "image"),
    [
        (
            f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/app:1",
            Image(ECR, f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com", "app", ACCOUNT, "us-east-1"),
        ),
        (
            f"{ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn/team/app@sha256:0abc",
            Image(ECR, f"{ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn", "team/app", ACCOUNT,
                  "cn-north-1"),
        ),
        (
            f"{ACCOUNT}.dkr.ecr.eusc-de-east-1.amazonaws.eu/app",
            Image(ECR, f"{ACCOUNT}.dkr.ecr.eusc-de-east-1.amazonaws.eu", "app", ACCOUNT,
                  "eusc-de-east-1"),
        ),
        (
            f"{ACCOUNT}.dkr.ecr.us-iso-east-1.c2s.ic.gov/app",
            Image(ECR, f"{ACCOUNT}.dkr.ecr.us-iso-east-1.c2s.ic.gov", "app", ACCOUNT,
                  "us-iso-east-1"),
        ),
        (
            f"{ACCOUNT}.dkr.ecr-fips.us-east-1.amazonaws.com/app",
            Image(ECR, f"{ACCOUNT}.dkr.ecr-fips.us-east-1.amazonaws.com", "app", ACCOUNT,
                  "us-east-1", fips=True),
        ),
        (
            f"{ACCOUNT}.dkr-ecr.us-east-1.on.aws/app:1",
            Image(ECR, f"{ACCOUNT}.dkr-ecr.us-east-1.on.aws", "app", ACCOUNT, "us-east-1",
                  dual_stack=True),
        ),
        (
            f"{ACCOUNT}.dkr-ecr-fips.us-east-1.on.aws/app:1",
            Image(ECR, f"{ACCOUNT}.dkr-ecr-fips.us-east-1.on.aws", "app", ACCOUNT, "us-east-1",
                  fips=True, dual_stack=True),
        ),
        ("*.dkr.ecr.us-east-1.amazonaws.com/*",
         Image(ECR, "*.dkr.ecr.us-east-1.amazonaws.com", "*", None, "us-east-1")),
        ("*.dkr.ecr.*.amazonaws.com/*", Image(ECR, "*.dkr.ecr.*.amazonaws.com", "*", None, None)),
        ("public.ecr.aws/nginx/nginx:1.27", Image(PUBLIC, "public.ecr.aws", "nginx/nginx")),
        ("ecr-public.aws.com/nginx/nginx", Image(PUBLIC, "ecr-public.aws.com", "nginx/nginx")),
        ("nginx", Image(OTHER, "docker.io", "nginx")),
        ("nginx:1.27@sha256:0abc", Image(OTHER, "docker.io", "nginx")),
        ("library/nginx:1.27", Image(OTHER, "docker.io", "library/nginx")),
        ("localhost/app", Image(OTHER, "localhost", "app")),
        ("registry:5000/app:2", Image(OTHER, "registry:5000", "app")),
        ("GHCR.io/a/b", Image(OTHER, "ghcr.io", "a/b")),
        ("12345.dkr.ecr.us-east-1.amazonaws.com/app",
         Image(OTHER, "12345.dkr.ecr.us-east-1.amazonaws.com", "app")),
        (f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com.evil.example/app",
         Image(OTHER, f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com.evil.example", "app")),
    ],
)  # fmt: skip
def test_the_registry_is_known_by_the_host(reference: str, image: Image) -> None:
    assert parse_image(reference) == image
