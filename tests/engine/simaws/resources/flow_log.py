"""Flow logs of VPCs, subnets, interfaces and transit gateways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.simaws.resources._ec2 import Ec2Handler, camel_keys
from tests.engine.simaws.resources._handler import given, handles, tag_map

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props

_SUBJECTS = {
    "vpcId": "VPC",
    "subnetId": "Subnet",
    "eniId": "NetworkInterface",
    "transitGatewayId": "TransitGateway",
    "transitGatewayAttachmentId": "TransitGatewayAttachment",
    "regionalNatGatewayId": "RegionalNatGateway",
}
_PREFIXES = {
    "vpc-": "vpcId",
    "subnet-": "subnetId",
    "eni-": "eniId",
    "tgw-attach-": "transitGatewayAttachmentId",
    "tgw-": "transitGatewayId",
    "nat-": "regionalNatGatewayId",
}


@handles("aws:ec2/flowLog:FlowLog")
class FlowLog(Ec2Handler):
    """A flow log; every change but to its tags replaces it."""

    tag_type = "vpc-flow-log"

    def create(self, inputs: Props) -> str:
        subject = next(key for key in _SUBJECTS if inputs.get(key))
        options = inputs.get("destinationOptions")
        answer = self.aws.create_flow_logs(
            ResourceIds=[inputs[subject]],
            ResourceType=_SUBJECTS[subject],
            **given(
                inputs,
                LogDestination="logDestination",
                TrafficType="trafficType",
                LogDestinationType="logDestinationType",
                DeliverLogsPermissionArn="iamRoleArn",
                LogFormat="logFormat",
                MaxAggregationInterval="maxAggregationInterval",
            ),
            **(
                {
                    "DestinationOptions": given(
                        options,
                        FileFormat="fileFormat",
                        HiveCompatiblePartitions="hiveCompatiblePartitions",
                        PerHourPartition="perHourPartition",
                    )
                }
                if options
                else {}
            ),
            **self.tags_of(inputs),
        )
        for failed in answer.get("Unsuccessful", []):
            raise FlowLogRefusedError(failed["Error"]["Message"])
        identifier: str = answer["FlowLogIds"][0]
        return identifier

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.one("describe_flow_logs", "FlowLogs", FlowLogIds=[id_])
        if found is None:
            return None
        subject = next(
            ours for prefix, ours in _PREFIXES.items() if found["ResourceId"].startswith(prefix)
        )
        options = found.get("DestinationOptions")
        return {
            "arn": self.ec2_arn("vpc-flow-log", id_),
            subject: found["ResourceId"],
            "iamRoleArn": found.get("DeliverLogsPermissionArn"),
            "logDestination": found.get("LogDestination"),
            "logDestinationType": found.get("LogDestinationType"),
            "logFormat": found.get("LogFormat"),
            "maxAggregationInterval": int(found.get("MaxAggregationInterval", 600)),
            "trafficType": found.get("TrafficType"),
            "destinationOptions": camel_keys(
                options, "fileFormat", "hiveCompatiblePartitions", "perHourPartition"
            )
            if options
            else None,
            "tags": tag_map(found.get("Tags")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_flow_logs(FlowLogIds=[id_])


class FlowLogRefusedError(RuntimeError):
    """EC2 answers a refused flow log with a list of what went wrong, not with an error."""
