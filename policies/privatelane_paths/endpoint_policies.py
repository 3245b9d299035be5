"""Whether an endpoint policy lets through what a service is used for.

Only what an image pull does is known exactly; for any other use a policy blocks certainly only
when it allows nothing. The layer bucket and the callers that sign for it belong to AWS, so that
conditions on one's own account or organisation never hold there (aws-facts §2.3).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from privatelane_paths.known import Maybe, Unknown

__all__ = ["Use", "allows", "uses_of"]

#: Conditions that name the caller's or the resource's owner: what AWS owns is in no organisation
#: of a customer's, nor in the one account that a policy limits itself to.
_ORGANISATION_KEYS = frozenset(
    {
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:resourceorgid",
        "aws:resourceorgpaths",
    }
)
_ACCOUNT_KEYS = frozenset({"aws:principalaccount", "aws:resourceaccount", "s3:resourceaccount"})


@dataclass(frozen=True, slots=True)
class Use:
    """An action on a resource; `owner` is true when both belong to AWS, not to the caller."""

    action: str
    resource: str | None
    owner: bool = False


def uses_of(service: str, region: str | None) -> tuple[Use, ...]:
    """What an image pull does with a service; nothing where the use depends on the program."""
    if service == "ecr.api":
        return (Use("ecr:GetAuthorizationToken", "*"),)
    if service == "ecr.dkr":
        return (Use("ecr:BatchGetImage", None), Use("ecr:GetDownloadUrlForLayer", None))
    if service == "ecr.layers":
        partition = _partition(region or "")
        bucket = f"prod-{region or '*'}-starport-layer-bucket"
        return (Use("s3:GetObject", f"arn:{partition}:s3:::{bucket}/layer", owner=True),)
    return ()


def _partition(region: str) -> str:
    for prefix, partition in (
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-iso-", "aws-iso"),
        ("eusc-", "aws-eusc"),
    ):
        if region.startswith(prefix):
            return partition
    return "aws"


def allows(policy: Maybe[str | None], uses: Iterable[Use]) -> Maybe[bool]:
    """Whether a policy document allows every one of the uses; `None` is AWS's full access."""
    if policy is None:
        return True
    if isinstance(policy, Unknown):
        return policy
    statements = _statements(policy)
    if statements is None:
        return Unknown("a readable endpoint policy")
    if not any(one.get("Effect") == "Allow" for one in statements):
        return False
    answers = [_allows_use(statements, use) for use in uses]
    if any(answer is False for answer in answers):
        return False
    return next((answer for answer in answers if isinstance(answer, Unknown)), True)


def _statements(policy: str) -> list[Mapping[str, object]] | None:
    try:
        document = json.loads(policy)
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    found = document.get("Statement", [])
    listed = found if isinstance(found, list) else [found]
    if any(not isinstance(one, dict) for one in listed):
        return None
    return listed


def _allows_use(statements: list[Mapping[str, object]], use: Use) -> Maybe[bool]:
    """An explicit denial wins, then any allowance; without one nothing is allowed."""
    denials = [_applies(one, use) for one in statements if one.get("Effect") == "Deny"]
    if any(one is True for one in denials):
        return False
    allowances = [_applies(one, use) for one in statements if one.get("Effect") == "Allow"]
    if all(one is False for one in allowances):
        return False
    doubts = [one for one in denials if isinstance(one, Unknown)]
    if not any(one is True for one in allowances):
        doubts.extend(one for one in allowances if isinstance(one, Unknown))
    return doubts[0] if doubts else True


def _applies(statement: Mapping[str, object], use: Use) -> Maybe[bool]:
    """Whether a statement speaks of a use."""
    if not _names(statement, "Action", "NotAction", use.action.lower(), lower=True):
        return False
    principal = _principal(statement, use)
    if principal is False:
        return False
    resource = _resource(statement, use)
    if resource is False:
        return False
    condition = _condition(statement, use)
    if condition is False:
        return False
    return next((one for one in (principal, resource, condition) if isinstance(one, Unknown)), True)


def _names(
    statement: Mapping[str, object], name: str, negated: str, value: str, *, lower: bool = False
) -> bool:
    patterns = _texts(statement.get(name))
    excluded = _texts(statement.get(negated))
    if lower:
        patterns = [one.lower() for one in patterns]
        excluded = [one.lower() for one in excluded]
    if negated in statement:
        return not any(_matches(pattern, value) for pattern in excluded)
    return any(_matches(pattern, value) for pattern in patterns)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _matches(pattern: str, value: str) -> bool:
    """IAM's wildcards: `*` for any text, `?` for one character, nothing else is special."""
    expression = "".join(
        ".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern
    )
    return re.fullmatch(expression, value, re.DOTALL) is not None


def _resource(statement: Mapping[str, object], use: Use) -> Maybe[bool]:
    if use.resource is None:
        listed = _texts(statement.get("Resource")) or _texts(statement.get("NotResource"))
        if "NotResource" not in statement and "*" in listed:
            return True
        return Unknown("which repositories the images are in") if listed else False
    if use.resource == "*":
        # An action without a resource of its own is granted only by the wildcard.
        return "*" in _texts(statement.get("Resource")) or "NotResource" in statement
    if "*" in use.resource:
        # The region is not known, so the bucket is not either; what ends alike may be it.
        listed = _texts(statement.get("Resource"))
        if "*" in listed:
            return True
        near = any("starport-layer-bucket" in one or one.endswith(":::*") for one in listed)
        return Unknown("the region of the layer bucket") if near else False
    return _names(statement, "Resource", "NotResource", use.resource)


def _principal(statement: Mapping[str, object], use: Use) -> Maybe[bool]:
    """Whether the caller is among the principals; an absent element matches as `*` does."""
    principal = statement.get("Principal", "*")
    if "NotPrincipal" in statement:
        return Unknown("who calls, since the policy excludes principals")
    if isinstance(principal, Mapping):
        named = [text for value in principal.values() for text in _texts(value)]
    else:
        named = _texts(principal)
    if "*" in named:
        return True
    # The layer bucket is read with a URL that AWS signs as itself, never as the caller.
    return False if use.owner else Unknown("who calls, since the policy names principals")


def _condition(statement: Mapping[str, object], use: Use) -> Maybe[bool]:
    condition = statement.get("Condition")
    if not condition:
        return True
    if not isinstance(condition, Mapping):
        return Unknown("the condition of an endpoint policy")
    answers = [
        _holds(str(operator), str(key), value, use)
        for operator, tested in condition.items()
        for key, value in (tested.items() if isinstance(tested, Mapping) else ())
    ]
    if any(answer is False for answer in answers):
        return False
    return next((answer for answer in answers if isinstance(answer, Unknown)), True)


def _holds(operator: str, key: str, value: object, use: Use) -> Maybe[bool]:
    """Whether one test of a condition holds; it is decided only for what AWS owns."""
    name = key.lower()
    values = _texts(value)
    one_account = name in _ACCOUNT_KEYS and len(values) == 1 and values[0].isdigit()
    one_organisation = name in _ORGANISATION_KEYS and all(one.startswith("o-") for one in values)
    if use.owner and (one_account or one_organisation):
        if operator.lower() in ("stringequals", "stringlike"):
            return False
        if operator.lower().removesuffix("ifexists") in ("stringnotequals", "stringnotlike"):
            return True
    return Unknown(f"whether the endpoint policy's condition on {key} holds")
