"""VPC endpoints and what is associated with them one by one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.engine.simaws.resources._ec2 import Ec2Handler, camel_keys
from tests.engine.simaws.resources._handler import added, changed, given, handles, removed, tag_map

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props

_LISTS = {
    "routeTableIds": "RouteTableIds",
    "securityGroupIds": "SecurityGroupIds",
    "subnetIds": "SubnetIds",
}


class _EndpointHandler(Ec2Handler):
    tag_type = "vpc-endpoint"

    def endpoint(self, id_: str) -> dict[str, Any] | None:
        """The endpoint as EC2 describes it."""
        return self.one("describe_vpc_endpoints", "VpcEndpoints", VpcEndpointIds=[id_])


@handles("aws:ec2/vpcEndpoint:VpcEndpoint")
class VpcEndpoint(_EndpointHandler):
    """A gateway or interface endpoint."""

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_vpc_endpoint(
            **given(
                inputs,
                VpcId="vpcId",
                ServiceName="serviceName",
                VpcEndpointType="vpcEndpointType",
                PolicyDocument="policy",
                IpAddressType="ipAddressType",
                ServiceRegion="serviceRegion",
                **{theirs: ours for ours, theirs in _LISTS.items()},
            ),
            # The provider sends the flag always: what a program leaves out is `false`.
            PrivateDnsEnabled=bool(inputs.get("privateDnsEnabled")),
            **self._dns_options(inputs),
            **self.tags_of(inputs),
        )
        identifier: str = answer["VpcEndpoint"]["VpcEndpointId"]
        return identifier

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.endpoint(id_)
        if found is None:
            return None
        service = found["ServiceName"]
        prefixes = self.first(
            "describe_prefix_lists",
            "PrefixLists",
            Filters=[{"Name": "prefix-list-name", "Values": [service]}],
        )
        options = found.get("DnsOptions", {})
        return {
            **camel_keys(
                found,
                "vpcId",
                "serviceName",
                "vpcEndpointType",
                "state",
                "ipAddressType",
                "privateDnsEnabled",
                "requesterManaged",
                "networkInterfaceIds",
                "ownerId",
                "routeTableIds",
                "subnetIds",
            ),
            "arn": self.ec2_arn("vpc-endpoint", id_),
            "cidrBlocks": prefixes.get("Cidrs", []),
            "prefixListId": prefixes.get("PrefixListId"),
            "securityGroupIds": [group["GroupId"] for group in found.get("Groups", [])],
            "serviceRegion": found.get("ServiceRegion", self.cloud.region),
            "policy": found.get("PolicyDocument"),
            "dnsEntries": [
                {
                    "dnsName": entry.get("DnsName", ""),
                    "hostedZoneId": entry.get("HostedZoneId", ""),
                }
                for entry in found.get("DnsEntries", [])
            ],
            "dnsOptions": {
                "dnsRecordIpType": options["DnsRecordIpType"],
                "privateDnsOnlyForInboundResolverEndpoint": options.get(
                    "PrivateDnsOnlyForInboundResolverEndpoint", False
                ),
            }
            if options
            else None,
            "subnetConfigurations": self._subnet_configurations(found),
            "tags": tag_map(found.get("Tags")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        changes: dict[str, Any] = {}
        for ours, theirs in _LISTS.items():
            if news.get(ours) is None:
                continue
            fresh, gone = added(olds, news, ours), removed(olds, news, ours)
            changes |= {f"Add{theirs}": fresh} if fresh else {}
            changes |= {f"Remove{theirs}": gone} if gone else {}
        if changed(olds, news, "policy"):
            document = news.get("policy")
            changes |= {"PolicyDocument": document} if document else {"ResetPolicy": True}
        if bool(olds.get("privateDnsEnabled")) != bool(news.get("privateDnsEnabled")):
            changes["PrivateDnsEnabled"] = bool(news.get("privateDnsEnabled"))
        if news.get("ipAddressType") and changed(olds, news, "ipAddressType"):
            changes["IpAddressType"] = news["ipAddressType"]
        if news.get("dnsOptions") and changed(olds, news, "dnsOptions"):
            changes |= self._dns_options(news)
        if changes:
            self.aws.modify_vpc_endpoint(VpcEndpointId=id_, **changes)
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_vpc_endpoints(VpcEndpointIds=[id_])

    def _dns_options(self, inputs: Props) -> dict[str, Any]:
        options = inputs.get("dnsOptions")
        if not options:
            return {}
        return {
            "DnsOptions": given(
                options,
                DnsRecordIpType="dnsRecordIpType",
                PrivateDnsOnlyForInboundResolverEndpoint="privateDnsOnlyForInboundResolverEndpoint",
            )
        }

    def _subnet_configurations(self, found: dict[str, Any]) -> list[Props]:
        identifiers = found.get("NetworkInterfaceIds", [])
        if not identifiers:
            return []
        answer = self.aws.describe_network_interfaces(NetworkInterfaceIds=identifiers)
        return [
            {"subnetId": eni["SubnetId"], "ipv4": eni["PrivateIpAddress"]}
            for eni in answer["NetworkInterfaces"]
        ]


@handles("aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy")
class VpcEndpointPolicy(_EndpointHandler):
    """The policy of an endpoint; deleting it puts AWS's full access back."""

    def create(self, inputs: Props) -> str:
        identifier: str = inputs["vpcEndpointId"]
        self._set(identifier, inputs)
        return identifier

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.endpoint(id_)
        if found is None:
            return None
        return {"vpcEndpointId": id_, "policy": found.get("PolicyDocument")}

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self._set(id_, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.modify_vpc_endpoint(VpcEndpointId=id_, ResetPolicy=True)

    def _set(self, id_: str, inputs: Props) -> None:
        policy = inputs.get("policy")
        change = {"PolicyDocument": policy} if policy else {"ResetPolicy": True}
        if policy:
            json.loads(policy)
        self.aws.modify_vpc_endpoint(VpcEndpointId=id_, **change)


class _Association(_EndpointHandler):
    """One element of one of an endpoint's lists."""

    #: Our property and EC2's list.
    ours: str
    theirs: str

    def create(self, inputs: Props) -> str:
        self.aws.modify_vpc_endpoint(
            VpcEndpointId=inputs["vpcEndpointId"], **{f"Add{self.theirs}": [inputs[self.ours]]}
        )
        return f"a-{inputs['vpcEndpointId']}|{inputs[self.ours]}"

    def read(self, id_: str, known: Props) -> Props | None:
        endpoint, _, element = id_.removeprefix("a-").partition("|")
        found = self.endpoint(endpoint)
        if found is None or element not in self.elements(found):
            return None
        return {"vpcEndpointId": endpoint, self.ours: element}

    def delete(self, id_: str, state: Props) -> None:
        if self.read(id_, state) is not None:
            self.aws.modify_vpc_endpoint(
                VpcEndpointId=state["vpcEndpointId"],
                **{f"Remove{self.theirs}": [state[self.ours]]},
            )

    def identify(self, imported: str) -> str:
        endpoint, _, element = imported.partition("/")
        return f"a-{endpoint}|{element}"

    def elements(self, found: dict[str, Any]) -> list[str]:
        """What the list holds."""
        elements: list[str] = found.get(self.theirs, [])
        return elements


@handles("aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation")
class VpcEndpointRouteTableAssociation(_Association):
    """One route table of a gateway endpoint."""

    ours, theirs = "routeTableId", "RouteTableIds"


@handles("aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation")
class VpcEndpointSubnetAssociation(_Association):
    """One subnet of an interface endpoint."""

    ours, theirs = "subnetId", "SubnetIds"


@handles("aws:ec2/securityGroupAssociation:SecurityGroupAssociation")
class SecurityGroupAssociation(_Association):
    """One security group of an interface endpoint."""

    ours, theirs = "securityGroupId", "SecurityGroupIds"

    def create(self, inputs: Props) -> str:
        identifier = super().create(inputs)
        if inputs.get("replaceDefaultAssociation"):
            default = self._default_group(inputs["vpcEndpointId"])
            self.aws.modify_vpc_endpoint(
                VpcEndpointId=inputs["vpcEndpointId"], RemoveSecurityGroupIds=[default]
            )
        return identifier

    def read(self, id_: str, known: Props) -> Props | None:
        found = super().read(id_, known)
        if found is not None:
            found["replaceDefaultAssociation"] = known.get("replaceDefaultAssociation", False)
        return found

    def delete(self, id_: str, state: Props) -> None:
        if state.get("replaceDefaultAssociation"):
            default = self._default_group(state["vpcEndpointId"])
            self.aws.modify_vpc_endpoint(
                VpcEndpointId=state["vpcEndpointId"], AddSecurityGroupIds=[default]
            )
        super().delete(id_, state)

    def elements(self, found: dict[str, Any]) -> list[str]:
        return [group["GroupId"] for group in found.get("Groups", [])]

    def _default_group(self, endpoint: str) -> str:
        vpc = (self.endpoint(endpoint) or {})["VpcId"]
        group = self.first(
            "describe_security_groups",
            "SecurityGroups",
            Filters=[
                {"Name": "vpc-id", "Values": [vpc]},
                {"Name": "group-name", "Values": ["default"]},
            ],
        )
        identifier: str = group["GroupId"]
        return identifier
