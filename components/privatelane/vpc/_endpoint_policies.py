"""Endpoint policies: what may pass through an endpoint, whatever the caller's own rights.

By default an endpoint serves the callers of one account, or of one organisation, and where data
could leave by it also their resources only. What AWS itself owns and a container host cannot do
without stays reachable: the bucket of ECR's image layers, the package repositories of Amazon Linux,
the registries of EKS add-ons. A gateway endpoint that denies these does not fall back to a NAT
gateway; the request fails.

Sources: "Control access to VPC endpoints" (PrivateLink guide), "Amazon ECR interface VPC
endpoints" (ECR guide), "Control access to AWS STS with VPC endpoint policies" (IAM guide), the
tables of registries in the EKS and GuardDuty guides, "SSM Agent communications with AWS managed S3
buckets" (Systems Manager guide), and AWS's examples of data perimeters.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from privatelane._images import PULL_ACTIONS
from privatelane._invalid import InvalidInput, described
from privatelane._needs import EKS_IMAGE_NEEDS
from privatelane._services import partition

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from privatelane._services import Service

#: Written in the place of a policy: everything may pass.
FULL_ACCESS = "full-access"

#: Written in the place of a policy: none is sent, for a service that would refuse any.
NO_POLICY = "none"

_FULL_ACCESS_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}

#: The longest policy an endpoint takes, white space included.
MOST_CHARACTERS = 20_480

#: Services whose requests carry data to a resource, and tell policies who owns it. Of the others
#: some do not tell (EC2, EventBridge), and some are meant to be called for resources of AWS.
_DATA_SERVICES = frozenset(
    {
        "dynamodb",
        "dynamodb-fips",
        "dynamodb-interface",
        "dynamodb-streams",
        "kinesis-firehose",
        "kinesis-streams",
        "kinesis-streams-fips",
        "kms",
        "kms-fips",
        "lambda",
        "logs",
        "s3express",
        "secretsmanager",
        "sns",
        "sqs",
        "sqs-fips",
    }
)
_S3 = frozenset({"s3", "s3-fips", "s3-interface"})
_ECR = frozenset({"ecr.api", "ecr.dkr", "ecr-fips.api", "ecr-fips.dkr"})
_STS = frozenset({"sts", "sts-fips"})

_EKS_FIRST = "602401143452"
#: Region → the account with the images of EKS add-ons.
_EKS_REGISTRIES = {
    **dict.fromkeys(
        (
            *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1"),
            *("ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1", "eu-north-1"),
            *("eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1"),
            *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
        ),
        _EKS_FIRST,
    ),
    "af-south-1": "877085696533",
    "ap-east-1": "800184023465",
    "ap-east-2": "533267051163",
    "ap-south-2": "900889452093",
    "ap-southeast-3": "296578399912",
    "ap-southeast-4": "491585149902",
    "ap-southeast-5": "151610086707",
    "ap-southeast-6": "333609536671",
    "ap-southeast-7": "121268973566",
    "ca-west-1": "761377655185",
    "cn-north-1": "918309763551",
    "cn-northwest-1": "961992271922",
    "eu-central-2": "900612956339",
    "eu-south-1": "590381155156",
    "eu-south-2": "455263428931",
    "eusc-de-east-1": "877088126301",
    "il-central-1": "066635153087",
    "me-central-1": "759879836304",
    "me-south-1": "558608220178",
    "mx-central-1": "730335286997",
    "us-gov-east-1": "151742754352",
    "us-gov-west-1": "013241004608",
}

#: Region → the account with the GuardDuty agent for Fargate tasks.
_GUARDDUTY_REGISTRIES = {
    "af-south-1": "197869348890",
    "ap-east-1": "258348409381",
    "ap-east-2": "259886477082",
    "ap-northeast-1": "533107202818",
    "ap-northeast-2": "914738172881",
    "ap-northeast-3": "273192626886",
    "ap-south-1": "251508486986",
    "ap-south-2": "950823858135",
    "ap-southeast-1": "174946120834",
    "ap-southeast-2": "005257825471",
    "ap-southeast-3": "510637619217",
    "ap-southeast-4": "251357961535",
    "ap-southeast-5": "156041399949",
    "ap-southeast-7": "054037130133",
    "ca-central-1": "354763396469",
    "ca-west-1": "339712888787",
    "eu-central-1": "323658145986",
    "eu-central-2": "529164026651",
    "eu-north-1": "591436053604",
    "eu-south-1": "266869475730",
    "eu-south-2": "919611009337",
    "eu-west-1": "694911143906",
    "eu-west-2": "892757235363",
    "eu-west-3": "665651866788",
    "il-central-1": "870907303882",
    "me-central-1": "000014521398",
    "me-south-1": "536382113932",
    "mx-central-1": "311141559934",
    "sa-east-1": "758426053663",
    "us-east-1": "593207742271",
    "us-east-2": "307168627858",
    "us-west-1": "684579721401",
    "us-west-2": "733349766148",
}

#: Region → the account with the GuardDuty agent for EKS, where it is not the add-ons' account.
_GUARDDUTY_EKS_REGISTRIES = {
    "af-south-1": "379032919888",
    "ap-east-1": "790429075973",
    "ap-northeast-1": "781592569369",
    "ap-northeast-2": "732248494576",
    "ap-northeast-3": "810724417379",
    "ap-south-1": "610108029387",
    "ap-south-2": "618745550137",
    "ap-southeast-1": "584580519942",
    "ap-southeast-2": "011662287384",
    "ap-southeast-3": "617474730032",
    "ap-southeast-4": "750462861327",
    "ca-central-1": "001188825231",
    "eu-central-1": "409493279830",
    "eu-central-2": "718440343717",
    "eu-north-1": "366771026645",
    "eu-south-1": "528450769569",
    "eu-south-2": "531047660167",
    "eu-west-1": "673884943994",
    "eu-west-2": "109118265657",
    "eu-west-3": "113643092156",
    "il-central-1": "292660727137",
    "me-central-1": "601769779514",
    "me-south-1": "541829937850",
    "sa-east-1": "941219317354",
    "us-east-1": "031903291036",
    "us-east-2": "591382732059",
    "us-west-1": "373421517865",
    "us-west-2": "039403964562",
}

_ACCOUNT = re.compile(r"\d{12}")
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")


@dataclass(frozen=True, slots=True)
class Perimeter:
    """Whose callers and whose resources the endpoints serve."""

    #: The own account: 12 digits. Without meaning when there is an organisation.
    account: str
    #: The own organisation, in the place of the account.
    organization: str | None = None
    #: Accounts outside whose resources may be used as well, such as a shared registry's.
    trusted_accounts: tuple[str, ...] = ()

    @property
    def callers(self) -> dict[str, Any]:
        """The condition that a caller is one's own. Requests without a signature never are."""
        if self.organization:
            return {"aws:PrincipalOrgID": self.organization}
        return {"aws:PrincipalAccount": self.account}

    @property
    def resources(self) -> list[dict[str, Any]]:
        """The conditions one of which a resource's owner has to meet."""
        if not self.organization:
            accounts = [self.account, *self.trusted_accounts]
            return [{"aws:ResourceAccount": accounts if self.trusted_accounts else self.account}]
        trusted = [{"aws:ResourceAccount": list(self.trusted_accounts)}]
        return [{"aws:ResourceOrgID": self.organization}, *(trusted * bool(self.trusted_accounts))]


def default_policy(
    service: Service,
    perimeter: Perimeter,
    *,
    region: str,
    needs: Collection[str] = (),
    services: Collection[str] = (),
) -> dict[str, Any] | None:
    """Return the policy that the endpoint of a service gets, or None for full access.

    `region` is where the service is. `needs` are those of all groups together and `services` the
    endpoints asked for by name; they decide which of AWS's own buckets and registries stay open.
    Full access is for services that accept no policy, and for those called without credentials.

    Raises:
        InvalidInput: nodes of EKS pull from this endpoint, and the account of the add-ons' registry
            in the Region is not known.

    """
    if not service.takes_policy or not service.signed:
        return None
    if service.key in _S3:
        hosts = "session" in needs or {"ssm", "ssmmessages"} <= set(services)
        statements = [*_own("Own", perimeter), *_aws_buckets(region, hosts=hosts)]
    elif service.key in _ECR:
        statements = _ecr(perimeter, region, needs)
    elif service.key in _STS:
        statements = _sts(perimeter)
    elif service.key in _DATA_SERVICES:
        statements = _own("Own", perimeter)
    else:
        statements = [_statement("OwnCallers", equals=perimeter.callers)]
    return {"Version": "2012-10-17", "Statement": statements}


def endpoint_policy(
    service: Service,
    perimeter: Perimeter,
    *,
    region: str,
    needs: Collection[str] = (),
    services: Collection[str] = (),
    policy: object = None,
    statements: object = None,
) -> str | None:
    """Return the JSON of the policy to send for an endpoint, or None to send none.

    `policy` takes the place of the default, `statements` are added to the default; both are as
    `EndpointsArgs` has them. The other arguments are those of `default_policy`.

    Raises:
        InvalidInput: the endpoint takes no policy, or not this one.

    """
    field = f"policies.{service.key}"
    if policy is not None and statements is not None:
        raise InvalidInput(
            f"{field} replaces the policy that policy_statements.{service.key} adds to; give one"
        )
    if policy == NO_POLICY or (policy == FULL_ACCESS and not service.takes_policy):
        return None
    if not service.takes_policy and (policy is not None or statements is not None):
        raise InvalidInput(
            f"{field} cannot be set, the endpoint of {service.key} admits everything and accepts no"
            " policy"
        )
    if policy == FULL_ACCESS:
        return _written(field, _FULL_ACCESS_POLICY)
    if policy is not None:
        return check_policy(field, policy)
    default = default_policy(service, perimeter, region=region, needs=needs, services=services)
    if statements is None:
        return None if default is None else _written(field, default)
    field = f"policy_statements.{service.key}"
    if default is None:
        raise InvalidInput(f"{field} adds to a policy that admits everything already")
    added = _check_statements(field, _parsed(field, statements, list))
    return _written(field, {**default, "Statement": [*default["Statement"], *added]})


def check_policy(field: str, document: object) -> str:
    """Return the JSON of an endpoint policy when AWS would take it.

    Raises:
        InvalidInput: it is no JSON object with statements, each with an effect, a principal,
            actions and resources, or it has more than 20,480 characters.

    """
    statements = _parsed(field, document, dict).get("Statement")
    _check_statements(f"{field}.Statement", statements)
    assert isinstance(document, str)
    if len(document) > MOST_CHARACTERS:
        raise InvalidInput(
            f"{field} has {len(document):,} characters, an endpoint policy has at most"
            f" {MOST_CHARACTERS:,}"
        )
    return document


def check_account(field: str, account: object) -> str:
    """Return an account's id when it has 12 digits.

    Raises:
        InvalidInput: it has not.

    """
    if isinstance(account, str) and _ACCOUNT.fullmatch(account):
        return account
    raise InvalidInput(f"{field} is {described(account)}, it must be the 12 digits of an account")


def check_organization(field: str, organization: object) -> str:
    """Return an organisation's id when it has the form of one.

    Raises:
        InvalidInput: it has not.

    """
    if isinstance(organization, str) and _ORGANIZATION.fullmatch(organization):
        return organization
    raise InvalidInput(
        f"{field} is {described(organization)}, it must be the id of an organisation such as"
        " 'o-abcde12345'"
    )


def _written(field: str, policy: dict[str, Any]) -> str:
    return check_policy(field, json.dumps(policy, separators=(",", ":")))


def _statement(
    sid: str,
    action: str | list[str] = "*",
    resource: str | list[str] = "*",
    equals: dict[str, Any] | None = None,
) -> dict[str, Any]:
    # A gateway endpoint takes no other principal than "*"; conditions do the rest for both kinds.
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
    }
    return {**statement, "Condition": {"StringEquals": equals}} if equals else statement


def _own(sid: str, perimeter: Perimeter, action: str | list[str] = "*") -> list[dict[str, Any]]:
    """One's own callers, on resources of one's own or of a trusted account."""
    return [
        _statement(name, action, equals={**perimeter.callers, **owner})
        for name, owner in zip((sid, f"{sid}OnTrusted"), perimeter.resources, strict=False)
    ]


def _sts(perimeter: Perimeter) -> list[dict[str, Any]]:
    federated = ["sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]
    return [
        # Roles elsewhere may be assumed: what their credentials may do, the other endpoints say.
        _statement("OwnCallers", equals=perimeter.callers),
        # A pod that exchanges its token has no AWS identity yet, so only the role can be judged.
        *(
            _statement(name, federated, equals=owner)
            for name, owner in zip(
                ("FederatedCallersToOwnRoles", "FederatedCallersToTrustedRoles"),
                perimeter.resources,
                strict=False,
            )
        ),
    ]


def _ecr(perimeter: Perimeter, region: str, needs: Collection[str]) -> list[dict[str, Any]]:
    statements = [
        # The login belongs to no registry.
        _statement("OwnCallersLogIn", "ecr:GetAuthorizationToken", equals=perimeter.callers),
        *_own("OwnRegistries", perimeter, "ecr:*"),
    ]
    accounts = _aws_registries(region, needs, perimeter.trusted_accounts)
    if accounts:
        arns = [
            f"arn:{partition(region)}:ecr:{region}:{account}:repository/*" for account in accounts
        ]
        statements.append(
            _statement("OwnCallersPullFromAws", list(PULL_ACTIONS), arns, equals=perimeter.callers)
        )
    return statements


def _aws_registries(
    region: str, needs: Collection[str], trusted_accounts: Sequence[str]
) -> list[str]:
    accounts = set()
    on_eks = not EKS_IMAGE_NEEDS.isdisjoint(needs)
    if on_eks and region in _EKS_REGISTRIES:
        accounts.add(_EKS_REGISTRIES[region])
    elif on_eks and not trusted_accounts:
        raise InvalidInput(
            f"region is {region!r}, where the account with the images of EKS add-ons is not known;"
            " put it in trusted_accounts, or nodes could not pull them"
        )
    if "guardduty" in needs:
        tables = [_GUARDDUTY_REGISTRIES, *([_GUARDDUTY_EKS_REGISTRIES] if on_eks else [])]
        accounts.update(table[region] for table in tables if region in table)
    return sorted(accounts)


def _aws_buckets(region: str, *, hosts: bool) -> list[dict[str, Any]]:
    def objects(*buckets: str) -> list[str]:
        return [f"arn:{partition(region)}:s3:::{bucket}/*" for bucket in buckets]

    statements = [
        # ECR signs the address of a layer itself, so the caller is neither one's own nor absent.
        _statement("ImageLayers", "s3:GetObject", objects(f"prod-{region}-starport-layer-bucket")),
        # dnf and yum do not sign what they ask for.
        _statement(
            "AmazonLinuxPackages",
            "s3:GetObject",
            objects(f"al2023-repos-{region}-de612dc2", f"amazonlinux-2-repos-{region}"),
        ),
    ]
    if hosts:
        buckets = objects(
            f"amazon-ssm-{region}",
            f"aws-ssm-{region}",
            f"aws-ssm-distributor-file-{region}",
            f"aws-ssm-document-attachments-{region}",
            f"aws-windows-downloads-{region}",
            f"patch-baseline-snapshot-{region}",
            f"{region}-birdwatcher-prod",
        )
        statements.append(_statement("SystemsManagerAgent", "s3:GetObject", buckets))
    return statements


def _parsed(field: str, document: object, kind: type[Any]) -> Any:  # noqa: ANN401 - of `kind`
    shown = "a JSON object" if kind is dict else "a JSON list of statements"
    if not isinstance(document, str):
        raise InvalidInput(f"{field} is {described(document)}, it must be {shown} as text")
    try:
        parsed = json.loads(document)
    except ValueError as error:
        raise InvalidInput(f"{field} is no JSON ({error}), it must be {shown}") from None
    if not isinstance(parsed, kind):
        raise InvalidInput(f"{field} is {described(parsed)}, it must be {shown}")
    return parsed


def _check_statements(field: str, statements: object) -> list[dict[str, Any]]:
    listed = [statements] if isinstance(statements, dict) else statements
    if not isinstance(listed, list) or not listed:
        raise InvalidInput(f"{field} is {described(listed)}, it must be a list of statements")
    for number, statement in enumerate(listed):
        if not isinstance(statement, dict):
            raise InvalidInput(f"{field}[{number}] is {described(statement)}, it must be a map")
        if statement.get("Effect") not in ("Allow", "Deny"):
            raise InvalidInput(f"{field}[{number}].Effect must be 'Allow' or 'Deny'")
        for key in ("Principal", "Action", "Resource"):
            if key not in statement and f"Not{key}" not in statement:
                raise InvalidInput(f"{field}[{number}] has no {key!r}, which a statement must have")
    return listed
