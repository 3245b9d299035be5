from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privatelane._invalid import InvalidInput
from privatelane._needs import NEEDS, needs_by_group, reasons, services_needed
from privatelane._services import service

GROUPS = st.dictionaries(
    st.sampled_from(["app", "data", "nodes"]), st.frozensets(st.sampled_from(sorted(NEEDS)))
)


@given(GROUPS, st.sampled_from(["app", "other"]), st.sampled_from(sorted(NEEDS)))
def test_another_need_takes_no_endpoint_away(
    needs: dict[str, frozenset[str]], group: str, need: str
) -> None:
    more = {**needs, group: needs.get(group, frozenset()) | {need}}
    assert reasons(needs).keys() <= reasons(more).keys()
    assert NEEDS[need].keys() <= reasons(more).keys()


@given(GROUPS)
def test_there_is_an_endpoint_for_exactly_what_is_needed_and_each_has_its_reason(
    needs: dict[str, frozenset[str]],
) -> None:
    told = reasons(needs)
    assert told.keys() == services_needed(need for names in needs.values() for need in names)
    for one, text in told.items():
        asking = {need for names in needs.values() for need in names if one in NEEDS[need]}
        for need in asking:
            assert NEEDS[need][one] in text
            assert f"{need} in " in text


@given(GROUPS)
def test_groups_add_up_to_what_one_group_with_all_their_needs_has(
    needs: dict[str, frozenset[str]],
) -> None:
    together = frozenset[str]().union(*needs.values())
    assert reasons(needs).keys() == reasons({"all": together}).keys()


@pytest.mark.parametrize("need", sorted(NEEDS))
def test_aws_has_an_endpoint_for_every_service_of_a_need(need: str) -> None:
    assert NEEDS[need]
    for one in NEEDS[need]:
        assert service("needs", one).key == one


@pytest.mark.parametrize(
    ("need", "services"),
    [
        ("image-pull", {"ecr.api", "ecr.dkr", "s3"}),
        ("awslogs", {"logs"}),
        ("exec", {"ssmmessages"}),
        ("secrets", {"secretsmanager"}),
        ("parameters", {"ssm"}),
        ("cmk", {"kms"}),
        ("session", {"ssm", "ssmmessages", "s3"}),
        ("ecs-ec2", {"ecs", "ecs-agent", "ecs-telemetry"}),
        ("eks-node", {"ecr.api", "ecr.dkr", "s3", "ec2", "sts"}),
        ("eks-pod-identity", {"eks-auth"}),
        ("eks-irsa", {"sts"}),
        ("eks-api", {"eks"}),
        ("external-dns", {"route53"}),
    ],
)
def test_a_need_uses_the_services_that_aws_documents(need: str, services: set[str]) -> None:
    assert services_needed([need]) == services


def test_a_reason_names_the_needs_and_the_groups_behind_it() -> None:
    assert reasons({"jobs": ["awslogs"], "app": ["awslogs", "container-insights"]})["logs"] == (
        "the awslogs driver writes the container's output here (awslogs in app, jobs);"
        " the performance events of Container Insights are written here (container-insights in app)"
    )


def test_needs_that_use_a_service_for_the_same_reason_tell_it_once() -> None:
    told = reasons({"app": ["image-pull"], "nodes": ["eks-node"]})
    assert told["s3"] == (
        "image layers are stored in an S3 bucket that AWS owns"
        " (eks-node in nodes; image-pull in app)"
    )


def test_a_group_with_an_empty_list_has_no_needs() -> None:
    assert needs_by_group({"app": ["exec"], "idle": []}) == {"app": frozenset({"exec"})}


@pytest.mark.parametrize(
    ("needs", "sentence"),
    [
        (
            {"app": ["image-pul"]},
            "needs.app holds 'image-pul', which is no need; did you mean 'image-pull'?",
        ),
        ({"app": "image-pull"}, "needs.app is 'image-pull', it must be a plain list"),
        (["image-pull"], "needs is a list, it must be a plain map"),
        (None, "needs is None, it must be a plain map"),
    ],
)
def test_needs_of_another_form_are_refused(needs: object, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        needs_by_group(needs)
    assert str(caught.value) == sentence


def test_a_need_that_resembles_none_is_refused_with_all_there_are() -> None:
    with pytest.raises(InvalidInput) as caught:
        services_needed(["%%%"])
    assert str(caught.value).startswith(
        "needs holds '%%%', which is no need; the needs are awslogs,"
    )
