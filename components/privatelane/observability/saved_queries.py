"""Logs Insights queries saved beside the flow logs that they are for."""

from collections.abc import Sequence
from typing import Optional

import pulumi
import pulumi_aws as aws

from privatelane.observability._saved_queries import SavedQuery


def save_queries(
    name: str,
    queries: Sequence[SavedQuery],
    log_group: pulumi.Input[str],
    parent: pulumi.Resource,
    region: Optional[str],
) -> dict[str, pulumi.Output[str]]:
    """Save the queries for a log group and return their ids by name.

    In the console they are in a folder of the stack's: names are the account's, not the group's.
    """
    folder = f"{pulumi.get_project()}/{pulumi.get_stack()}/{name}"
    return {
        query.name: aws.cloudwatch.QueryDefinition(
            f"{name}-{query.name}",
            name=f"{folder}/{query.name}",
            query_string=query.text,
            log_group_names=[log_group],
            region=region,
            opts=pulumi.ResourceOptions(parent=parent),
        ).query_definition_id
        for query in queries
    }
