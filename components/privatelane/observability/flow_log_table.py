"""A table of flow logs in Athena, for logs that outgrow one machine."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._bucket_policy import only_with_tls
from privatelane._component import input_errors, register
from privatelane._invalid import InvalidInput, choice, integer, known_keys, text
from privatelane._tags import Tags, tagged
from privatelane.observability._flow_log_columns import (
    check_accounts,
    check_fields,
    check_regions,
    columns,
    identifier,
)
from privatelane.private_bucket import PrivateBucket
from privatelane.vpc.flow_logs import FLOW_LOG_FIELDS

_GIGABYTE = 10**9
_DATABASE = re.compile(r"[a-z0-9_]{1,255}")
_FORMATS = ("text", "parquet")
_HIVE = "org.apache.hadoop.hive."


class FlowLogTableArgs(TypedDict):
    """Where the flow logs are and what a query may cost."""

    bucket_arn: pulumi.Input[str]
    """ARN of the bucket, or of a folder in it, that flow logs are delivered to, such as
    `flowLogDestination` of a `Network`. Deliveries must be daily, not hourly, nor in folders named
    for Hive."""
    accounts: NotRequired[Sequence[str]]
    """Accounts whose logs are there. Defaults to the provider's."""
    regions: NotRequired[Sequence[str]]
    """Regions whose logs are there. Defaults to the provider's."""
    fields: NotRequired[Sequence[str]]
    """Fields of the format, in its order. Defaults to those that `Network` logs."""
    file_format: NotRequired[str]
    """`text` or `parquet`. Defaults to `text`, in which every query reads whole files."""
    history_days: NotRequired[int]
    """Days back that a query can reach, from 1 to 3650. Defaults to 400."""
    scan_limit_gb: NotRequired[int]
    """Gigabytes after which Athena stops a query, from 1 to 100000. Defaults to 100, which cost
    half a US dollar where a terabyte costs five."""
    results_retention_days: NotRequired[int]
    """Days until results of queries are deleted, from 1 to 365. Defaults to 7."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """KMS key that encrypts the results. Defaults to encryption with a key of S3's own."""
    database_name: NotRequired[str]
    """Name of the database, of lower-case letters, digits and underscores. Defaults to one made of
    the project, the stack and the component's name."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags put on every resource that takes them. Defaults to none."""


class FlowLogTable(pulumi.ComponentResource):
    """Flow logs in S3 as a table of Athena whose partitions need no upkeep, with a workgroup that stops queries at a limit and keeps their results encrypted and for days only. `lane traffic --athena` asks it which AWS services still go through a NAT."""  # noqa: E501 - the schema takes one paragraph

    database_name: pulumi.Output[str]
    """Name of the database, for `lane traffic --athena <database>.<table>`."""
    table_name: pulumi.Output[str]
    """Name of the table."""
    workgroup_name: pulumi.Output[str]
    """Name of the workgroup, for `lane traffic --workgroup`."""
    results_bucket: pulumi.Output[str]
    """Name of the bucket that holds results of queries."""

    def __init__(
        self,
        name: str,
        args: FlowLogTableArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        with input_errors(f"FlowLogTable {name!r}"):
            known_keys("FlowLogTable", args, FlowLogTableArgs.__annotations__)
            if "bucket_arn" not in args:
                raise InvalidInput(
                    "bucket_arn is missing, it must be the ARN of the bucket with the flow logs"
                )
            accounts = _listed(check_accounts, args.get("accounts"), "accounts")
            regions = _listed(check_regions, args.get("regions"), "regions")
            fields = check_fields("fields", args.get("fields", FLOW_LOG_FIELDS))
            file_format = choice("file_format", args.get("file_format", "text"), _FORMATS)
            history = integer("history_days", args.get("history_days", 400), least=1, most=3650)
            limit = integer("scan_limit_gb", args.get("scan_limit_gb", 100), least=1, most=100_000)
            retention = integer(
                "results_retention_days",
                args.get("results_retention_days", 7),
                least=1,
                most=365,
            )
            database_name = _database(args.get("database_name"), name)
        super().__init__("privatelane:index:FlowLogTable", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        tags = args.get("tags")
        place = pulumi.Output.from_input(args["bucket_arn"]).apply(_place)

        database = aws.glue.CatalogDatabase(
            f"{name}-database",
            name=database_name,
            description="Flow logs of networks",
            tags=tagged(f"{name}-database", tags),
            opts=child,
        )
        asking = pulumi.InvokeOutputOptions(parent=self)
        table = aws.glue.CatalogTable(
            f"{name}-table",
            name="flow_logs",
            database_name=database.name,
            description="VPC flow logs; a day is UTC, of the file, not of the record",
            table_type="EXTERNAL_TABLE",
            parameters={
                "EXTERNAL": "TRUE",
                **({"skip.header.line.count": "1"} if file_format == "text" else {}),
                "projection.enabled": "true",
                "projection.log_account.type": "enum",
                "projection.log_account.values": accounts
                or aws.get_caller_identity_output(opts=asking).account_id,
                "projection.log_region.type": "enum",
                "projection.log_region.values": regions
                or aws.get_region_output(opts=asking).region,
                "projection.day.type": "date",
                "projection.day.format": "yyyy/MM/dd",
                "projection.day.range": f"NOW-{history}DAYS,NOW",
                "storage.location.template": place.apply(
                    lambda at: f"{at}/AWSLogs/${{log_account}}/vpcflowlogs/${{log_region}}/${{day}}"
                ),
            },
            partition_keys=[
                aws.glue.CatalogTablePartitionKeyArgs(name=key, type="string")
                for key in ("log_account", "log_region", "day")
            ],
            storage_descriptor=_descriptor(
                place.apply(lambda at: f"{at}/AWSLogs/"), fields, file_format
            ),
            opts=child,
        )
        results = self._results(name, retention, args.get("kms_key_arn"), tags)
        workgroup = aws.athena.Workgroup(
            f"{name}-workgroup",
            description="Queries on flow logs",
            # It holds nothing but the history of queries.
            force_destroy=True,
            configuration=aws.athena.WorkgroupConfigurationArgs(
                bytes_scanned_cutoff_per_query=limit * _GIGABYTE,
                # Who asks cannot put results elsewhere, or unencrypted.
                enforce_workgroup_configuration=True,
                publish_cloudwatch_metrics_enabled=True,
                engine_version=aws.athena.WorkgroupConfigurationEngineVersionArgs(
                    selected_engine_version="Athena engine version 3"
                ),
                result_configuration=aws.athena.WorkgroupConfigurationResultConfigurationArgs(
                    output_location=results.bucket.apply(lambda bucket: f"s3://{bucket}/"),
                    encryption_configuration=_encryption(args.get("kms_key_arn")),
                ),
            ),
            tags=tagged(f"{name}-workgroup", tags),
            opts=child,
        )

        self.database_name = database.name
        self.table_name = table.name
        self.workgroup_name = workgroup.name
        self.results_bucket = results.bucket
        register(self)

    def _results(
        self,
        name: str,
        retention: int,
        key: Optional[pulumi.Input[str]],
        tags: Optional[Tags],
    ) -> "aws.s3.Bucket":
        """Make the bucket for results, which are worth no more than the query that made them."""
        made = PrivateBucket(
            f"{name}-results", pulumi.ResourceOptions(parent=self), force_destroy=True, tags=tags
        )
        made.encrypt(key)
        made.expire(retention)
        made.admit(made.bucket.arn.apply(_only_encrypted))
        return made.bucket


def _listed(
    check: Callable[[str, object], tuple[str, ...]], given: Optional[Sequence[str]], field: str
) -> Optional[str]:
    """The values of a partition as its projection has them, None when the provider knows."""
    return None if given is None else ",".join(check(field, given))


def _database(given: Optional[str], name: str) -> str:
    if given is None:
        return identifier(pulumi.get_project(), pulumi.get_stack(), name)
    if not _DATABASE.fullmatch(text("database_name", given)):
        raise InvalidInput(
            f"database_name is {given!r}, it must have lower-case letters, digits and underscores"
            " only, as Athena wants"
        )
    return given


def _descriptor(
    location: pulumi.Output[str], fields: Sequence[str], file_format: str
) -> "aws.glue.CatalogTableStorageDescriptorArgs":
    """How Athena reads the files, and which columns they have."""
    parquet = file_format == "parquet"
    reader = f"{_HIVE}ql.io.parquet.MapredParquet"
    return aws.glue.CatalogTableStorageDescriptorArgs(
        location=location,
        input_format=(
            f"{reader}InputFormat" if parquet else "org.apache.hadoop.mapred.TextInputFormat"
        ),
        output_format=(
            f"{reader}OutputFormat" if parquet else f"{_HIVE}ql.io.HiveIgnoreKeyTextOutputFormat"
        ),
        ser_de_info=aws.glue.CatalogTableStorageDescriptorSerDeInfoArgs(
            serialization_library=(
                f"{_HIVE}ql.io.parquet.serde.ParquetHiveSerDe"
                if parquet
                else f"{_HIVE}serde2.lazy.LazySimpleSerDe"
            ),
            parameters=(
                {"serialization.format": "1"}
                if parquet
                else {"field.delim": " ", "serialization.format": " "}
            ),
        ),
        columns=[
            aws.glue.CatalogTableStorageDescriptorColumnArgs(name=column, type=type_)
            for column, type_ in columns(fields, parquet=parquet)
        ],
    )


def _place(arn: str) -> str:
    """The address in S3 of a bucket, or of a folder in one, without the last slash."""
    return f"s3://{arn.partition(':::')[2].rstrip('/')}"


def _encryption(
    key: Optional[pulumi.Input[str]],
) -> "aws.athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs":
    return aws.athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs(
        encryption_option="SSE_S3" if key is None else "SSE_KMS", kms_key_arn=key
    )


def _only_encrypted(bucket_arn: str) -> str:
    """What the bucket refuses: everything that does not come by TLS."""
    return json.dumps({"Version": "2012-10-17", "Statement": [only_with_tls(bucket_arn)]})
