"""An image from a registry that no endpoint reaches, pulled from a private subnet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.known import Key, Unknown
from privatelane_paths.verdicts import Verdict
from privatelane_paths.workloads import ImageOrigin
from privatelane_rules._frameworks import well_architected
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
containers = [{"name": "app", "image": "nginx:1.27"}]
"""
_RIGHT = """\
registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
containers = [{"name": "app", "image": f"{registry}/nginx:1.27"}]
"""

#: Where ECR or another registry stands that this region's endpoints do not serve.
_ELSEWHERE = {
    ImageOrigin.PUBLIC_REGISTRY: "a public registry",
    ImageOrigin.OTHER_REGISTRY: "a registry of its own",
    ImageOrigin.OTHER_REGION: "ECR in another region",
}


def check(stack: Stack) -> Iterator[Finding]:
    """One finding a workload, with its images that leave through a NAT for their registry."""
    leaving: dict[Key, dict[str, set[str]]] = {}
    cached: dict[Key, dict[str, str]] = {}
    doubts: dict[Key, str] = {}
    for pull in stack.pulls:
        if isinstance(pull.image, Unknown):
            doubts.setdefault(pull.workload, pull.image.missing)
        elif pull.origin in _ELSEWHERE and pull.verdict is Verdict.REFUTED and pull.missing:
            doubts.setdefault(pull.workload, pull.missing[0])
        elif pull.origin in _ELSEWHERE and pull.verdict is Verdict.REFUTED:
            text = f"{pull.image} ({_ELSEWHERE[pull.origin]})"
            names = leaving.setdefault(pull.workload, {}).setdefault(text, set())
            names.add(stack.name(pull.subnet))
        elif pull.origin is ImageOrigin.PULL_THROUGH and stack.private.get(pull.subnet) is True:
            cached.setdefault(pull.workload, {})[pull.image] = pull.caution
    for key in sorted({*leaving, *cached, *doubts}):
        name = stack.workloads[key].name
        lines = [
            f"  {image} from {', '.join(sorted(subnets))}"
            for image, subnets in sorted(leaving.get(key, {}).items())
        ]
        lines += [f"  {image}: {why}" for image, why in sorted(cached.get(key, {}).items())]
        if lines:
            told = f"{name} pulls images that no endpoint brings:"
            yield Finding(key, "\n".join([told, *lines]))
        else:
            yield undecided(key, f"what way {name}'s images take", doubts[key])


RULE = Rule(
    id="image-from-registry-without-endpoint",
    title="An image comes from a registry that has no endpoint.",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    why=(
        "There is no VPC endpoint for Docker Hub, quay.io or public.ecr.aws, nor does one region's "
        "endpoint bring the layers of another's registry: every pull passes the NAT. A "
        "pull-through cache needs that way once, for the first pull."
    ),
    fix=(
        "Copy the image to ECR in the workload's region, replicate it there, or pull it through a "
        "cache that has been filled once."
    ),
    check=check,
    framework=well_architected("COST08-BP03", "Implement services to reduce data transfer costs"),
    url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("cost", "ecr", "image"),
)
