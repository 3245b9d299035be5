"""Security groups and their rules, inline or as resources of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.engine.simaws.resources._ec2 import Ec2Handler
from tests.engine.simaws.resources._handler import changed, given, handles, tag_map

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props

_ANY = "-1"
_SOURCES = {
    "cidrIpv4": "CidrIpv4",
    "cidrIpv6": "CidrIpv6",
    "prefixListId": "PrefixListId",
    "referencedSecurityGroupId": "ReferencedGroupId",
}


class _GroupHandler(Ec2Handler):
    tag_type = "security-group"

    def group(self, id_: str) -> dict[str, Any] | None:
        """The group as EC2 describes it."""
        return self.one("describe_security_groups", "SecurityGroups", GroupIds=[id_])

    def properties(self, id_: str, found: dict[str, Any]) -> Props:
        """What the default group and all others have in common."""
        return {
            "arn": self.ec2_arn("security-group", id_),
            "ownerId": self.cloud.account_id,
            "name": found["GroupName"],
            "namePrefix": "",
            "description": found["Description"],
            "vpcId": found["VpcId"],
            "ingress": _inline_rules(found["IpPermissions"], id_),
            "egress": _inline_rules(found["IpPermissionsEgress"], id_),
            "tags": tag_map(found.get("Tags")),
        }

    def set_rules(self, id_: str, olds: Props, news: Props) -> None:
        """Make the inline rules those of the program; a list that it leaves out stays."""
        for direction in ("ingress", "egress"):
            if news.get(direction) is None or not changed(olds, news, direction):
                continue
            before = [_permission(rule, id_) for rule in olds.get(direction) or []]
            after = [_permission(rule, id_) for rule in news[direction]]
            gone = [rule for rule in before if rule not in after]
            fresh = [rule for rule in after if rule not in before]
            if gone:
                getattr(self.aws, f"revoke_security_group_{direction}")(
                    GroupId=id_, IpPermissions=gone
                )
            if fresh:
                getattr(self.aws, f"authorize_security_group_{direction}")(
                    GroupId=id_, IpPermissions=fresh
                )


@handles("aws:ec2/securityGroup:SecurityGroup")
class SecurityGroup(_GroupHandler):
    """A security group; unlike EC2, terraform begins with no egress rule at all."""

    def create(self, inputs: Props) -> str:
        name = inputs.get("name") or inputs["namePrefix"] + "0"
        answer = self.aws.create_security_group(
            GroupName=name,
            Description=inputs["description"],
            **given(inputs, VpcId="vpcId"),
            **self.tags_of(inputs),
        )
        identifier: str = answer["GroupId"]
        return identifier

    def configure(self, id_: str, inputs: Props) -> None:
        found = self.group(id_) or {}
        standing = _inline_rules(found.get("IpPermissionsEgress", []), id_)
        self.set_rules(id_, {"egress": standing}, {"egress": [], **_without_none(inputs)})

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.group(id_)
        return None if found is None else self.properties(id_, found)

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self.set_rules(id_, olds, news)
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_security_group(GroupId=id_)


@handles("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
class DefaultSecurityGroup(_GroupHandler):
    """The group that came with the VPC, adopted: all rules but the program's are removed."""

    def create(self, inputs: Props) -> str:
        group = self.first(
            "describe_security_groups",
            "SecurityGroups",
            Filters=[
                {"Name": "vpc-id", "Values": [inputs["vpcId"]]},
                {"Name": "group-name", "Values": ["default"]},
            ],
        )
        identifier: str = group["GroupId"]
        return identifier

    def configure(self, id_: str, inputs: Props) -> None:
        found = self.group(id_) or {}
        standing = {
            "ingress": _inline_rules(found.get("IpPermissions", []), id_),
            "egress": _inline_rules(found.get("IpPermissionsEgress", []), id_),
        }
        self.set_rules(id_, standing, {"ingress": [], "egress": [], **_without_none(inputs)})
        self.retag(id_, {}, inputs)

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.group(id_)
        return None if found is None else self.properties(id_, found)

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self.set_rules(id_, olds, news)
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        """AWS deletes it with its VPC."""


class _RuleHandler(Ec2Handler):
    """One rule of a group."""

    tag_type = "security-group-rule"
    direction: str

    def create(self, inputs: Props) -> str:
        answer = getattr(self.aws, f"authorize_security_group_{self.direction}")(
            GroupId=inputs["securityGroupId"],
            IpPermissions=[_one_permission(inputs)],
            **self.tags_of(inputs),
        )
        identifier: str = answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        return identifier

    def read(self, id_: str, known: Props) -> Props | None:
        rule = self.one(
            "describe_security_group_rules", "SecurityGroupRules", SecurityGroupRuleIds=[id_]
        )
        if rule is None:
            return None
        every = rule["IpProtocol"] == _ANY
        return {
            "arn": self.ec2_arn("security-group-rule", id_),
            "securityGroupRuleId": id_,
            "securityGroupId": rule["GroupId"],
            "description": rule.get("Description") or None,
            "ipProtocol": rule["IpProtocol"],
            "fromPort": None if every else rule.get("FromPort"),
            "toPort": None if every else rule.get("ToPort"),
            "cidrIpv4": rule.get("CidrIpv4"),
            "cidrIpv6": rule.get("CidrIpv6"),
            "prefixListId": rule.get("PrefixListId"),
            "referencedSecurityGroupId": rule.get("ReferencedGroupInfo", {}).get("GroupId"),
            "tags": tag_map(rule.get("Tags")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        keys = (*_SOURCES, "description", "ipProtocol", "fromPort", "toPort")
        if changed(olds, news, *keys):
            wanted = {
                "IpProtocol": news["ipProtocol"],
                **given(news, FromPort="fromPort", ToPort="toPort", Description="description"),
                **{theirs: news[ours] for ours, theirs in _SOURCES.items() if news.get(ours)},
            }
            self.aws.modify_security_group_rules(
                GroupId=news["securityGroupId"],
                SecurityGroupRules=[
                    {"SecurityGroupRuleId": id_, "SecurityGroupRule": wanted},
                ],
            )
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        getattr(self.aws, f"revoke_security_group_{self.direction}")(
            GroupId=state["securityGroupId"], SecurityGroupRuleIds=[id_]
        )


@handles("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
class SecurityGroupIngressRule(_RuleHandler):
    """One rule for what comes in."""

    direction = "ingress"


@handles("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
class SecurityGroupEgressRule(_RuleHandler):
    """One rule for what goes out."""

    direction = "egress"


@handles("aws:ec2/securityGroupRule:SecurityGroupRule")
class SecurityGroupRule(_GroupHandler):
    """The older resource for rules: one permission with any number of sources."""

    def create(self, inputs: Props) -> str:
        getattr(self.aws, f"authorize_security_group_{inputs['type']}")(
            GroupId=inputs["securityGroupId"],
            IpPermissions=[_permission(_as_inline(inputs), inputs["securityGroupId"])],
        )
        parts = [
            inputs["securityGroupId"],
            inputs["type"],
            str(inputs["protocol"]),
            str(inputs["fromPort"]),
            str(inputs["toPort"]),
            *_named_sources(inputs),
        ]
        return "sgrule-" + "_".join(parts)

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.group(id_.removeprefix("sgrule-").split("_")[0])
        if found is None or not known:
            return None
        key = "IpPermissions" if known["type"] == "ingress" else "IpPermissionsEgress"
        standing = _inline_rules(found[key], known["securityGroupId"])
        wanted = _as_inline(known)
        if not any(_covers(rule, wanted) for rule in standing):
            return None
        names = (
            "type",
            "protocol",
            "fromPort",
            "toPort",
            "securityGroupId",
            "cidrBlocks",
            "ipv6CidrBlocks",
            "prefixListIds",
            "self",
            "description",
        )
        return {
            **{name: known.get(name) for name in names},
            "sourceSecurityGroupId": known.get("sourceSecurityGroupId", ""),
            "securityGroupRuleId": "",
        }

    def delete(self, id_: str, state: Props) -> None:
        getattr(self.aws, f"revoke_security_group_{state['type']}")(
            GroupId=state["securityGroupId"],
            IpPermissions=[_permission(_as_inline(state), state["securityGroupId"])],
        )


def _without_none(inputs: Props) -> Props:
    return {key: value for key, value in inputs.items() if value is not None}


def _one_permission(inputs: Props) -> dict[str, Any]:
    text = given(inputs, Description="description")
    sources: dict[str, list[dict[str, Any]]] = {}
    if inputs.get("cidrIpv4"):
        sources["IpRanges"] = [{"CidrIp": inputs["cidrIpv4"], **text}]
    if inputs.get("cidrIpv6"):
        sources["Ipv6Ranges"] = [{"CidrIpv6": inputs["cidrIpv6"], **text}]
    if inputs.get("prefixListId"):
        sources["PrefixListIds"] = [{"PrefixListId": inputs["prefixListId"], **text}]
    if inputs.get("referencedSecurityGroupId"):
        sources["UserIdGroupPairs"] = [{"GroupId": inputs["referencedSecurityGroupId"], **text}]
    ports = given(inputs, FromPort="fromPort", ToPort="toPort")
    return {"IpProtocol": inputs["ipProtocol"], **ports, **sources}


def _permission(rule: Props, group: str) -> dict[str, Any]:
    """An inline rule as EC2 writes it."""
    text = given(rule, Description="description") if rule.get("description") else {}
    pairs = [{"GroupId": other, **text} for other in rule.get("securityGroups") or []]
    if rule.get("self"):
        pairs.append({"GroupId": group, **text})
    permission: dict[str, Any] = {"IpProtocol": str(rule["protocol"])}
    if permission["IpProtocol"] in {"all", _ANY}:
        permission["IpProtocol"] = _ANY
    else:
        permission |= {"FromPort": rule["fromPort"], "ToPort": rule["toPort"]}
    lists = {
        "IpRanges": [{"CidrIp": c, **text} for c in rule.get("cidrBlocks") or []],
        "Ipv6Ranges": [{"CidrIpv6": c, **text} for c in rule.get("ipv6CidrBlocks") or []],
        "PrefixListIds": [{"PrefixListId": p, **text} for p in rule.get("prefixListIds") or []],
        "UserIdGroupPairs": pairs,
    }
    return permission | {key: value for key, value in lists.items() if value}


def _inline_rules(permissions: list[dict[str, Any]], group: str) -> list[Props]:
    """EC2's permissions as inline rules, one for each description."""
    rules: list[Props] = []
    for permission in permissions:
        sources = [
            *(("cidrBlocks", r["CidrIp"], r) for r in permission.get("IpRanges", [])),
            *(("ipv6CidrBlocks", r["CidrIpv6"], r) for r in permission.get("Ipv6Ranges", [])),
            *(("prefixListIds", r["PrefixListId"], r) for r in permission.get("PrefixListIds", [])),
            *(("securityGroups", r["GroupId"], r) for r in permission.get("UserIdGroupPairs", [])),
        ]
        by_text: dict[str, Props] = {}
        for key, value, source in sources:
            text = source.get("Description") or ""
            rule = by_text.setdefault(
                text,
                {
                    "protocol": permission["IpProtocol"],
                    "fromPort": permission.get("FromPort", 0),
                    "toPort": permission.get("ToPort", 0),
                    "description": text,
                    "self": False,
                },
            )
            if key == "securityGroups" and value == group:
                rule["self"] = True
            else:
                rule.setdefault(key, []).append(value)
        rules += by_text.values()
    return rules


def _as_inline(inputs: Props) -> Props:
    source = inputs.get("sourceSecurityGroupId")
    return {
        **{
            key: inputs[key]
            for key in (
                "fromPort",
                "toPort",
                "cidrBlocks",
                "ipv6CidrBlocks",
                "prefixListIds",
                "self",
                "description",
            )
            if inputs.get(key) is not None
        },
        "protocol": str(inputs["protocol"]),
        "securityGroups": [source] if source else [],
    }


def _named_sources(inputs: Props) -> list[str]:
    found: list[str] = []
    for key in ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds"):
        found += inputs.get(key) or []
    if inputs.get("sourceSecurityGroupId"):
        found.append(inputs["sourceSecurityGroupId"])
    return [*found, "self"] if inputs.get("self") else found


def _covers(standing: Props, wanted: Props) -> bool:
    if str(standing["protocol"]) != str(wanted["protocol"]).replace("all", _ANY):
        return False
    if str(standing["protocol"]) != _ANY and (standing["fromPort"], standing["toPort"]) != (
        wanted["fromPort"],
        wanted["toPort"],
    ):
        return False
    lists = ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "securityGroups")
    return all(set(wanted.get(k) or []) <= set(standing.get(k) or []) for k in lists) and (
        not wanted.get("self") or bool(standing["self"])
    )
