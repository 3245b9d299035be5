"""Names of services, endpoint services and hosts, in every partition."""

from __future__ import annotations

import pytest

from privatelane_paths.known import Unknown
from privatelane_paths.services import (
    dns_suffix,
    endpoint_service_name,
    flow,
    known_region,
    parse_service_name,
    service,
)


@pytest.mark.parametrize(
    ("name", "short", "region"),
    [
        ("com.amazonaws.us-east-1.s3", "s3", "us-east-1"),
        ("com.amazonaws.us-east-1.ecr.api", "ecr.api", "us-east-1"),
        ("com.amazonaws.us-gov-west-1.ecr.dkr", "ecr.dkr", "us-gov-west-1"),
        ("com.amazonaws.us-east-1.ecr-fips.api", "ecr-fips.api", "us-east-1"),
        ("cn.com.amazonaws.cn-north-1.ecr.dkr", "ecr.dkr", "cn-north-1"),
        ("com.amazonaws.cn-north-1.s3", "s3", "cn-north-1"),
        ("eu.amazonaws.eusc-de-east-1.ecr.api", "ecr.api", "eusc-de-east-1"),
        ("gov.ic.c2s.us-iso-east-1.ecr.dkr", "ecr.dkr", "us-iso-east-1"),
        ("aws.sagemaker.us-east-1.notebook", "notebook", "us-east-1"),
        ("com.amazonaws.ap-southeast-5.logs", "logs", "ap-southeast-5"),
        ("com.amazonaws.vpce.us-east-1.vpce-svc-0abc", "vpce-svc-0abc", "us-east-1"),
        ("com.amazonaws.s3-global.accesspoint", "s3-global.accesspoint", None),
        ("com.amazonaws.iam", "iam", None),
    ],
)
def test_an_endpoint_service_is_what_follows_the_region(
    name: str, short: str, region: str | None
) -> None:
    assert parse_service_name(name) == (short, region)


@pytest.mark.parametrize(
    ("region", "suffix"),
    [
        ("us-east-1", "amazonaws.com"),
        ("us-gov-west-1", "amazonaws.com"),
        ("cn-northwest-1", "amazonaws.com.cn"),
        ("eusc-de-east-1", "amazonaws.eu"),
        ("us-iso-east-1", "c2s.ic.gov"),
        ("us-isob-east-1", "sc2s.sgov.gov"),
        ("us-isof-south-1", "csp.hci.ic.gov"),
        ("eu-isoe-west-1", "cloud.adc-e.uk"),
    ],
)
def test_each_partition_has_its_own_suffix(region: str, suffix: str) -> None:
    assert dns_suffix(region) == suffix


@pytest.mark.parametrize(
    ("name", "host", "zone"),
    [
        ("ecr.api", "api.ecr.eu-west-1.amazonaws.com", "api.ecr.eu-west-1.amazonaws.com"),
        ("ecr.dkr", "*.dkr.ecr.eu-west-1.amazonaws.com", "dkr.ecr.eu-west-1.amazonaws.com"),
        (
            "ecr.layers",
            "prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com",
            "s3.eu-west-1.amazonaws.com",
        ),
        ("s3", "*.s3.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"),
        ("dynamodb", "dynamodb.eu-west-1.amazonaws.com", None),
        ("logs", "logs.eu-west-1.amazonaws.com", "logs.eu-west-1.amazonaws.com"),
        ("ssm", "ssm.eu-west-1.amazonaws.com", "ssm.eu-west-1.amazonaws.com"),
        ("eks-auth", "eks-auth.eu-west-1.api.aws", "eks-auth.eu-west-1.api.aws"),
        ("ecs-agent", "ecs-a.eu-west-1.amazonaws.com", "ecs-a.eu-west-1.amazonaws.com"),
        ("ecs-telemetry", "ecs-t.eu-west-1.amazonaws.com", "ecs-t.eu-west-1.amazonaws.com"),
        ("aps.api", "api.aps.eu-west-1.amazonaws.com", "api.aps.eu-west-1.amazonaws.com"),
        ("ecr-fips.dkr", "*.dkr.ecr-fips.eu-west-1.amazonaws.com",
         "dkr.ecr-fips.eu-west-1.amazonaws.com"),
        ("ecr-fips.api", "ecr-fips.eu-west-1.amazonaws.com", "ecr-fips.eu-west-1.amazonaws.com"),
        ("execute-api", "*.execute-api.eu-west-1.amazonaws.com",
         "execute-api.eu-west-1.amazonaws.com"),
        ("s3express", "*.s3express.eu-west-1.amazonaws.com", None),
    ],
)  # fmt: skip
def test_hosts_and_the_zones_of_private_dns(name: str, host: str, zone: str | None) -> None:
    wanted = flow(name, "eu-west-1")

    assert (wanted.host, wanted.zone) == (host, zone)


def test_an_unknown_region_leaves_a_label_open() -> None:
    assert flow("ecr.api", None).host == "api.ecr.*.amazonaws.com"
    assert flow("ecr.api", None).region is None


def test_flows_are_told_apart_by_host_and_region() -> None:
    labels = {
        flow(name, region).label for name in ("ecr.api", "s3") for region in ("us-east-1", None)
    }

    assert len(labels) == 4


def test_gateways_are_offered_for_s3_and_dynamodb_only() -> None:
    names = ("s3", "ecr.layers", "dynamodb", "s3express", "ecr.api", "ecr.dkr", "logs")

    assert [name for name in names if service(name).gateway] == list(names[:4])
    assert [name for name in names if not service(name).interface] == ["s3express"]


def test_layers_come_from_s3() -> None:
    assert service("ecr.layers").endpoint == service("s3").endpoint == "s3"
    assert service("logs").endpoint == "logs"


@pytest.mark.parametrize("name", ["", "Logs", "com amazonaws", "logs.", ".logs", "-x", "a..b"])
def test_a_name_that_no_service_can_have_is_refused_in_one_sentence(name: str) -> None:
    with pytest.raises(ValueError, match="must be what follows the region") as refused:
        service(name)

    assert str(refused.value) == (
        f"service {name!r} must be what follows the region in an endpoint service's name, "
        "such as 'logs' or 'ecr.api'"
    )


@pytest.mark.parametrize(
    ("endpoint", "region", "name"),
    [
        ("s3", "us-east-1", "com.amazonaws.us-east-1.s3"),
        ("ecr.api", "us-east-1", "com.amazonaws.us-east-1.ecr.api"),
        ("ecr.dkr", "cn-north-1", "cn.com.amazonaws.cn-north-1.ecr.dkr"),
        ("s3", "cn-north-1", "com.amazonaws.cn-north-1.s3"),
        ("ecr.api", "eusc-de-east-1", "eu.amazonaws.eusc-de-east-1.ecr.api"),
        ("logs", "eusc-de-east-1", "com.amazonaws.eusc-de-east-1.logs"),
        ("logs", None, "com.amazonaws.<region>.logs"),
    ],
)
def test_the_name_to_create_an_endpoint_by(endpoint: str, region: str | None, name: str) -> None:
    assert endpoint_service_name(endpoint, region) == name
    assert region is None or parse_service_name(name) == (endpoint, region)


def test_an_unknown_region_is_no_region() -> None:
    assert known_region(Unknown("the region")) is None
    assert known_region("eu-west-1") == "eu-west-1"


def test_a_service_that_is_not_special_is_called_by_its_name() -> None:
    one = service("ssm.quick")

    assert (one.name, one.title, one.endpoint) == ("ssm.quick", "ssm.quick", "ssm.quick")
    assert (one.host, one.zone) == ("quick.ssm.{region}.{suffix}", "quick.ssm.{region}.{suffix}")
    assert one.interface
    assert not one.dual_stack


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("ecr.api", "ECR's API"),
        ("ecr.dkr", "ECR's registry"),
        ("ecr.layers", "image layers in S3"),
        ("s3", "S3"),
        ("s3express", "S3 Express One Zone"),
        ("dynamodb", "DynamoDB"),
        ("ecr-fips.dkr", "ECR's FIPS registry"),
        ("ecr-fips.api", "ECR's FIPS API"),
        ("ecs-agent", "ECS's agent service"),
        ("ecs-telemetry", "ECS's telemetry service"),
        ("eks-auth", "EKS Pod Identity"),
        ("execute-api", "API Gateway"),
    ],
)
def test_special_services_have_titles(name: str, title: str) -> None:
    assert service(name).title == title
    assert service(name).name == name
