"""What `FlowLogTable` asks the engine for. Mocks do not show that AWS accepts it."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from privatelane import FLOW_LOG_FIELDS
from privatelane.observability._flow_log_columns import FIELDS, columns, identifier
from privatelane.observability.flow_log_table import FlowLogTable, FlowLogTableArgs
from tests.components.ecs.fargate import ACCOUNT, CALLS, REGION
from tests.components.mocks import UNKNOWN, Run, refusal, run

BUCKET = "arn:aws:s3:::logs-1/network"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"


def computed(type_: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    made = inputs.get("name", f"{name}-1")
    return {"name": made, "bucket": made, "arn": f"arn:aws:s3:::{made}"}


def table(*, preview: bool = False, **given: Any) -> Run:
    args = cast("FlowLogTableArgs", {"bucket_arn": BUCKET, **given})
    return run(lambda: FlowLogTable("logs", args), preview=preview, calls=CALLS, computed=computed)


def refused(**given: Any) -> str:
    args = cast("FlowLogTableArgs", {"bucket_arn": BUCKET, **given})
    sentence = refusal(lambda: FlowLogTable("logs", args))
    return sentence.removeprefix("FlowLogTable 'logs': ").removesuffix(".")


def test_the_table_projects_its_partitions_from_where_aws_delivers() -> None:
    result = table()
    assert result.counts() == {
        "FlowLogTable": 1,
        "CatalogDatabase": 1,
        "CatalogTable": 1,
        "Workgroup": 1,
        "Bucket": 1,
        "BucketPublicAccessBlock": 1,
        "BucketServerSideEncryptionConfiguration": 1,
        "BucketLifecycleConfiguration": 1,
        "BucketPolicy": 1,
    }
    assert {one.parent for one in result.resources[1:]} == {result.the("FlowLogTable").urn}
    asked = result.the("CatalogTable").inputs
    described = asked.pop("storageDescriptor")
    assert asked == {
        "name": "flow_logs",
        "databaseName": "project_stack_logs",
        "description": "VPC flow logs; a day is UTC, of the file, not of the record",
        "tableType": "EXTERNAL_TABLE",
        "parameters": {
            "EXTERNAL": "TRUE",
            "skip.header.line.count": "1",
            "projection.enabled": "true",
            "projection.log_account.type": "enum",
            "projection.log_account.values": ACCOUNT,
            "projection.log_region.type": "enum",
            "projection.log_region.values": REGION,
            "projection.day.type": "date",
            "projection.day.format": "yyyy/MM/dd",
            "projection.day.range": "NOW-400DAYS,NOW",
            "storage.location.template": "s3://logs-1/network/AWSLogs/${log_account}/vpcflowlogs/"
            "${log_region}/${day}",
        },
        "partitionKeys": [
            {"name": "log_account", "type": "string"},
            {"name": "log_region", "type": "string"},
            {"name": "day", "type": "string"},
        ],
    }
    listed = described.pop("columns")
    assert [one["name"] for one in listed] == [field.replace("-", "_") for field in FLOW_LOG_FIELDS]
    assert {one["name"]: one["type"] for one in listed if one["type"] != "string"} == {
        "version": "int",
        "srcport": "int",
        "dstport": "int",
        "protocol": "int",
        "bytes": "bigint",
        "start": "bigint",
        "end": "bigint",
    }
    assert described == {
        "location": "s3://logs-1/network/AWSLogs/",
        "inputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "outputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "serDeInfo": {
            "serializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "parameters": {"field.delim": " ", "serialization.format": " "},
        },
    }


def test_the_workgroup_stops_queries_at_a_limit_and_encrypts_what_they_leave() -> None:
    result = table(scan_limit_gb=20, tags={"team": "net"})
    assert result.the("Workgroup").inputs == {
        "description": "Queries on flow logs",
        "forceDestroy": True,
        "configuration": {
            "bytesScannedCutoffPerQuery": 20_000_000_000,
            "enforceWorkgroupConfiguration": True,
            "publishCloudwatchMetricsEnabled": True,
            "engineVersion": {"selectedEngineVersion": "Athena engine version 3"},
            "resultConfiguration": {
                "outputLocation": "s3://logs-results-1/",
                "encryptionConfiguration": {"encryptionOption": "SSE_S3"},
            },
        },
        "tags": {"team": "net", "Name": "logs-workgroup"},
    }
    assert result.output("FlowLogTable") == {
        "databaseName": "project_stack_logs",
        "tableName": "flow_logs",
        "workgroupName": "logs-workgroup-1",
        "resultsBucket": "logs-results-1",
    }


def test_results_are_private_and_expire() -> None:
    result = table(results_retention_days=3)
    bucket = "logs-results-id"
    assert result.the("Bucket").inputs == {
        "forceDestroy": True,
        "tags": {"Name": "logs-results"},
    }
    assert result.the("BucketPublicAccessBlock").inputs == {
        "bucket": bucket,
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }
    assert result.the("BucketServerSideEncryptionConfiguration").inputs == {
        "bucket": bucket,
        "rules": [
            {
                "applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"},
                "bucketKeyEnabled": False,
            }
        ],
    }
    assert result.the("BucketLifecycleConfiguration").inputs == {
        "bucket": bucket,
        "rules": [
            {
                "id": "expire",
                "status": "Enabled",
                "filter": {},
                "expiration": {"days": 3},
                "abortIncompleteMultipartUpload": {"daysAfterInitiation": 1},
            }
        ],
    }
    policy = result.the("BucketPolicy").inputs
    arn = "arn:aws:s3:::logs-results-1"
    assert policy["bucket"] == bucket
    assert json.loads(policy["policy"])["Statement"] == [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]


def test_a_key_of_ones_own_encrypts_the_results() -> None:
    result = table(kms_key_arn=KEY)
    configuration = result.the("Workgroup").inputs["configuration"]
    assert configuration["resultConfiguration"]["encryptionConfiguration"] == {
        "encryptionOption": "SSE_KMS",
        "kmsKeyArn": KEY,
    }
    assert result.the("BucketServerSideEncryptionConfiguration").inputs["rules"] == [
        {
            "applyServerSideEncryptionByDefault": {
                "sseAlgorithm": "aws:kms",
                "kmsMasterKeyId": KEY,
            },
            "bucketKeyEnabled": True,
        }
    ]


def test_parquet_has_its_own_reader_types_and_no_header() -> None:
    asked = table(file_format="parquet", fields=["version", "traffic-path", "bytes"]).the(
        "CatalogTable"
    )
    described = asked.inputs["storageDescriptor"]
    assert "skip.header.line.count" not in asked.inputs["parameters"]
    assert described["columns"] == [
        {"name": "version", "type": "int"},
        {"name": "traffic_path", "type": "int"},
        {"name": "bytes", "type": "bigint"},
    ]
    parquet = "org.apache.hadoop.hive.ql.io.parquet"
    assert described["inputFormat"] == f"{parquet}.MapredParquetInputFormat"
    assert described["outputFormat"] == f"{parquet}.MapredParquetOutputFormat"
    assert described["serDeInfo"] == {
        "serializationLibrary": f"{parquet}.serde.ParquetHiveSerDe",
        "parameters": {"serialization.format": "1"},
    }


def test_logs_of_several_accounts_and_regions_make_one_table() -> None:
    result = table(
        accounts=["111111111111", "222222222222"],
        regions=["eu-west-1", "us-east-1"],
        history_days=30,
        database_name="central",
    )
    assert result.calls == []
    parameters = result.the("CatalogTable").inputs["parameters"]
    assert parameters["projection.log_account.values"] == "111111111111,222222222222"
    assert parameters["projection.log_region.values"] == "eu-west-1,us-east-1"
    assert parameters["projection.day.range"] == "NOW-30DAYS,NOW"
    assert result.the("CatalogDatabase").inputs["name"] == "central"


def test_a_preview_shows_the_same_resources() -> None:
    shown = table(preview=True)
    assert shown.shape() == table().shape()
    results = shown.the("Workgroup").inputs["configuration"]["resultConfiguration"]
    assert results["outputLocation"] == UNKNOWN


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"fields": ["version", "pkt-dst-aws-servce"]},
            (
                "fields[1] is 'pkt-dst-aws-servce', it must be a field of flow logs; did you mean "
                "'pkt-dst-aws-service'?"
            ),
        ),
        ({"fields": ["bytes", "bytes"]}, "fields[1] is 'bytes', which comes twice"),
        (
            {"fields": []},
            "fields is empty, it must list the fields in the order of the format",
        ),
        ({"file_format": "csv"}, "file_format is 'csv', it must be one of 'text' or 'parquet'"),
        (
            {"accounts": ["1234"]},
            "accounts[0] is '1234', it must be an account id of 12 digits",
        ),
        ({"accounts": []}, "accounts is empty, each of it must be an account id of 12 digits"),
        (
            {"regions": ["Ireland"]},
            "regions[0] is 'Ireland', it must be the name of a region such as 'eu-west-1'",
        ),
        (
            {"regions": []},
            "regions is empty, each of it must be the name of a region such as 'eu-west-1'",
        ),
        (
            {"database_name": "Flow-Logs"},
            (
                "database_name is 'Flow-Logs', it must have lower-case letters, digits and "
                "underscores only, as Athena wants"
            ),
        ),
        ({"scan_limit_gb": 0}, "scan_limit_gb is 0, it must be a whole number from 1 to 100000"),
        ({"bucket": "x"}, "FlowLogTable has no argument 'bucket', did you mean 'bucket_arn'?"),
    ],
)
def test_what_cannot_be_is_told_in_one_sentence(given: dict[str, Any], sentence: str) -> None:
    assert refused(**given).removesuffix("?") == sentence.removesuffix("?")


def test_a_table_without_a_bucket_is_refused() -> None:
    sentence = refusal(lambda: FlowLogTable("logs", cast("FlowLogTableArgs", {})))
    assert sentence == (
        "FlowLogTable 'logs': bucket_arn is missing, it must be the ARN of the bucket with the "
        "flow logs."
    )


def test_no_two_columns_have_one_name_nor_that_of_a_partition() -> None:
    names = [name for name, _ in columns(FIELDS, parquet=False)]
    assert len({*names, "log_account", "log_region", "day"}) == len(FIELDS) + 3


def test_every_field_that_the_network_logs_is_one_that_aws_knows() -> None:
    assert set(FLOW_LOG_FIELDS) <= set(FIELDS)


def test_a_name_becomes_what_sql_takes_without_quotes() -> None:
    assert identifier("Shop", "dev-1", "flow--logs.") == "shop_dev_1_flow_logs"
