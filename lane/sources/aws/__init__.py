"""The live account: read-only calls through boto3, in several regions and accounts.

botocore paginates and retries with backoff; what stays refused is written down as unread, and the
rest is read all the same.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError
from botocore.exceptions import ConnectionError as UnreachableError

from lane.errors import Unusable
from lane.sources.aws.metrics import DOWN, ENDPOINT, UP, Metric, Traffic, read_metrics
from lane.sources.aws.reader import CONFIG, REFUSED, code, raise_if_hopeless, said
from lane.sources.aws.region import Region
from lane.sources.aws.zones import Zones
from lane.sources.calls import CALL_OF, CALLS
from lane.sources.describe.answers import Answers

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

__all__ = ["read_aws", "read_traffic", "session_of_environment"]

_REGIONS_AT_ONCE = 4
_NOT_ACCEPTED = frozenset(
    {
        "AuthFailure",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "OptInRequired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_ROLE = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+")
_REGION = re.compile(r"(?:[a-z]{2}|eusc)(?:-[a-z]+)+-\d+")
#: What a region has not shown in which nothing is readable.
_NETWORK = tuple(call.key for call in CALLS if call.service == "ec2" and call.saved)


def read_aws(
    regions: Sequence[str],
    roles: Sequence[str] = (),
    session: boto3.Session | None = None,
    *,
    billing: bool = False,
) -> tuple[Answers, ...]:
    """The answers of each region of each account: of `roles`, or of the credentials themselves.

    Without `regions`, the region of the environment is read. `billing` also reads what only a bill
    needs. Raises `Unusable` when there are no credentials, when they are expired or accepted
    nowhere, or when an argument is not one.
    """
    base = session or session_of_environment()
    chosen = tuple(dict.fromkeys(regions)) or _default_region(base)
    for region in chosen:
        if not _REGION.fullmatch(region):
            raise Unusable(f"--region must be the name of a region such as eu-west-1, not {region}")
    for role in roles:
        if not _ROLE.fullmatch(role):
            raise Unusable(
                "--role-arn must be the ARN of a role such as "
                f"arn:aws:iam::123456789012:role/verify, not {role}"
            )
    found: list[Answers] = []
    for account in _accounts(base, tuple(dict.fromkeys(roles)), chosen[0]):
        found.extend(
            account if isinstance(account, list) else _of_account(account, chosen, billing=billing)
        )
    if not any(answers.records for answers in found):
        reasons = sorted({why for answers in found for why in answers.unread.values()})
        raise Unusable(f"nothing could be read from AWS: {'; '.join(reasons)}")
    return tuple(found)


def read_traffic(
    places: Sequence[Answers],
    start: date,
    days: int,
    roles: Sequence[str] = (),
    session: boto3.Session | None = None,
) -> Traffic:
    """What CloudWatch measured of the NAT gateways and endpoints in `places`.

    `roles` are those that the places were read with. Raises `Unusable` as `read_aws` does.
    """
    base = session or session_of_environment()
    sums: dict[Metric, dict[str, Decimal]] = {UP: {}, DOWN: {}, ENDPOINT: {}}
    unread: list[str] = []
    regions = [place for place in places if place.region and place.records]
    by_account: dict[str, boto3.Session | _Unread] = {}
    for place in regions:
        account, region = place.account or "", place.region or ""
        role = next((one for one in roles if one.split(":")[4] == account), None)
        if account not in by_account:
            by_account[account] = base if role is None else _assumed(base, role, region)
        known = by_account[account]
        if isinstance(known, _Unread):
            unread.append(known.why)
            continue
        for metric, key in ((UP, "NatGateways"), (DOWN, "NatGateways"), (ENDPOINT, "VpcEndpoints")):
            of = {one[CALL_OF[key].id] for one in place.records.get(key, ())}
            if of:
                found, why = read_metrics(known, region, metric, of, start, days)
                sums[metric].update(found)
                unread += [why] if why else []
    return Traffic(sums[UP], sums[DOWN], sums[ENDPOINT], tuple(dict.fromkeys(unread)))


def session_of_environment() -> boto3.Session:
    """A session with what the environment and the AWS profile say.

    Raises `Unusable` when they cannot be used, such as for a profile that is not there.
    """
    try:
        return boto3.Session()
    except BotoCoreError as error:
        raise Unusable(f"the AWS configuration cannot be used: {said(error)}") from error


def _default_region(session: boto3.Session) -> tuple[str, ...]:
    # boto3 reads AWS_DEFAULT_REGION alone, the AWS CLI and other SDKs this one before it.
    region = os.environ.get("AWS_REGION") or session.region_name
    if not region:
        raise Unusable(
            "no region is chosen: name one with --region, in AWS_REGION or in the AWS profile"
        )
    return (region,)


def _accounts(
    base: boto3.Session, roles: Sequence[str], region: str
) -> Iterable[boto3.Session | list[Answers]]:
    """A session for each role; what stands for an account whose role cannot be assumed."""
    if not roles:
        yield base
        return
    for role in roles:
        assumed = _assumed(base, role, region)
        if isinstance(assumed, _Unread):
            account = role.split(":")[4]
            yield [Answers(account, None, {}, dict.fromkeys(_NETWORK, assumed.why))]
        else:
            yield assumed


def _assumed(base: boto3.Session, role: str, region: str) -> boto3.Session | _Unread:
    """A session with the temporary credentials of a role."""
    try:
        client = base.client("sts", region_name=region, config=CONFIG)
        answer = client.assume_role(RoleArn=role, RoleSessionName="privatelane-verify")
    except REFUSED as error:
        raise_if_hopeless(error)
        return _Unread(f"{role} cannot be assumed: {said(error)}")
    keys = answer["Credentials"]
    return boto3.Session(
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def _of_account(session: boto3.Session, regions: Sequence[str], *, billing: bool) -> list[Answers]:
    """The answers of one account: its regions, then what it has but once."""
    account: str | None = None
    readers: list[Region] = []
    found: list[Answers] = []
    refusals: list[str] = []
    for region in regions:
        who = _account_in(region, session)
        if isinstance(who, _Unread):
            refusals.append(who.why)
            found.append(Answers(account, region, {}, dict.fromkeys(_NETWORK, who.why)))
        else:
            account = who
            readers.append(Region(session, account, region, billing=billing))
    if not readers:
        raise Unusable(refusals[0])
    with ThreadPoolExecutor(_REGIONS_AT_ONCE) as pool:
        found += pool.map(Region.read, readers)
    found = [Answers(account, one.region, one.records, one.unread) for one in found]
    zones = Zones(session, account, readers[0].region)
    return [*found, zones.read(found)]


@dataclass(frozen=True)
class _Unread:
    """Why a region or an account cannot be read."""

    why: str


def _account_in(region: str, session: boto3.Session) -> str | _Unread:
    """The account that a session works in, asked in a region."""
    try:
        client = session.client("sts", region_name=region, config=CONFIG)
        return client.get_caller_identity()["Account"]
    except REFUSED as error:
        raise_if_hopeless(error)
        return _Unread(_why_off(error, region))


def _why_off(error: Exception, region: str) -> str:
    if isinstance(error, UnreachableError):
        return f"region {region} cannot be reached: {type(error).__name__}"
    if code(error) in _NOT_ACCEPTED:
        return (
            f"the credentials are not accepted in region {region} ({code(error)}): they are not "
            "valid, or the region is not switched on for the account"
        )
    return f"region {region} cannot be read: {said(error)}"
