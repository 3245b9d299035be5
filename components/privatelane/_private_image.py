"""Images that a cluster without a way to the internet runs: pinned, and pulled from ECR."""

from __future__ import annotations

from privatelane._images import Image, into_ecr, parse_image
from privatelane._invalid import InvalidInput, text


def private_image(field: str, value: object, region: str | None) -> Image:
    """Return the image that `value` names when a node behind VPC endpoints alone can pull it.

    `region` is where the nodes are, None while that is unknown.

    Raises:
        InvalidInput: it is no reference, its registry has no endpoint here, or it is not pinned, so
            that a node that starts tomorrow runs something else.

    """
    image = parse_image(text(field, value), field=field)
    if image.ecr is None:
        raise InvalidInput(
            f"{field} is {image.text!r}, which no VPC endpoint serves; {into_ecr(image)}"
        )
    if region is not None and image.ecr.region != region:
        raise InvalidInput(
            f"{field} is {image.text!r} of region {image.ecr.region!r}, the endpoints here reach"
            f" the registry of {region!r} only; replicate the repository and name it there"
        )
    if image.digest is None and image.tag == "latest":
        raise InvalidInput(f"{field} is {image.text!r}, it must have a tag other than latest")
    return image


def chart_image(image: Image) -> dict[str, str]:
    """Return an image as the values of most Helm charts hold it."""
    pinned = {"tag": image.tag} if image.digest is None else {"digest": image.digest}
    repository = f"{image.registry}/{image.repository}"
    return {"repository": repository, **{key: one for key, one in pinned.items() if one}}
