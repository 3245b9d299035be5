from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from privatelane_rules._rule import Level
from tests.programs import Made, Out
from tests.rules.networks import IMAGE, Net

if TYPE_CHECKING:
    from tests.rules.conftest import Judged

known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])


@known_or_not
@pytest.mark.parametrize(
    ("image", "where"),
    [
        ("nginx:1.27", "a public registry"),
        ("ghcr.io/acme/app@sha256:0", "a public registry"),
        ("public.ecr.aws/nginx/nginx:1", "a public registry"),
        (IMAGE.replace("us-east-1", "eu-west-1"), "ECR in another region"),
    ],
)
def test_an_image_that_no_endpoint_brings_violates(
    judged: Judged, image: str, where: str, known: bool
) -> None:
    net = Net(zones=("a",)).endpoints()
    service = net.service(image)

    (found,) = judged(net, known=known)

    assert (found.urn, found.level) == (service.urn, Level.ADVISORY)
    assert f"{image} ({where}) from private-a" in found.message


@known_or_not
def test_an_image_from_the_own_registry_is_fine(judged: Judged, known: bool) -> None:
    net = Net().endpoints()
    net.service()

    assert judged(net, known=known) == []


@known_or_not
def test_from_a_public_subnet_no_nat_is_passed(judged: Judged, known: bool) -> None:
    net = Net(zones=("a",))
    net.service("nginx", subnets=[net.public["a"]], assignPublicIp=True)

    assert judged(net, known=known) == []


@known_or_not
def test_the_first_pull_through_a_cache_needs_a_way_out(judged: Judged, known: bool) -> None:
    net = Net(zones=("a",)).endpoints()
    net.program.add(
        "aws:ecr/pullThroughCacheRule:PullThroughCacheRule",
        "hub",
        {"ecrRepositoryPrefix": "hub", "upstreamRegistryUrl": "registry-1.docker.io"},
    )
    net.service(IMAGE.replace("/app", "/hub/library/nginx"))

    (found,) = judged(net, known=known)

    assert "the first pull fills the cache from registry-1.docker.io" in found.message


def test_an_image_that_is_not_known_is_undecided(judged: Judged) -> None:
    net = Net(zones=("a",)).endpoints()
    net.service(containers=Out("[]", (net.vpc.urn,)))

    (found,) = judged(net)

    assert "Cannot be decided: what way app's images take" in found.message


def test_a_subnet_that_is_one_of_several_is_undecided(judged: Judged) -> None:
    net = Net()
    both = tuple(one.urn for one in (net.private["a"], net.public["a"]))
    net.service("nginx", subnets=[Made("", Out(net.private["a"].id.value, both), {})])

    (found,) = judged(net)

    assert "Cannot be decided: what way app's images take" in found.message
    assert "which of private-a, public-a" in found.message
