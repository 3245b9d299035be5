"""What `pulumi stack output --json` says of a canary."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from lane.errors import Unusable
from lane.json_file import called, read_json

__all__ = ["Canary", "read_canary"]

_SUBNET = "subnet/"
_Text = Annotated[str, StringConstraints(min_length=1)]


class Canary(BaseModel):
    """A canary that was deployed: what runs where."""

    model_config = ConfigDict(frozen=True)

    cluster: _Text
    task_definition: _Text = Field(alias="taskDefinition")
    security_group: _Text = Field(alias="securityGroup")
    log_group: _Text = Field(alias="logGroup")
    stream_prefix: _Text = Field(alias="logStreamPrefix")
    container: _Text
    region: _Text
    #: By the id of the zone.
    subnets: Mapping[str, str] = Field(min_length=1)


def read_canary(file: Path, output: str) -> Canary:
    """Return the canary in a stack's outputs, `-` for standard input.

    Raises `Unusable` when the file, or the output in it, is not what `EndpointCanary.run` gives.
    """
    where = called(file)
    outputs = read_json(file, where, "the JSON of `pulumi stack output --json`")
    if not isinstance(outputs, dict) or not isinstance(outputs.get(output), dict):
        named = sorted(outputs) if isinstance(outputs, dict) else []
        there = ", ".join(named) or "none"
        raise Unusable(f"{where} has no output {output!r} that is a map; there are {there}")
    given = outputs[output]
    subnets = {
        key.removeprefix(_SUBNET): value for key, value in given.items() if key.startswith(_SUBNET)
    }
    try:
        return Canary.model_validate({**given, "subnets": subnets})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise Unusable(
            f"the output {output!r} in {where} lacks a usable {field}: export"
            " EndpointCanary.run as it is"
        ) from error
