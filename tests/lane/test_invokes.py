"""What can be answered without an account, and what a placeholder looks like."""

from __future__ import annotations

import json
from typing import Any

import pulumi_aws as aws
import pytest
from botocore.loaders import Loader

from lane.invokes import ELEMENT, PLACEHOLDER, answer, assumed_zones, partition_of, placeholders

DOCUMENT = "aws:iam/getPolicyDocument:getPolicyDocument"
REGION = "aws:index/getRegion:getRegion"
PARTITION = "aws:index/getPartition:getPartition"
CALLER = "aws:index/getCallerIdentity:getCallerIdentity"


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("eu-west-1", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
        ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
    ],
)
def test_a_region_tells_its_partition(region: str, partition: str, suffix: str) -> None:
    assert partition_of(region)[:2] == (partition, suffix)
    found = answer(PARTITION, {}, region)
    assert found is not None
    assert (found["partition"], found["dnsSuffix"]) == (partition, suffix)


def test_partitions_agree_with_botocores() -> None:
    known = Loader().load_data("partitions")["partitions"]
    for partition in known:
        for region in partition["regions"]:
            if region.endswith("-global"):
                continue
            expected = (partition["id"], partition["outputs"]["dnsSuffix"])
            assert partition_of(region)[:2] == expected, region


def test_a_region_given_to_the_question_wins() -> None:
    found = answer(REGION, {"region": "eu-west-2"}, "eu-west-1")
    assert found is not None
    assert found["region"] == "eu-west-2"


def test_without_a_region_and_for_questions_to_the_account_there_is_no_answer() -> None:
    assert answer(REGION, {}, "") is None
    assert answer("aws:index/getCallerIdentity:getCallerIdentity", {}, "eu-west-1") is None
    assert answer("aws:ec2/getVpc:getVpc", {"default": True}, "eu-west-1") is None


def test_zones_have_the_letters_that_accounts_see() -> None:
    zones = assumed_zones("eu-west-1")
    assert zones["names"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    assert zones["zoneIds"] == [PLACEHOLDER] * 3
    assert assumed_zones("ap-northeast-1")["names"] == [f"ap-northeast-1{one}" for one in "acd"]


def document(args: dict[str, Any]) -> Any:
    found = answer(DOCUMENT, args, "")
    assert found is not None
    assert json.loads(found["json"]) == json.loads(found["minifiedJson"])
    return json.loads(found["json"])


def test_a_policy_document_is_what_the_provider_writes() -> None:
    statement = {
        "sid": "Pull",
        "actions": ["s3:GetObject", "s3:ListBucket", "s3:GetObject"],
        "resources": ["arn:aws:s3:::a/&{aws:username}"],
        "principals": [
            {"type": "AWS", "identifiers": ["1", "2"]},
            {"type": "Service", "identifiers": ["ecs.amazonaws.com"]},
        ],
        "conditions": [
            {"test": "StringEquals", "variable": "aws:SourceVpc", "values": ["vpc-1"]},
            {"test": "StringEquals", "variable": "aws:PrincipalOrgID", "values": ["o-1", "o-2"]},
        ],
    }
    assert document({"policyId": "p", "statements": [statement]}) == {
        "Version": "2012-10-17",
        "Id": "p",
        "Statement": [
            {
                "Sid": "Pull",
                "Effect": "Allow",
                "Action": ["s3:ListBucket", "s3:GetObject"],
                "Resource": "arn:aws:s3:::a/${aws:username}",
                "Principal": {"AWS": ["2", "1"], "Service": "ecs.amazonaws.com"},
                "Condition": {
                    "StringEquals": {
                        "aws:SourceVpc": "vpc-1",
                        "aws:PrincipalOrgID": ["o-2", "o-1"],
                    }
                },
            }
        ],
    }


def test_everybody_is_a_star_and_negations_have_their_own_words() -> None:
    statement = {
        "effect": "Deny",
        "notActions": ["s3:*"],
        "notResources": ["*"],
        "principals": [{"type": "*", "identifiers": ["*"]}],
        "notPrincipals": [{"type": "AWS", "identifiers": ["*"]}],
    }
    assert document({"version": "2008-10-17", "statements": [statement]})["Statement"] == [
        {
            "Effect": "Deny",
            "NotAction": "s3:*",
            "NotResource": "*",
            "Principal": "*",
            "NotPrincipal": {"AWS": "*"},
        }
    ]


@pytest.mark.parametrize(
    "field", ["sourceJson", "overrideJson", "sourcePolicyDocuments", "overridePolicyDocuments"]
)
def test_merging_documents_is_left_to_the_provider(field: str) -> None:
    assert answer(DOCUMENT, {field: ["{}"], "statements": []}, "") is None


def test_texts_become_placeholders_and_lists_one_element() -> None:
    found = placeholders(aws.ec2.GetSubnetsResult)
    assert found["id"] == PLACEHOLDER
    assert found["ids"] == [ELEMENT]


def test_objects_are_filled_and_what_cannot_stand_for_an_unknown_is_left_out() -> None:
    found = placeholders(aws.ec2.GetVpcResult)
    assert found["cidrBlock"] == PLACEHOLDER
    assert found["cidrBlockAssociations"] == [
        {"associationId": ELEMENT, "cidrBlock": ELEMENT, "state": ELEMENT}
    ]
    assert "enableDnsSupport" not in found
    assert "default" not in found
    assert found["tags"] == {}


def test_the_account_is_the_only_one_that_the_provider_may_work_in() -> None:
    found = answer(CALLER, {}, "us-east-1", '["123456789012"]')

    assert found is not None
    assert found["accountId"] == "123456789012"
    assert found["arn"] == PLACEHOLDER


@pytest.mark.parametrize("accounts", ["", "[]", '["111111111111", "222222222222"]', "123456789012"])
def test_the_account_is_unknown_unless_it_is_the_only_one(accounts: str) -> None:
    assert answer(CALLER, {}, "us-east-1", accounts) is None
