"""Where tasks can start: laws over groups of subnets, and the sentences of refusals."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privatelane._images import parse_image
from privatelane._invalid import InvalidInput
from privatelane._needs import NEEDS
from privatelane._placement import EGRESS, Placement, is_public, placement, services_by_need

PULL = frozenset({"ecr.api", "ecr.dkr", "s3"})
SERVICES = ("ecr.api", "ecr.dkr", "logs", "s3", "secretsmanager", "ssm", "ssmmessages")
TASK_NEEDS = ("image-pull", "awslogs", "exec", "secrets", "parameters")

PLACES = st.builds(
    Placement,
    group=st.just("app"),
    egress=st.sampled_from(EGRESS),
    private=st.frozensets(st.sampled_from(SERVICES)),
    public_ip=st.booleans(),
    allows_internet=st.booleans(),
)
NEEDED = st.sets(st.sampled_from(TASK_NEEDS)).map(
    lambda names: {name: set(NEEDS[name]) for name in sorted(names)}
)


def accepts(check: object) -> bool:
    try:
        assert callable(check)
        check()
    except InvalidInput:
        return False
    return True


def app(*private: str, egress: str = "none", **given: Any) -> Placement:
    return placement("app", {"app": egress}, {"app": ",".join(private)}, **given)


def refusal(check: object) -> str:
    assert callable(check)
    with pytest.raises(InvalidInput) as refused:
        check()
    return str(refused.value)


@given(place=PLACES, needs=NEEDED)
def test_needs_are_met_exactly_when_each_service_has_an_endpoint_or_the_internet_is_reached(
    place: Placement, needs: dict[str, set[str]]
) -> None:
    wanted = set().union(*needs.values())
    reached = place.allows_internet and (
        place.egress == "nat" or (place.egress == "internet-gateway" and place.public_ip)
    )
    met = reached or wanted <= place.private
    assert accepts(lambda: place.check_needs(needs)) == met


@given(place=PLACES, needs=NEEDED)
def test_an_endpoint_more_never_refuses_what_was_accepted(
    place: Placement, needs: dict[str, set[str]]
) -> None:
    richer = Placement(
        place.group,
        place.egress,
        frozenset(SERVICES),
        place.public_ip,
        place.allows_internet,
    )
    assert accepts(lambda: richer.check_needs(needs)) >= accepts(lambda: place.check_needs(needs))


@given(place=PLACES)
def test_a_public_image_is_accepted_exactly_where_the_internet_is_reached(
    place: Placement,
) -> None:
    image = parse_image("nginx")
    assert accepts(lambda: place.check_image(image, "us-east-1")) == place.internet


def test_a_refusal_names_every_missing_endpoint_with_its_need() -> None:
    needs = services_by_need(["image-pull", "awslogs", "exec"], [None])
    assert refusal(lambda: app("ecr.api", "logs").check_needs(needs)) == (
        "group 'app' has no endpoint for ecr.dkr, s3 (need 'image-pull') and ssmmessages (need"
        " 'exec'), and it has no NAT gateway; give Endpoints the needs image-pull, exec for this"
        " group"
    )


def test_a_nat_gateway_is_of_no_use_to_tasks_that_may_not_call_the_internet() -> None:
    assert refusal(lambda: app(egress="nat").check_needs({"awslogs": {"logs"}})) == (
        "group 'app' has no endpoint for logs (need 'awslogs'), and the security group of the tasks"
        " lets nothing out to the internet (see allow_to); give Endpoints the needs awslogs for"
        " this group"
    )


def test_an_internet_gateway_is_of_no_use_to_tasks_without_a_public_address() -> None:
    place = app(egress="internet-gateway", allows_internet=True)
    assert refusal(lambda: place.check_needs({"awslogs": {"logs"}})) == (
        "group 'app' has no endpoint for logs (need 'awslogs'), and the tasks have no public"
        " address for its internet gateway; give Endpoints the needs awslogs for this group"
    )


def test_a_public_image_is_refused_with_the_reference_it_has_behind_a_cache() -> None:
    assert refusal(lambda: app(*PULL).check_image(parse_image("nginx:1.27"), "eu-west-1")) == (
        "task.image is 'nginx:1.27', which no VPC endpoint serves, and it has no NAT gateway; read"
        " it through an ECR pull-through cache as"
        " '<account>.dkr.ecr.<region>.amazonaws.com/docker-hub/library/nginx:1.27', or copy it into"
        " ECR"
    )


def test_an_image_of_a_registry_that_ecr_cannot_cache_must_be_copied() -> None:
    image = parse_image("mcr.microsoft.com/dotnet/aspnet:8.0")
    assert refusal(lambda: app().check_image(image, "eu-west-1")) == (
        "task.image is 'mcr.microsoft.com/dotnet/aspnet:8.0', which no VPC endpoint serves, and it"
        " has no NAT gateway; copy it into ECR"
    )


def test_an_image_of_another_region_is_refused_once_the_region_is_known() -> None:
    image = parse_image("123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1")
    place = app(*PULL)
    place.check_image(image, None)
    place.check_image(image, "us-east-1")
    assert refusal(lambda: place.check_image(image, "eu-west-1", field="task.image")) == (
        "task.image is '123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1' of region 'us-east-1',"
        " the endpoints here reach the registry of 'eu-west-1' only, and it has no NAT gateway;"
        " replicate the repository to 'eu-west-1' and name it there"
    )


def test_an_image_of_another_region_is_pulled_through_nat() -> None:
    image = parse_image("123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1")
    app(egress="nat", allows_internet=True).check_image(image, "eu-west-1")


def test_a_fips_reference_needs_the_fips_endpoint() -> None:
    image = parse_image("123456789012.dkr.ecr-fips.us-east-1.amazonaws.com/web:1")
    needs = services_by_need(["image-pull"], [image])
    app("ecr.api", "ecr-fips.dkr", "s3").check_needs(needs)
    assert "no endpoint for ecr-fips.dkr (need" in refusal(lambda: app(*PULL).check_needs(needs))


def test_a_public_address_needs_an_internet_gateway() -> None:
    app(egress="internet-gateway", public_ip=True).check_address()
    assert refusal(lambda: app(egress="nat", public_ip=True).check_address()) == (
        "assign_public_ip is True, but group 'app' has no route to an internet gateway; leave it"
        " out"
    )


def test_a_group_that_the_network_has_not_is_refused_with_those_it_has() -> None:
    assert refusal(lambda: placement("ap", {"app": "none", "data": "none"}, {})) == (
        "group is 'ap', it must be a group of the network: 'app' or 'data'"
    )


def test_an_egress_that_no_network_has_is_refused() -> None:
    assert refusal(lambda: app(egress="nta")) == (
        "egress.app is 'nta', it must be one of 'internet-gateway', 'nat' or 'none'; did you mean"
        " 'nat'?"
    )


def test_services_come_as_text_or_as_a_collection() -> None:
    as_text = placement("app", {"app": "none"}, {"app": "ecr.api, s3"})
    as_set = placement("app", {"app": "none"}, {"app": frozenset({"ecr.api", "s3"})})
    assert as_text.private == as_set.private == {"ecr.api", "s3"}
    assert placement("app", {"app": "none"}, {"app": ""}).private == frozenset()
    assert placement("app", {"app": "none"}, {}).private == frozenset()


def test_endpoints_that_the_security_group_does_not_admit_are_named() -> None:
    needs = {"image-pull": {"ecr.api", "ecr.dkr", "s3"}, "awslogs": {"logs"}}
    closed = app(*PULL, "logs", allows_endpoints=False)
    assert refusal(lambda: closed.check_security_group(needs)) == (
        "endpoint_security_group_id is not given, tasks in group 'app' need it to call ecr.api,"
        " ecr.dkr, logs"
    )
    no_lists = placement("app", {"app": "none"}, {"app": PULL}, prefix_lists=frozenset())
    assert refusal(lambda: no_lists.check_security_group(needs)) == (
        "prefix_list_ids has no 's3', tasks in group 'app' need it to call the gateway endpoint"
    )
    placement(
        "app", {"app": "none"}, {"app": PULL}, prefix_lists=frozenset({"s3"})
    ).check_security_group(needs)


def test_the_services_of_an_image_pull_are_those_of_the_images() -> None:
    public = parse_image("nginx")
    assert services_by_need(["awslogs"], [public]) == {"awslogs": {"logs"}}
    assert services_by_need(["image-pull"], [None]) == {"image-pull": set(PULL)}


@pytest.mark.parametrize(
    ("cidr", "public"),
    [
        ("0.0.0.0/0", True),
        ("::/0", True),
        ("8.8.8.0/24", True),
        ("10.0.0.0/8", False),
        ("100.64.0.0/10", False),
        ("fd00::/8", False),
    ],
)
def test_ranges_of_the_internet_are_told_from_private_ones(cidr: str, public: bool) -> None:
    assert is_public(cidr) is public


def test_tasks_that_may_call_the_internet_need_no_prefix_list() -> None:
    place = placement(
        "app", {"app": "none"}, {"app": PULL}, allows_internet=True, prefix_lists=frozenset()
    )
    place.check_security_group({"image-pull": set(PULL)})


def test_tasks_that_call_gateways_only_need_no_endpoint_security_group() -> None:
    place = app("s3", "dynamodb", allows_endpoints=False)
    place.check_security_group({"s3": {"s3"}, "dynamodb": {"dynamodb"}})
