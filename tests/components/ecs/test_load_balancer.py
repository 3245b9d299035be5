"""The load balancer in front of a service. Mocks do not show that AWS accepts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.components.ecs.fargate import Later, refused, refused_later, served, service_args

if TYPE_CHECKING:
    from tests.components.mocks import Run

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/1"
VPC: dict[str, Any] = {"allow_from": {"vpc": {"cidr": "10.0.0.0/16"}}}
PUBLIC: dict[str, Any] = {"public": True, "group": "web", "certificate_arn": CERTIFICATE}


def balanced(
    task: dict[str, Any] | None = None,
    **given: Any,
) -> Run:
    return served({"port": 8080, **(task or {})}, load_balancer=given)


def refused_balancer(
    task: dict[str, Any] | None = None,
    **given: Any,
) -> str:
    return refused({"port": 8080, **(task or {})}, load_balancer=given)


def test_an_internal_balancer_speaks_modern_tls_in_the_groups_own_subnets() -> None:
    result = balanced(certificate_arn=CERTIFICATE, **VPC)
    assert result.the("LoadBalancer").inputs == {
        "loadBalancerType": "application",
        "internal": True,
        "subnets": ["app-euw1-az1", "app-euw1-az2"],
        "securityGroups": ["web-lb-id"],
        "dropInvalidHeaderFields": True,
        "idleTimeout": 60,
        "enableDeletionProtection": False,
        "tags": {"Name": "web-lb"},
    }
    assert result.the("Listener").inputs == {
        "loadBalancerArn": "arn:web-lb",
        "port": 443,
        "protocol": "HTTPS",
        "certificateArn": CERTIFICATE,
        "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        "defaultActions": [{"type": "forward", "targetGroupArn": "arn:web-tg"}],
        "tags": {"Name": "web-lb-443"},
    }
    assert result.the("TargetGroup").inputs == {
        "vpcId": "vpc-1",
        "targetType": "ip",
        "port": 8080,
        "protocol": "HTTP",
        "protocolVersion": "HTTP1",
        "slowStart": 0,
        "deregistrationDelay": 30,
        "healthCheck": {
            "protocol": "HTTP",
            "path": "/",
            "matcher": "200-399",
            "interval": 15,
            "healthyThreshold": 2,
            "unhealthyThreshold": 3,
        },
        "tags": {"Name": "web-tg"},
    }


def test_a_public_balancer_sends_callers_of_plain_http_to_tls() -> None:
    result = balanced(**PUBLIC)
    balancer = result.the("LoadBalancer").inputs
    assert (balancer["internal"], balancer["subnets"]) == (False, ["web-euw1-az1", "web-euw1-az2"])
    assert result.the("Listener", "web-lb-redirect").inputs == {
        "loadBalancerArn": "arn:web-lb",
        "port": 80,
        "protocol": "HTTP",
        "defaultActions": [
            {
                "type": "redirect",
                "redirect": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"},
            }
        ],
        "tags": {"Name": "web-lb-redirect"},
    }
    admitted = {
        name: (one.inputs["cidrIpv4"], one.inputs["fromPort"], one.inputs["toPort"])
        for name, one in result.of("SecurityGroupIngressRule").items()
        if name.startswith("web-lb-")
    }
    assert admitted == {
        "web-lb-from-internet": ("0.0.0.0/0", 443, 443),
        "web-lb-redirect-from-internet": ("0.0.0.0/0", 80, 80),
    }
    assert "web-lb-redirect" in result.the("Service").depends_on


def test_the_tasks_behind_a_public_balancer_stay_private() -> None:
    network = balanced(**PUBLIC).the("Service").inputs["networkConfiguration"]
    assert network["assignPublicIp"] is False
    assert network["subnets"] == ["app-euw1-az1", "app-euw1-az2"]


def test_plain_http_inside_the_vpc_is_a_choice() -> None:
    result = balanced(plain_http=True, **VPC)
    listener = result.the("Listener").inputs
    assert (listener["port"], listener["protocol"]) == (80, "HTTP")
    assert "certificateArn" not in listener
    assert "sslPolicy" not in listener


def test_a_network_balancer_hands_tcp_through_on_the_containers_port() -> None:
    result = balanced({"app_protocol": "tcp"}, kind="network", cross_zone=True, **VPC)
    assert result.the("LoadBalancer").inputs == {
        "loadBalancerType": "network",
        "internal": True,
        "subnets": ["app-euw1-az1", "app-euw1-az2"],
        "securityGroups": ["web-lb-id"],
        "enableCrossZoneLoadBalancing": True,
        "enableDeletionProtection": False,
        "tags": {"Name": "web-lb"},
    }
    listener = result.the("Listener").inputs
    assert (listener["port"], listener["protocol"]) == (8080, "TCP")
    assert result.the("TargetGroup").inputs == {
        "vpcId": "vpc-1",
        "targetType": "ip",
        "port": 8080,
        "protocol": "TCP",
        "deregistrationDelay": 30,
        "healthCheck": {
            "protocol": "TCP",
            "interval": 15,
            "healthyThreshold": 2,
            "unhealthyThreshold": 3,
        },
        "tags": {"Name": "web-tg"},
    }


def test_a_network_balancer_ends_tls_when_it_has_a_certificate() -> None:
    result = balanced(
        kind="network", certificate_arn=CERTIFICATE, health_check_path="/healthz", **VPC
    )
    listener = result.the("Listener").inputs
    assert (listener["port"], listener["protocol"]) == (443, "TLS")
    check = result.the("TargetGroup").inputs["healthCheck"]
    assert (check["protocol"], check["path"]) == ("HTTP", "/healthz")


def test_a_public_network_balancer_redirects_nobody() -> None:
    result = balanced(kind="network", **PUBLIC)
    assert set(result.of("Listener")) == {"web-lb-443"}


def test_grpc_is_checked_by_its_own_codes() -> None:
    group = balanced({"app_protocol": "grpc"}, certificate_arn=CERTIFICATE, **VPC).the(
        "TargetGroup"
    )
    assert group.inputs["protocolVersion"] == "GRPC"
    check = group.inputs["healthCheck"]
    assert (check["path"], check["matcher"]) == ("/AWS.ALB/healthcheck", "12")


def test_access_logs_go_to_the_bucket_that_is_named() -> None:
    result = balanced(
        certificate_arn=CERTIFICATE, access_logs_bucket="logs", access_logs_prefix="web", **VPC
    )
    assert result.the("LoadBalancer").inputs["accessLogs"] == {
        "bucket": "logs",
        "prefix": "web",
        "enabled": True,
    }


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            dict(VPC),
            (
                "load_balancer.certificate_arn is not given, TLS must have a certificate: name one"
                " of ACM, or set load_balancer.plain_http to True inside the VPC"
            ),
        ),
        (
            {"public": True, "group": "web"},
            (
                "load_balancer.certificate_arn is not given, TLS must have a certificate: name one"
                " of ACM"
            ),
        ),
        (
            {"public": True, "group": "web", "plain_http": True},
            "load_balancer.plain_http is True, but a public load balancer must have TLS",
        ),
        (
            {"certificate_arn": CERTIFICATE, "plain_http": True, **VPC},
            "load_balancer.plain_http is True, but load_balancer.certificate_arn is given",
        ),
        (
            {"kind": "network", "plain_http": True, **VPC},
            "load_balancer.plain_http is True, but a network load balancer speaks no HTTP",
        ),
        (
            {"public": True, "certificate_arn": CERTIFICATE},
            (
                "load_balancer.public is True, but load_balancer.group is not given: name the group"
                " that has the internet gateway"
            ),
        ),
        (
            {**PUBLIC, "group": "app"},
            (
                "load_balancer.group is 'app', a public load balancer must stand in a group with an"
                " internet gateway: 'web'"
            ),
        ),
        (
            {"certificate_arn": CERTIFICATE},
            (
                "load_balancer.allow_from is not given, an internal load balancer must name its"
                " callers, such as {'vpc': {'cidr': '10.0.0.0/16'}}"
            ),
        ),
        (
            {"certificate_arn": CERTIFICATE, "tls_policy": "ELBSecurityPolicy-2016-08", **VPC},
            (
                "load_balancer.tls_policy is 'ELBSecurityPolicy-2016-08', it must be one without"
                " TLS 1.0 and 1.1, such as 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09'"
            ),
        ),
        (
            {
                "certificate_arn": CERTIFICATE,
                "tls_policy": "ELBSecurityPolicy-TLS13-1-1-2021-06",
                **VPC,
            },
            (
                "load_balancer.tls_policy is 'ELBSecurityPolicy-TLS13-1-1-2021-06', it must be one"
                " without TLS 1.0 and 1.1, such as 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09'"
            ),
        ),
        (
            {"kind": "network", "tls_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06", **VPC},
            "load_balancer.tls_policy is given, but load_balancer.certificate_arn is not",
        ),
        (
            {"kind": "alb"},
            "load_balancer.kind is 'alb', it must be one of 'application' or 'network'",
        ),
        (
            {"certificate_arn": CERTIFICATE, "port": 65536, **VPC},
            "load_balancer.port is 65536, it must be a whole number from 1 to 65535",
        ),
        (
            {"certificate_arn": CERTIFICATE, "slow_start": 10, **VPC},
            "load_balancer.slow_start is 10, it must be 0 or a whole number from 30 to 900",
        ),
        (
            {"kind": "network", "slow_start": 60, **VPC},
            "load_balancer.slow_start is 60, network load balancers know no slow start",
        ),
        (
            {"certificate_arn": CERTIFICATE, "health_check_path": "healthz", **VPC},
            "load_balancer.health_check_path is 'healthz', it must begin with '/'",
        ),
        (
            {"certificate_arn": CERTIFICATE, "deregistration_delay": 3601, **VPC},
            "load_balancer.deregistration_delay is 3601, it must be a whole number from 0 to 3600",
        ),
        (
            {"certificate_arn": CERTIFICATE, "group": "data", **VPC},
            (
                "load_balancer.group is 'data', it must be a group with subnets: 'app', 'mixed' or"
                " 'web'"
            ),
        ),
    ],
)
def test_a_balancer_that_aws_would_refuse_is_refused_in_one_sentence(
    given: dict[str, Any], sentence: str
) -> None:
    assert refused_balancer(**given) == sentence


def test_older_policies_without_old_tls_are_accepted() -> None:
    policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"
    result = balanced(certificate_arn=CERTIFICATE, tls_policy=policy, **VPC)
    assert result.the("Listener").inputs["sslPolicy"] == policy


@pytest.mark.parametrize(
    ("task", "given", "sentence"),
    [
        (
            {"port": None},
            {"certificate_arn": CERTIFICATE, **VPC},
            "load_balancer is given, but task.port is not: it needs one to call",
        ),
        (
            {"app_protocol": "tcp"},
            {"certificate_arn": CERTIFICATE, **VPC},
            (
                "load_balancer.kind is 'application' with task.app_protocol 'tcp', it must be"
                " 'network'"
            ),
        ),
        (
            {"app_protocol": "grpc"},
            {"plain_http": True, **VPC},
            (
                "load_balancer.plain_http is True with task.app_protocol 'grpc', which application"
                " load balancers speak over TLS only"
            ),
        ),
    ],
)
def test_a_balancer_that_does_not_fit_the_task_is_refused(
    task: dict[str, Any], given: dict[str, Any], sentence: str
) -> None:
    assert refused_balancer(task, **given) == sentence


ONE_ZONE = (
    "load_balancer.group is 'app' with a subnet in euw1-az1, an application load balancer must have"
    " subnets in two zones or more"
)


def test_an_application_balancer_in_one_zone_is_refused() -> None:
    balancer = {"certificate_arn": CERTIFICATE, **VPC}
    one = {"app/euw1-az1": "s-1"}
    assert refused({"port": 80}, load_balancer=balancer, subnet_ids=one) == ONE_ZONE
    late, _ = refused_later(
        service_args({"port": 80}, load_balancer=balancer, subnet_ids=Later(one))
    )
    assert late == ONE_ZONE


def test_a_network_balancer_may_stand_in_one_zone() -> None:
    result = served(
        {"port": 80}, load_balancer={"kind": "network", **VPC}, subnet_ids={"app/euw1-az1": "s-1"}
    )
    assert result.the("LoadBalancer").inputs["subnets"] == ["s-1"]


def test_a_balancer_must_stand_wherever_tasks_run() -> None:
    """Targets in a zone that is not enabled for the load balancer get no requests."""
    subnets = {f"app/euw1-az{n}": "s" for n in (1, 2, 3)} | {f"web/euw1-az{n}": "s" for n in (1, 2)}
    assert refused({"port": 80}, load_balancer=PUBLIC, subnet_ids=subnets) == (
        "load_balancer.group is 'web', which has no subnet in euw1-az3, where tasks run"
    )


@pytest.mark.parametrize("name", ["w" * 22, "web_api", "internal-web", "-web"])
def test_a_name_that_leaves_no_room_for_the_balancers_is_refused(name: str) -> None:
    balancer = {"certificate_arn": CERTIFICATE, **VPC}
    assert refused({"port": 80}, name=name, load_balancer=balancer) == (
        f"name is {name!r}, with a load balancer it must be up to 21 letters, digits and inner"
        " hyphens and not begin with 'internal-'"
    )
