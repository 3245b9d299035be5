"""What every controller's prerequisites ask the engine for, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from tests.components.controllers.controllers import (
    AUTOSCALER,
    KARPENTER,
    LOAD_BALANCER_CONTROLLER,
    Controller,
)
from tests.components.ecs.fargate import Later

CONTROLLERS = [
    pytest.param(one, id=one.name) for one in (AUTOSCALER, KARPENTER, LOAD_BALANCER_CONTROLLER)
]


@pytest.mark.parametrize(
    ("controller", "account"),
    [
        (AUTOSCALER, "cluster-autoscaler"),
        (LOAD_BALANCER_CONTROLLER, "aws-load-balancer-controller"),
    ],
    ids=["cas", "lbc"],
)
def test_it_is_a_role_and_an_association(controller: Controller, account: str) -> None:
    result = controller.made()
    kind, role = controller.component.__name__, f"{controller.name}-controller"
    assert result.counts() == {kind: 1, "PodIdentityAssociation": 1, "Role": 1, "RolePolicy": 1}
    assert result.the("PodIdentityAssociation").inputs == {
        "clusterName": "main",
        "namespace": "kube-system",
        "serviceAccount": account,
        "roleArn": f"arn:{role}",
        "tags": {"Name": f"{role}-{account}"},
    }
    assert result.output(kind) == {"roleArn": f"arn:{role}"}


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_a_preview_has_the_same_shape(controller: Controller) -> None:
    assert controller.made(preview=True).shape() == controller.made().shape()


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_irsa_without_its_provider_is_refused_in_one_sentence(controller: Controller) -> None:
    sentence = "oidc_provider_arn is missing, identity 'irsa' needs it"
    assert controller.refused(identity="irsa") == sentence


@pytest.mark.parametrize(
    ("controller", "services", "sentence"),
    [
        (
            AUTOSCALER,
            "ec2,eks,eks-auth",
            (
                "group 'app' has no endpoint for autoscaling (need 'cluster-autoscaler'), and it"
                " has no NAT gateway; give Endpoints the needs cluster-autoscaler for this group"
            ),
        ),
        (
            KARPENTER,
            "ec2,ecr.api,ecr.dkr,s3,sts,eks,ssm",
            (
                "group 'app' has no endpoint for eks-auth (need 'eks-pod-identity') and sqs (need"
                " 'karpenter'), and it has no NAT gateway; give Endpoints the needs"
                " eks-pod-identity, karpenter for this group"
            ),
        ),
        (
            LOAD_BALANCER_CONTROLLER,
            "ec2,eks,eks-auth",
            (
                "group 'app' has no endpoint for elasticloadbalancing (need"
                " 'load-balancer-controller'), and it has no NAT gateway; give Endpoints the needs"
                " load-balancer-controller for this group"
            ),
        ),
    ],
    ids=["cas", "karp", "lbc"],
)
def test_a_controller_that_could_not_do_its_work_is_refused_in_one_sentence(
    controller: Controller, services: str, sentence: str
) -> None:
    assert controller.refused(private_services={"app": services}) == sentence


@pytest.mark.parametrize(
    ("controller", "network", "told"),
    [
        (
            AUTOSCALER,
            {"private_services": Later({})},
            "group 'app' has no endpoint for autoscaling, ec2, eks (need 'cluster-",
        ),
        (
            KARPENTER,
            {"egress": Later({"app": "none"}), "private_services": {}},
            "group 'app' has no endpoint for ec2, ecr.api, ecr.dkr, s3, sts (need",
        ),
        (
            LOAD_BALANCER_CONTROLLER,
            {"private_services": Later({})},
            (
                "group 'app' has no endpoint for eks-auth (need 'eks-pod-identity') and"
                " ec2, elasticloadbalancing (need 'load-balancer-controller')"
            ),
        ),
    ],
    ids=["cas", "karp", "lbc"],
)
def test_a_check_that_waits_for_an_output_still_comes_before_the_rights(
    controller: Controller, network: dict[str, Any], told: str
) -> None:
    sentence, registered = controller.refused_later(**network)
    assert sentence.startswith(told)
    kinds = {one.type.rpartition(":")[2] for one in registered}
    assert not {"AccessEntry", "PodIdentityAssociation", "RolePolicy"} & kinds
