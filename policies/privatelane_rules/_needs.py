"""What a workload needs of the network, as endpoint services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.images import Image, Registry, parse_image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_paths.facts import Workload

__all__ = ["ecr_images", "needed_services"]


def ecr_images(workload: Workload) -> Iterator[Image]:
    """Its images that certainly come from a private ECR registry."""
    images = workload.images if isinstance(workload.images, tuple) else ()
    for image in images:
        if isinstance(image, str):
            parsed = parse_image(image)
            if parsed.registry is Registry.ECR:
                yield parsed


def needed_services(workload: Workload) -> frozenset[str]:
    """The endpoint services that a workload calls before and while it runs."""
    pull = ("ecr.api", "ecr.dkr", "s3") if any(True for _ in ecr_images(workload)) else ()
    return frozenset((*workload.services, *pull))
