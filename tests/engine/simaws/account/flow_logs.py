"""Flow logs: a log group by its ARN, a bucket with a prefix, and the format of the files.

moto wants the group's name, takes everything after the bucket's ARN for the bucket, and forgets
the options.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ec2.models import EC2Backend
from moto.ec2.responses.flow_logs import FlowLogs

from tests.engine.simaws.account.amendments import amends

if TYPE_CHECKING:
    from collections.abc import Callable

_GROUP = ":log-group:"


@amends(EC2Backend, "create_flow_logs")
def _create_flow_logs(
    original: Callable[..., Any],
    backend: EC2Backend,
    log_destination: str | None = None,
    log_group_name: str | None = None,
    **named: Any,
) -> Any:
    wanted = log_destination
    if log_destination and _GROUP in log_destination:
        log_group_name = log_destination.removesuffix(":*").split(_GROUP)[1]
        log_destination = None
    elif log_destination and named.get("log_destination_type") == "s3":
        log_destination = log_destination.split("/")[0]
    made, failed = original(
        backend, log_destination=log_destination, log_group_name=log_group_name, **named
    )
    for flow_log in made:
        flow_log.log_destination = wanted
    return made, failed


@amends(FlowLogs, "create_flow_logs")
def _respond(original: Callable[..., Any], response: FlowLogs) -> Any:
    answer = original(response)
    options = response._get_param("DestinationOptions", {})
    for identifier in answer.result["FlowLogIds"]:
        if options:
            response.ec2_backend.flow_logs[identifier].destination_options = {
                "FileFormat": options.get("FileFormat") or "plain-text",
                "HiveCompatiblePartitions": str(options.get("HiveCompatiblePartitions")) == "true",
                "PerHourPartition": str(options.get("PerHourPartition")) == "true",
            }
    return answer
