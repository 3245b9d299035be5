"""Flow logs: where they go, in which format, and who may write them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from privatelane import FLOW_LOG_FIELDS, FlowLogsArgs, Network
from tests.components.mocks import Run, run

if TYPE_CHECKING:
    from tests.components.mocks import Registered

ACCOUNT = "123456789012"


def computed(type_: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    kind = type_.rpartition(":")[2]
    arns = {
        "Vpc": f"arn:aws-cn:ec2:cn-north-1:{ACCOUNT}:vpc/vpc-1",
        "LogGroup": f"arn:aws-cn:logs:cn-north-1:{ACCOUNT}:log-group:{name}-1",
        "Bucket": f"arn:aws-cn:s3:::{name}-1",
        "Role": f"arn:aws-cn:iam::{ACCOUNT}:role/{name}-1",
    }
    return {"arn": arns.get(kind, ""), "name": f"{name}-1"}


def logged(flow_logs: FlowLogsArgs) -> Run:
    return run(
        lambda: Network(
            "net",
            {
                "cidr_block": "10.0.0.0/16",
                "zones": ["cnn1-az1", "cnn1-az2"],
                "groups": {"app": {"kind": "isolated"}},
                "flow_logs": flow_logs,
            },
        ),
        preview=False,
        computed=computed,
    )


def of_logs(ran: Run) -> dict[str, Registered]:
    return {
        one.type.rpartition(":")[2]: one for one in ran.resources if one.name == "net-flow-logs"
    }


FLOW_LOG = {
    "vpcId": "net-id",
    "trafficType": "ALL",
    "maxAggregationInterval": 600,
    "logFormat": (
        "${version} ${vpc-id} ${subnet-id} ${az-id} ${interface-id} ${resource-id}"
        " ${flow-direction} ${traffic-path} ${srcaddr} ${dstaddr} ${srcport} ${dstport}"
        " ${pkt-srcaddr} ${pkt-dstaddr} ${pkt-src-aws-service} ${pkt-dst-aws-service} ${protocol}"
        " ${bytes} ${start} ${end} ${action} ${log-status} ${interface-type}"
        " ${next-hop-interface-type}"
    ),
    "tags": {"Name": "net-flow-logs"},
}


def test_the_format_is_the_fields_in_their_order() -> None:
    assert tuple(re.findall(r"\$\{(.*?)\}", str(FLOW_LOG["logFormat"]))) == FLOW_LOG_FIELDS


def test_a_log_group_is_written_by_a_role_that_can_do_nothing_else() -> None:
    ran = logged({"destination": "cloudwatch"})
    logs = of_logs(ran)
    group_arn = f"arn:aws-cn:logs:cn-north-1:{ACCOUNT}:log-group:net-flow-logs-1"
    assert {kind: one.inputs for kind, one in logs.items() if kind != "Role"} == {
        "LogGroup": {"retentionInDays": 90, "tags": {"Name": "net-flow-logs"}},
        "RolePolicy": {"role": "net-flow-logs-id", "policy": logs["RolePolicy"].inputs["policy"]},
        "FlowLog": {
            **FLOW_LOG,
            "logDestinationType": "cloud-watch-logs",
            "logDestination": group_arn,
            "iamRoleArn": f"arn:aws-cn:iam::{ACCOUNT}:role/net-flow-logs-1",
        },
    }
    assert json.loads(logs["Role"].inputs["assumeRolePolicy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
                "ArnLike": {"aws:SourceArn": f"arn:aws-cn:ec2:cn-north-1:{ACCOUNT}:vpc-flow-log/*"},
            },
        }
    ]
    assert json.loads(logs["RolePolicy"].inputs["policy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": [group_arn, f"{group_arn}:*"],
        },
        {"Effect": "Allow", "Action": "logs:DescribeLogGroups", "Resource": "*"},
    ]
    outputs = ran.output("Network")
    assert outputs["flowLogDestination"] == group_arn
    assert outputs["flowLogGroup"] == "net-flow-logs-1"


def test_a_bucket_admits_this_accounts_deliveries_and_expires_them() -> None:
    ran = logged({"destination": "s3", "retention_days": 14, "aggregation_seconds": 60})
    logs = of_logs(ran)
    bucket_arn = "arn:aws-cn:s3:::net-flow-logs-1"
    assert {kind: one.inputs for kind, one in logs.items() if kind != "BucketPolicy"} == {
        "Bucket": {"tags": {"Name": "net-flow-logs"}},
        "BucketPublicAccessBlock": {
            "bucket": "net-flow-logs-id",
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
        "BucketLifecycleConfiguration": {
            "bucket": "net-flow-logs-id",
            "rules": [
                {
                    "id": "expire",
                    "status": "Enabled",
                    "filter": {},
                    "expiration": {"days": 14},
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 1},
                }
            ],
        },
        "FlowLog": {
            **FLOW_LOG,
            "maxAggregationInterval": 60,
            "logDestinationType": "s3",
            "logDestination": bucket_arn,
        },
    }
    source = {"aws:SourceAccount": ACCOUNT}
    deliveries = {"ArnLike": {"aws:SourceArn": f"arn:aws-cn:logs:cn-north-1:{ACCOUNT}:*"}}
    acl = {"s3:x-amz-acl": "bucket-owner-full-control"}
    assert json.loads(logs["BucketPolicy"].inputs["policy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"{bucket_arn}/AWSLogs/{ACCOUNT}/*",
            "Condition": {"StringEquals": {**source, **acl}, **deliveries},
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
            "Resource": bucket_arn,
            "Condition": {"StringEquals": source, **deliveries},
        },
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket_arn, f"{bucket_arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
    outputs = ran.output("Network")
    assert outputs["flowLogDestination"] == bucket_arn
    assert "flowLogGroup" not in outputs


def test_a_key_encrypts_what_holds_the_logs() -> None:
    key = f"arn:aws-cn:kms:cn-north-1:{ACCOUNT}:key/1"
    group = of_logs(logged({"destination": "cloudwatch", "kms_key_arn": key}))["LogGroup"]
    assert group.inputs["kmsKeyId"] == key
    bucket = of_logs(logged({"destination": "s3", "kms_key_arn": key}))
    assert bucket["BucketServerSideEncryptionConfiguration"].inputs == {
        "bucket": "net-flow-logs-id",
        "rules": [
            {
                "applyServerSideEncryptionByDefault": {
                    "sseAlgorithm": "aws:kms",
                    "kmsMasterKeyId": key,
                },
                "bucketKeyEnabled": True,
            }
        ],
    }


def test_a_bucket_of_the_callers_own_is_only_written_to() -> None:
    ran = logged({"destination": "s3", "bucket_arn": "arn:aws-cn:s3:::mine/network"})
    (log,) = of_logs(ran).values()
    assert log.inputs == {
        **FLOW_LOG,
        "logDestinationType": "s3",
        "logDestination": "arn:aws-cn:s3:::mine/network",
    }
    assert ran.output("Network")["flowLogDestination"] == "arn:aws-cn:s3:::mine/network"


@pytest.mark.parametrize(
    ("destination", "retained"),
    [
        ("cloudwatch", {"LogGroup"}),
        (
            "s3",
            {"Bucket", "BucketPublicAccessBlock", "BucketLifecycleConfiguration", "BucketPolicy"},
        ),
    ],
)
def test_logs_outlive_the_network(destination: str, retained: set[str]) -> None:
    logs = of_logs(logged({"destination": destination}))
    assert {kind for kind, one in logs.items() if one.request.retainOnDelete} == retained
