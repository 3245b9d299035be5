"""Flow logs of a network, in the format that tells NAT traffic from endpoint traffic."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._bucket_policy import only_with_tls
from privatelane._tags import Tags, tagged
from privatelane.private_bucket import PrivateBucket
from privatelane.vpc._network_plan import FlowLogsPlan

#: What each record holds, in this order. Beside addresses and bytes these name the AWS service of
#: the packet and the interface type of its next hop, which is how traffic that leaves through NAT
#: is told from traffic that leaves through an endpoint.
#: Source: "Flow log records" in the Amazon VPC user guide; the last two fields are of version 11.
FLOW_LOG_FIELDS = (
    *("version", "vpc-id", "subnet-id", "az-id", "interface-id", "resource-id"),
    *("flow-direction", "traffic-path", "srcaddr", "dstaddr", "srcport", "dstport"),
    *("pkt-srcaddr", "pkt-dstaddr", "pkt-src-aws-service", "pkt-dst-aws-service"),
    *("protocol", "bytes", "start", "end", "action", "log-status"),
    *("interface-type", "next-hop-interface-type"),
)


class FlowLogsArgs(TypedDict):
    """Where the flow logs of a network go and how long they are kept."""

    destination: str
    """`cloudwatch` for a log group, or `s3` for a bucket. Either stays when the network goes."""
    retention_days: NotRequired[int]
    """Days until a record is deleted, for CloudWatch Logs one of the numbers that it accepts.
    Defaults to 90; not for a bucket of your own, which has its own rules."""
    aggregation_seconds: NotRequired[int]
    """Longest time that one record covers, 60 or 600 seconds. Defaults to 600."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """KMS key that encrypts the log group or the bucket; its policy must admit the service that
    delivers logs. Defaults to a key of AWS's own."""
    bucket_arn: NotRequired[pulumi.Input[str]]
    """Bucket of your own to deliver to, for destination `s3`. Defaults to a new bucket."""


@dataclass(frozen=True)
class LoggedVpc:
    """The VPC whose traffic is logged."""

    id: pulumi.Input[str]
    #: Of the VPC, or of any in its account and Region.
    arn: pulumi.Output[str]


@dataclass(frozen=True)
class FlowLogs:
    """Flow logs as they were set up."""

    #: ARN of the log group or the bucket.
    destination: pulumi.Output[str]
    #: Name of the log group; None for a bucket.
    log_group: Optional[pulumi.Output[str]]


def flow_logs(
    name: str,
    vpc: LoggedVpc,
    plan: FlowLogsPlan,
    args: FlowLogsArgs,
    *,
    parent: pulumi.Resource,
    region: Optional[str],
    tags: Optional[Tags],
) -> FlowLogs:
    """Log all traffic of a VPC.

    What holds the records is retained when it leaves the program: logs are wanted most when the
    thing that wrote them is gone.
    """
    delivery = _Delivery(name, vpc, plan, args, parent, region, tags)
    return delivery.to_log_group() if plan.destination == "cloudwatch" else delivery.to_bucket()


@dataclass(frozen=True)
class _Delivery:
    name: str
    vpc: LoggedVpc
    plan: FlowLogsPlan
    args: FlowLogsArgs
    parent: pulumi.Resource
    region: Optional[str]
    tags: Optional[Tags]

    def to_log_group(self) -> FlowLogs:
        group = aws.cloudwatch.LogGroup(
            self.name,
            retention_in_days=self.plan.retention,
            kms_key_id=self.args.get("kms_key_arn"),
            region=self.region,
            tags=tagged(self.name, self.tags),
            opts=self._retained(),
        )
        role = aws.iam.Role(
            self.name,
            assume_role_policy=self.vpc.arn.apply(_trust),
            tags=tagged(self.name, self.tags),
            opts=pulumi.ResourceOptions(parent=self.parent),
        )
        policy = aws.iam.RolePolicy(
            self.name,
            role=role.id,
            policy=group.arn.apply(_write),
            opts=pulumi.ResourceOptions(parent=self.parent),
        )
        # Without its permission the delivery would begin with an access error.
        self._flow_log("cloud-watch-logs", group.arn, role=role.arn, after=policy)
        return FlowLogs(group.arn, group.name)

    def to_bucket(self) -> FlowLogs:
        retention = self.plan.retention
        if retention is None:
            given = pulumi.Output.from_input(self.args["bucket_arn"])
            self._flow_log("s3", given)
            return FlowLogs(given, None)
        made = PrivateBucket(self.name, self._retained(), region=self.region, tags=self.tags)
        if "kms_key_arn" in self.args:
            made.encrypt(self.args["kms_key_arn"])
        made.expire(retention)
        bucket = made.bucket
        arns = pulumi.Output.all(bucket.arn, self.vpc.arn)
        policy = made.admit(arns.apply(lambda both: _deliver(bucket_arn=both[0], vpc_arn=both[1])))
        # EC2 gives a bucket without a policy one of its own, which would collide with this one.
        self._flow_log("s3", bucket.arn, after=policy)
        return FlowLogs(bucket.arn, None)

    def _flow_log(
        self,
        destination_type: str,
        destination: pulumi.Output[str],
        *,
        role: Optional[pulumi.Output[str]] = None,
        after: Optional[pulumi.Resource] = None,
    ) -> None:
        aws.ec2.FlowLog(
            self.name,
            vpc_id=self.vpc.id,
            traffic_type="ALL",
            log_destination_type=destination_type,
            log_destination=destination,
            iam_role_arn=role,
            log_format=" ".join(f"${{{field}}}" for field in FLOW_LOG_FIELDS),
            max_aggregation_interval=self.plan.aggregation,
            region=self.region,
            tags=tagged(self.name, self.tags),
            opts=pulumi.ResourceOptions(parent=self.parent, depends_on=after and [after]),
        )

    def _retained(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self.parent, retain_on_delete=True)


def _trust(vpc_arn: str) -> str:
    """Who may take the role: the flow log service, for this account's flow logs only."""
    _, partition, _, region, account, _ = vpc_arn.split(":", 5)
    return _document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": account},
                "ArnLike": {
                    "aws:SourceArn": f"arn:{partition}:ec2:{region}:{account}:vpc-flow-log/*"
                },
            },
        }
    )


def _write(group_arn: str) -> str:
    """What the role may do: write to this log group."""
    return _document(
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": [group_arn, f"{group_arn}:*"],
        },
        # It cannot be narrowed to one group.
        {"Effect": "Allow", "Action": "logs:DescribeLogGroups", "Resource": "*"},
    )


def _deliver(*, bucket_arn: str, vpc_arn: str) -> str:
    """What the bucket admits: this account's log deliveries, and nothing without TLS."""
    _, partition, _, region, account, _ = vpc_arn.split(":", 5)
    service = {"Service": "delivery.logs.amazonaws.com"}
    source = {"aws:SourceAccount": account}
    deliveries = {"ArnLike": {"aws:SourceArn": f"arn:{partition}:logs:{region}:{account}:*"}}
    return _document(
        {
            "Effect": "Allow",
            "Principal": service,
            "Action": "s3:PutObject",
            "Resource": f"{bucket_arn}/AWSLogs/{account}/*",
            "Condition": {
                "StringEquals": {**source, "s3:x-amz-acl": "bucket-owner-full-control"},
                **deliveries,
            },
        },
        {
            "Effect": "Allow",
            "Principal": service,
            "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
            "Resource": bucket_arn,
            "Condition": {"StringEquals": source, **deliveries},
        },
        only_with_tls(bucket_arn),
    )


def _document(*statements: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
