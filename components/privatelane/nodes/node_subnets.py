"""The subnets that nodes run in, once it is known that they can start there."""

from collections.abc import Iterable, Mapping
from typing import Any

import pulumi

from privatelane._component import input_errors, is_plain
from privatelane.nodes._node_place import NodePlace


def check_place(place: NodePlace, args: Mapping[str, Any]) -> None:
    """Accept where nodes run, as far as `subnet_ids`, `egress` and `private_services` are plain.

    Raises:
        InvalidInput: nodes could not start there.

    """
    check_reach([place], args)
    if isinstance(args["subnet_ids"], Mapping):
        place.choose(args["subnet_ids"])


def check_reach(places: Iterable[NodePlace], args: Mapping[str, Any]) -> None:
    """Accept a network, as far as `egress` and `private_services` are plain.

    Raises:
        InvalidInput: nodes could not start in one of the places.

    """
    if is_plain(args["egress"]) and is_plain(args["private_services"]):
        for place in places:
            place.check_reach(args["egress"], args["private_services"])


def once_reachable(
    where: str, places: Iterable[NodePlace], args: Mapping[str, Any], value: pulumi.Input[str]
) -> pulumi.Input[str]:
    """Return `value`, known only after the check of a network that is itself known only later.

    What takes it is not created where nodes could not start, in one place or another.
    """
    if is_plain(args["egress"]) and is_plain(args["private_services"]):
        return value

    def check(known: list[Any]) -> str:
        given, egress, private_services = known
        with input_errors(where):
            check_reach(places, {"egress": egress, "private_services": private_services})
        text: str = given
        return text

    return pulumi.Output.all(value, args["egress"], args["private_services"]).apply(check)
