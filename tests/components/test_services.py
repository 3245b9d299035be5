from __future__ import annotations

import pytest

from privatelane._invalid import InvalidInput
from privatelane._services import Service, check_region, partition, service


@pytest.mark.parametrize(
    ("key", "region", "name"),
    [
        ("ecr.api", "us-east-1", "com.amazonaws.us-east-1.ecr.api"),
        ("ecr-fips.dkr", "us-west-2", "com.amazonaws.us-west-2.ecr-fips.dkr"),
        ("ecr.api", "us-gov-west-1", "com.amazonaws.us-gov-west-1.ecr.api"),
        # China: some services have the partition's own prefix, S3 by interface only.
        ("ecr.dkr", "cn-north-1", "cn.com.amazonaws.cn-north-1.ecr.dkr"),
        ("sts", "cn-northwest-1", "cn.com.amazonaws.cn-northwest-1.sts"),
        ("logs", "cn-north-1", "com.amazonaws.cn-north-1.logs"),
        ("kms", "cn-north-1", "com.amazonaws.cn-north-1.kms"),
        ("s3", "cn-north-1", "com.amazonaws.cn-north-1.s3"),
        ("s3-interface", "cn-north-1", "cn.com.amazonaws.cn-north-1.s3"),
        ("iotsitewise.api", "cn-north-1", "cn.com.amazonaws.cn-north-1.iotsitewise.api"),
        ("polly", "cn-northwest-1", "cn.com.amazonaws.cn-northwest-1.polly"),
        ("polly", "cn-north-1", "com.amazonaws.cn-north-1.polly"),
        ("transcribe", "cn-north-1", "cn.com.amazonaws.cn-north-1.transcribe.cn"),
        # The European Sovereign Cloud and the isolated partitions.
        ("ecr.api", "eusc-de-east-1", "eu.amazonaws.eusc-de-east-1.ecr.api"),
        ("logs", "eusc-de-east-1", "com.amazonaws.eusc-de-east-1.logs"),
        ("ecr.api", "us-iso-east-1", "gov.ic.c2s.us-iso-east-1.ecr.api"),
        ("monitoring", "us-iso-west-1", "gov.ic.c2s.us-iso-west-1.monitoring"),
        ("monitoring", "us-iso-east-1", "com.amazonaws.us-iso-east-1.monitoring"),
        ("sqs", "us-isob-east-1", "gov.sgov.sc2s.us-isob-east-1.sqs"),
        ("ebs", "us-isof-south-1", "gov.ic.hci.csp.us-isof-south-1.ebs"),
        ("ecr.dkr", "eu-isoe-west-1", "uk.adc-e.cloud.eu-isoe-west-1.ecr.dkr"),
        # Names without a Region.
        ("iam", "eu-west-1", "com.amazonaws.iam"),
        ("route53", "us-east-1", "com.amazonaws.route53"),
        ("s3-global.accesspoint", "eu-west-1", "com.amazonaws.s3-global.accesspoint"),
        ("codecatalyst", "us-west-2", "aws.api.global.codecatalyst"),
        # Other prefixes.
        ("notebook", "us-east-1", "aws.sagemaker.us-east-1.notebook"),
        ("qbusiness", "us-east-1", "aws.api.us-east-1.qbusiness"),
        ("cassandra-streams", "us-east-1", "api.aws.us-east-1.cassandra-streams"),
        ("timestream.query-cell2", "us-east-1", "com.amazonaws.us-east-1.timestream.query-cell2"),
        ("dynamodb-interface", "us-east-1", "com.amazonaws.us-east-1.dynamodb"),
    ],
)
def test_a_service_has_the_name_that_its_partition_gives_it(
    key: str, region: str, name: str
) -> None:
    assert service("services", key).full_name(region) == name


def test_gateways_are_these_three() -> None:
    keys = ("s3", "dynamodb", "s3express", "s3-interface", "dynamodb-interface", "ecr.api")
    assert [key for key in keys if Service(key).gateway] == ["s3", "dynamodb", "s3express"]


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("ecr-api", "did you mean 'ecr.api'?"),
        ("ecr.dk", "did you mean 'ecr.dkr'?"),
        ("secretmanager", "did you mean 'secretsmanager'?"),
        ("com.amazonaws.us-east-1.sqs", "did you mean 'sqs'?"),
        ("cn.com.amazonaws.cn-north-1.ecr.api", "did you mean 'ecr.api'?"),
        ("com.amazonaws.us-gov-west-1.logs", "did you mean 'logs'?"),
        ("com.amazonaws.route53", "did you mean 'route53'?"),
        ("aws.sagemaker.us-east-1.notebook", "did you mean 'notebook'?"),
        ("%%%", "it must be a short name such as 'ecr.api'"),
    ],
)
def test_a_name_that_aws_does_not_know_is_refused_with_the_nearest_one(
    given: str, hint: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        service("services", given)
    assert str(caught.value) == f"services is {given!r}, AWS has no endpoint of that name; {hint}"


def test_a_name_that_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"^services is 3\.0, AWS has no endpoint"):
        service("services", 3.0)


@pytest.mark.parametrize(
    ("region", "name"),
    [
        ("us-east-1", "aws"),
        ("il-central-1", "aws"),
        ("cn-northwest-1", "aws-cn"),
        ("us-gov-east-1", "aws-us-gov"),
        ("eusc-de-east-1", "aws-eusc"),
        ("us-iso-west-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("us-isof-south-1", "aws-iso-f"),
        ("eu-isoe-west-1", "aws-iso-e"),
    ],
)
def test_a_region_is_in_the_partition_that_its_arns_name(region: str, name: str) -> None:
    assert partition(check_region("region", region)) == name


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (None, "region is None, it must be the name of a Region such as 'us-east-1'"),
        (
            "us-east-1a",
            "region is 'us-east-1a', it must be the name of a Region such as 'us-east-1'",
        ),
        ("eu-west1", "region is 'eu-west1', it must be the name of a Region such as 'eu-west-1'"),
    ],
)
def test_what_is_no_region_is_refused(given: object, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_region("region", given)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("key", "ports"),
    [("ecr.api", (443,)), ("cassandra", (9142,)), ("email-smtp", (465, 587, 2465, 2587))],
)
def test_a_service_listens_where_aws_says(key: str, ports: tuple[int, ...]) -> None:
    assert Service(key).ports == ports


def test_global_services_are_sought_where_they_run() -> None:
    assert Service("iam").home_region("eu-west-1") == "us-east-1"
    assert Service("iam").home_region("cn-northwest-1") == "cn-north-1"
    assert Service("route53").home_region("ap-south-1") == "us-east-1"
    assert Service("cloudfront").home_region("ap-south-1") is None
    assert Service("ecr.api").home_region("ap-south-1") is None


def test_services_by_interface_have_private_names_but_for_a_few() -> None:
    assert Service("ecr.dkr").private_dns
    assert Service("s3-interface").private_dns
    assert not Service("dynamodb-interface").private_dns
    assert not Service("s3").private_dns


def test_only_documented_services_take_ipv6() -> None:
    assert [
        key for key in ("s3", "ecr.api", "logs", "ec2", "dynamodb") if Service(key).dual_stack
    ] == [
        "s3",
        "ecr.api",
        "logs",
    ]
