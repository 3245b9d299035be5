"""Network ACLs: the default one, adopted, and others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.engine.simaws.resources._ec2 import Ec2Handler
from tests.engine.simaws.resources._handler import changed, handles, tag_map

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props

#: The rule that ends every list and that nobody can remove.
_LAST_RULE = 32767
_NUMBERS = {"tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58", "all": "-1", "-1": "-1"}
_NAMES = {"6": "tcp", "17": "udp", "1": "icmp"}


class _AclHandler(Ec2Handler):
    tag_type = "network-acl"

    def acl(self, id_: str) -> dict[str, Any] | None:
        """The ACL as EC2 describes it."""
        return self.one("describe_network_acls", "NetworkAcls", NetworkAclIds=[id_])

    def properties(self, id_: str, found: dict[str, Any]) -> Props:
        """What the default ACL and all others have in common."""
        return {
            "arn": self.ec2_arn("network-acl", id_),
            "ownerId": self.cloud.account_id,
            "vpcId": found["VpcId"],
            "subnetIds": [a["SubnetId"] for a in found.get("Associations", [])],
            "ingress": _rules(found, egress=False),
            "egress": _rules(found, egress=True),
            "tags": tag_map(found.get("Tags")),
        }

    def set_rules(self, id_: str, olds: Props, news: Props) -> None:
        """Make the rules those of the program."""
        for direction in ("ingress", "egress"):
            if news.get(direction) is None or not changed(olds, news, direction):
                continue
            for rule in olds.get(direction) or []:
                self.aws.delete_network_acl_entry(
                    NetworkAclId=id_, RuleNumber=rule["ruleNo"], Egress=direction == "egress"
                )
            for rule in news[direction]:
                self.aws.create_network_acl_entry(
                    NetworkAclId=id_, Egress=direction == "egress", **_entry(rule)
                )

    def set_subnets(self, id_: str, wanted: list[str]) -> None:
        """Give the subnets this ACL; those that it loses go back to the default one."""
        found = self.acl(id_) or {}
        held = {a["SubnetId"]: a["NetworkAclAssociationId"] for a in found["Associations"]}
        default = self.first(
            "describe_network_acls",
            "NetworkAcls",
            Filters=[
                {"Name": "vpc-id", "Values": [found["VpcId"]]},
                {"Name": "default", "Values": ["true"]},
            ],
        )
        for subnet, association in held.items():
            if subnet not in wanted and default["NetworkAclId"] != id_:
                self.aws.replace_network_acl_association(
                    AssociationId=association, NetworkAclId=default["NetworkAclId"]
                )
        for subnet in wanted:
            if subnet in held:
                continue
            holder = self.first(
                "describe_network_acls",
                "NetworkAcls",
                Filters=[{"Name": "association.subnet-id", "Values": [subnet]}],
            )
            association = next(
                a["NetworkAclAssociationId"]
                for a in holder["Associations"]
                if a["SubnetId"] == subnet
            )
            self.aws.replace_network_acl_association(AssociationId=association, NetworkAclId=id_)


@handles("aws:ec2/networkAcl:NetworkAcl")
class NetworkAcl(_AclHandler):
    """A network ACL with its rules and subnets."""

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_network_acl(VpcId=inputs["vpcId"], **self.tags_of(inputs))
        identifier: str = answer["NetworkAcl"]["NetworkAclId"]
        return identifier

    def configure(self, id_: str, inputs: Props) -> None:
        self.set_rules(id_, {}, inputs)
        if inputs.get("subnetIds"):
            self.set_subnets(id_, inputs["subnetIds"])

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.acl(id_)
        return None if found is None else self.properties(id_, found)

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self.set_rules(id_, olds, news)
        if news.get("subnetIds") is not None and changed(olds, news, "subnetIds"):
            self.set_subnets(id_, news["subnetIds"])
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        if self.acl(id_) is not None:
            self.set_subnets(id_, [])
            self.aws.delete_network_acl(NetworkAclId=id_)


@handles("aws:ec2/defaultNetworkAcl:DefaultNetworkAcl")
class DefaultNetworkAcl(_AclHandler):
    """The ACL that came with the VPC, adopted: its rules are replaced, it is never deleted."""

    def create(self, inputs: Props) -> str:
        identifier: str = inputs["defaultNetworkAclId"]
        return identifier

    def configure(self, id_: str, inputs: Props) -> None:
        found = self.acl(id_) or {"Entries": []}
        standing = {
            "ingress": _rules(found, egress=False),
            "egress": _rules(found, egress=True),
        }
        self.set_rules(id_, standing, {"ingress": [], "egress": [], **inputs})
        self.retag(id_, {}, inputs)

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.acl(id_)
        if found is None:
            return None
        actual = {"defaultNetworkAclId": id_, **self.properties(id_, found)}
        if "subnetIds" not in known:
            # The default ACL has every subnet that no other ACL has; only a program that lists
            # them wants to hear about a change.
            actual["subnetIds"] = None
        return actual

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self.set_rules(id_, olds, news)
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        """AWS deletes it with its VPC."""


@handles("aws:ec2/networkAclRule:NetworkAclRule")
class NetworkAclRule(_AclHandler):
    """One rule of an ACL."""

    def create(self, inputs: Props) -> str:
        self.aws.create_network_acl_entry(
            NetworkAclId=inputs["networkAclId"],
            Egress=bool(inputs.get("egress")),
            **_entry({**inputs, "ruleNo": inputs["ruleNumber"], "action": inputs["ruleAction"]}),
        )
        return f"nacl-{inputs['networkAclId']}|{inputs['ruleNumber']}|{bool(inputs.get('egress'))}"

    def read(self, id_: str, known: Props) -> Props | None:
        acl, number, egress = id_.removeprefix("nacl-").split("|")
        found = self.acl(acl)
        for rule in _rules(found or {"Entries": []}, egress=egress == "True"):
            if str(rule["ruleNo"]) == number:
                ports = {} if rule["protocol"] == "-1" else rule
                return {
                    "networkAclId": acl,
                    "ruleNumber": rule["ruleNo"],
                    "egress": egress == "True",
                    "ruleAction": rule["action"],
                    "protocol": known.get("protocol", rule["protocol"]),
                    "cidrBlock": rule["cidrBlock"] or None,
                    "ipv6CidrBlock": rule["ipv6CidrBlock"] or None,
                    "fromPort": ports.get("fromPort", known.get("fromPort")),
                    "toPort": ports.get("toPort", known.get("toPort")),
                }
        return None

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_network_acl_entry(
            NetworkAclId=state["networkAclId"],
            RuleNumber=state["ruleNumber"],
            Egress=bool(state.get("egress")),
        )


def _entry(rule: Props) -> dict[str, Any]:
    protocol = str(rule["protocol"])
    entry: dict[str, Any] = {
        "RuleNumber": rule["ruleNo"],
        "RuleAction": rule["action"],
        "Protocol": _NUMBERS.get(protocol, protocol),
    }
    if rule.get("cidrBlock"):
        entry["CidrBlock"] = rule["cidrBlock"]
    if rule.get("ipv6CidrBlock"):
        entry["Ipv6CidrBlock"] = rule["ipv6CidrBlock"]
    if entry["Protocol"] in {"6", "17"}:
        entry["PortRange"] = {"From": rule.get("fromPort", 0), "To": rule.get("toPort", 0)}
    if entry["Protocol"] in {"1", "58"}:
        entry["IcmpTypeCode"] = {
            "Type": rule.get("icmpType", -1),
            "Code": rule.get("icmpCode", -1),
        }
    return entry


def _rules(found: dict[str, Any], *, egress: bool) -> list[Props]:
    return [
        {
            "action": entry["RuleAction"],
            "ruleNo": entry["RuleNumber"],
            "protocol": _NAMES.get(str(entry["Protocol"]), str(entry["Protocol"])),
            "cidrBlock": entry.get("CidrBlock", ""),
            "ipv6CidrBlock": entry.get("Ipv6CidrBlock", ""),
            "fromPort": entry.get("PortRange", {}).get("From", 0),
            "toPort": entry.get("PortRange", {}).get("To", 0),
            "icmpType": entry.get("IcmpTypeCode", {}).get("Type", 0),
            "icmpCode": entry.get("IcmpTypeCode", {}).get("Code", 0),
        }
        for entry in found["Entries"]
        if entry["Egress"] == egress and entry["RuleNumber"] < _LAST_RULE
    ]
