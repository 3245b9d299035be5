"""The subnets that a resource is put into, whether the map of them is known yet or not."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Union

import pulumi

from privatelane._component import input_errors

Subnets = Union[Sequence[pulumi.Input[str]], pulumi.Output[Sequence[str]]]


def chosen_subnets(
    where: str,
    subnet_ids: pulumi.Input[Mapping[str, pulumi.Input[str]]],
    choose: Callable[[Mapping[str, Any]], Mapping[str, Any]],
) -> Subnets:
    """Return the subnets that `choose` returns, a list whose length is known where the keys are.

    `where` is the component that is told when a map, known only later, has none to choose.
    """
    if isinstance(subnet_ids, Mapping):
        return list(choose(subnet_ids).values())

    def choose_known(known: Mapping[str, str]) -> list[str]:
        with input_errors(where):
            return list(choose(known).values())

    return pulumi.Output.all(subnet_ids).apply(lambda known: choose_known(known[0]))
