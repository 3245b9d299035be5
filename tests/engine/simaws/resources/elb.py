"""Load balancers, target groups and listeners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tests.engine.simaws.resources._ec2 import is_not_found
from tests.engine.simaws.resources._handler import (
    Handler,
    changed,
    given,
    handles,
    tag_changes,
    tag_list,
    tag_map,
)

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props

#: The hosted zone that AWS keeps its load balancers' names in, us-east-1's.
_ZONE = "Z35SXDOTRQ7X7K"
#: Our switches and numbers -> the load balancer's attributes.
_ATTRIBUTES = {
    "clientKeepAlive": "client_keep_alive.seconds",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "enableCrossZoneLoadBalancing": "load_balancing.cross_zone.enabled",
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableHttp2": "routing.http2.enabled",
    "idleTimeout": "idle_timeout.timeout_seconds",
    "preserveHostHeader": "routing.http.preserve_host_header.enabled",
    "xffHeaderProcessingMode": "routing.http.xff_header_processing.mode",
}
_LOGS = {"accessLogs": "access_logs.s3", "connectionLogs": "connection_logs.s3"}


class _ElbHandler(Handler):
    service = "elbv2"

    def one(self, call: str, key: str, **arguments: object) -> dict[str, Any] | None:
        """The one thing that a describe call finds, or `None`."""
        try:
            found: list[dict[str, Any]] = getattr(self.aws, call)(**arguments)[key]
        except ClientError as error:
            if is_not_found(error):
                return None
            raise
        return found[0] if found else None

    def tags(self, arn: str) -> dict[str, str]:
        """The tags of any of the service's resources."""
        answer = self.aws.describe_tags(ResourceArns=[arn])["TagDescriptions"]
        return tag_map(answer[0]["Tags"]) if answer else {}

    def retag(self, arn: str, olds: Props, news: Props) -> None:
        """Bring the tags from old to new."""
        if not changed(olds, news, "tags"):
            return
        gone, after = tag_changes(olds, news)
        if gone:
            self.aws.remove_tags(ResourceArns=[arn], TagKeys=gone)
        if after:
            self.aws.add_tags(ResourceArns=[arn], Tags=tag_list(after))


def _tags(inputs: Props) -> dict[str, Any]:
    return {"Tags": tag_list(inputs["tags"])} if inputs.get("tags") else {}


@handles("aws:lb/loadBalancer:LoadBalancer")
class LoadBalancer(_ElbHandler):
    """An application or network load balancer; its id is its ARN."""

    def create(self, inputs: Props) -> str:
        subnets = [mapping["subnetId"] for mapping in inputs.get("subnetMappings") or []]
        answer = self.aws.create_load_balancer(
            Name=inputs["name"],
            Type=inputs["loadBalancerType"],
            Scheme="internal" if inputs.get("internal") else "internet-facing",
            Subnets=inputs.get("subnets") or subnets,
            **given(inputs, SecurityGroups="securityGroups", IpAddressType="ipAddressType"),
            **_tags(inputs),
        )
        arn: str = answer["LoadBalancers"][0]["LoadBalancerArn"]
        return arn

    def configure(self, id_: str, inputs: Props) -> None:
        self._set_attributes(id_, {}, inputs)

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.one("describe_load_balancers", "LoadBalancers", LoadBalancerArns=[id_])
        if found is None:
            return None
        answer = self.aws.describe_load_balancer_attributes(LoadBalancerArn=id_)["Attributes"]
        attributes = {item["Key"]: item["Value"] for item in answer}
        subnets = [zone["SubnetId"] for zone in found["AvailabilityZones"]]
        return {
            "arn": id_,
            "arnSuffix": id_.split(":loadbalancer/")[1],
            "dnsName": found["DNSName"],
            "name": found["LoadBalancerName"],
            "namePrefix": "",
            "vpcId": found["VpcId"],
            "zoneId": found.get("CanonicalHostedZoneId", _ZONE),
            "internal": found["Scheme"] == "internal",
            "loadBalancerType": found["Type"],
            "ipAddressType": found.get("IpAddressType", "ipv4"),
            "securityGroups": found.get("SecurityGroups", []),
            "subnets": subnets,
            "subnetMappings": [{"subnetId": subnet} for subnet in subnets],
            **{
                ours: _typed(attributes[theirs], known.get(ours))
                for ours, theirs in _ATTRIBUTES.items()
                if theirs in attributes
            },
            **{
                ours: {
                    "enabled": attributes[f"{prefix}.enabled"] == "true",
                    "bucket": attributes.get(f"{prefix}.bucket", ""),
                    "prefix": attributes.get(f"{prefix}.prefix", ""),
                }
                for ours, prefix in _LOGS.items()
                if f"{prefix}.enabled" in attributes
            },
            "tags": self.tags(id_),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "securityGroups") and news.get("securityGroups"):
            self.aws.set_security_groups(LoadBalancerArn=id_, SecurityGroups=news["securityGroups"])
        if changed(olds, news, "subnets") and news.get("subnets"):
            self.aws.set_subnets(LoadBalancerArn=id_, Subnets=news["subnets"])
        if changed(olds, news, "ipAddressType") and news.get("ipAddressType"):
            self.aws.set_ip_address_type(LoadBalancerArn=id_, IpAddressType=news["ipAddressType"])
        self._set_attributes(id_, olds, news)
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_load_balancer(LoadBalancerArn=id_)

    def _set_attributes(self, id_: str, olds: Props, news: Props) -> None:
        wanted = {
            theirs: _text(news[ours])
            for ours, theirs in _ATTRIBUTES.items()
            if news.get(ours) is not None and changed(olds, news, ours)
        }
        for ours, prefix in _LOGS.items():
            logs = news.get(ours)
            if logs and changed(olds, news, ours):
                wanted[f"{prefix}.enabled"] = _text(logs.get("enabled", False))
                wanted[f"{prefix}.bucket"] = logs["bucket"]
                if logs.get("prefix"):
                    wanted[f"{prefix}.prefix"] = logs["prefix"]
        if wanted:
            self.aws.modify_load_balancer_attributes(
                LoadBalancerArn=id_,
                Attributes=[{"Key": key, "Value": value} for key, value in wanted.items()],
            )


@handles("aws:lb/targetGroup:TargetGroup")
class TargetGroup(_ElbHandler):
    """A target group; its id is its ARN."""

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_target_group(
            Name=inputs["name"],
            TargetType=inputs["targetType"],
            **given(
                inputs,
                Protocol="protocol",
                ProtocolVersion="protocolVersion",
                Port="port",
                VpcId="vpcId",
                IpAddressType="ipAddressType",
            ),
            **_health_check(inputs),
            **_tags(inputs),
        )
        arn: str = answer["TargetGroups"][0]["TargetGroupArn"]
        return arn

    def configure(self, id_: str, inputs: Props) -> None:
        self._set_attributes(id_, {}, inputs)

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.one("describe_target_groups", "TargetGroups", TargetGroupArns=[id_])
        if found is None:
            return None
        answer = self.aws.describe_target_group_attributes(TargetGroupArn=id_)["Attributes"]
        attributes = {item["Key"]: item["Value"] for item in answer}
        return {
            "arn": id_,
            "arnSuffix": id_.rsplit(":", maxsplit=1)[-1],
            "name": found["TargetGroupName"],
            "namePrefix": "",
            "port": found.get("Port"),
            "protocol": found.get("Protocol"),
            "protocolVersion": found.get("ProtocolVersion"),
            "targetType": found["TargetType"],
            "vpcId": found.get("VpcId"),
            "ipAddressType": found.get("IpAddressType", "ipv4"),
            "loadBalancerArns": found.get("LoadBalancerArns", []),
            "deregistrationDelay": int(
                attributes.get("deregistration_delay.timeout_seconds", "300")
            ),
            "healthCheck": {
                "enabled": found.get("HealthCheckEnabled", True),
                "healthyThreshold": found.get("HealthyThresholdCount"),
                "interval": found.get("HealthCheckIntervalSeconds"),
                "matcher": found.get("Matcher", {}).get("HttpCode", ""),
                "path": found.get("HealthCheckPath", ""),
                "port": str(found.get("HealthCheckPort", "traffic-port")),
                "protocol": found.get("HealthCheckProtocol"),
                "timeout": found.get("HealthCheckTimeoutSeconds"),
                "unhealthyThreshold": found.get("UnhealthyThresholdCount"),
            },
            "tags": self.tags(id_),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "healthCheck") and news.get("healthCheck"):
            self.aws.modify_target_group(TargetGroupArn=id_, **_health_check(news))
        self._set_attributes(id_, olds, news)
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_target_group(TargetGroupArn=id_)

    def _set_attributes(self, id_: str, olds: Props, news: Props) -> None:
        if news.get("deregistrationDelay") is not None and changed(
            olds, news, "deregistrationDelay"
        ):
            self.aws.modify_target_group_attributes(
                TargetGroupArn=id_,
                Attributes=[
                    {
                        "Key": "deregistration_delay.timeout_seconds",
                        "Value": str(news["deregistrationDelay"]),
                    }
                ],
            )


@handles("aws:lb/listener:Listener")
class Listener(_ElbHandler):
    """A listener; its id is its ARN."""

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_listener(
            LoadBalancerArn=inputs["loadBalancerArn"], **_listener(inputs), **_tags(inputs)
        )
        arn: str = answer["Listeners"][0]["ListenerArn"]
        return arn

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.one("describe_listeners", "Listeners", ListenerArns=[id_])
        if found is None:
            return None
        certificates = found.get("Certificates") or [{}]
        return {
            "arn": id_,
            "loadBalancerArn": found["LoadBalancerArn"],
            "port": found.get("Port"),
            "protocol": found.get("Protocol"),
            "sslPolicy": found.get("SslPolicy") or "",
            "certificateArn": certificates[0].get("CertificateArn"),
            "defaultActions": [_our_action(action) for action in found["DefaultActions"]],
            "tags": self.tags(id_),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "port", "protocol", "sslPolicy", "certificateArn", "defaultActions"):
            self.aws.modify_listener(ListenerArn=id_, **_listener(news))
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_listener(ListenerArn=id_)


@handles("aws:lb/listenerRule:ListenerRule")
class ListenerRule(_ElbHandler):
    """A rule of a listener; its id is its ARN."""

    def create(self, inputs: Props) -> str:
        priority = inputs.get("priority")
        if priority is None:
            rules = self.aws.describe_rules(ListenerArn=inputs["listenerArn"])["Rules"]
            taken = [int(rule["Priority"]) for rule in rules if rule["Priority"].isdigit()]
            priority = max(taken, default=0) + 1
        answer = self.aws.create_rule(
            ListenerArn=inputs["listenerArn"],
            Priority=priority,
            Conditions=[_condition(c) for c in inputs["conditions"]],
            Actions=[_their_action(a) for a in inputs["actions"]],
            **_tags(inputs),
        )
        arn: str = answer["Rules"][0]["RuleArn"]
        return arn

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.one("describe_rules", "Rules", RuleArns=[id_])
        if found is None:
            return None
        listener = id_.replace(":listener-rule/", ":listener/").rsplit("/", 1)[0]
        return {
            "arn": id_,
            "listenerArn": listener,
            "priority": int(found["Priority"]),
            "conditions": [_our_condition(c) for c in found["Conditions"]],
            "actions": [_our_action(a) for a in found["Actions"]],
            "tags": self.tags(id_),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "conditions", "actions"):
            self.aws.modify_rule(
                RuleArn=id_,
                Conditions=[_condition(c) for c in news["conditions"]],
                Actions=[_their_action(a) for a in news["actions"]],
            )
        if news.get("priority") is not None and changed(olds, news, "priority"):
            self.aws.set_rule_priorities(
                RulePriorities=[{"RuleArn": id_, "Priority": news["priority"]}]
            )
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_rule(RuleArn=id_)


_CONDITIONS = {
    "hostHeader": ("host-header", "HostHeaderConfig"),
    "pathPattern": ("path-pattern", "PathPatternConfig"),
    "httpRequestMethod": ("http-request-method", "HttpRequestMethodConfig"),
    "sourceIp": ("source-ip", "SourceIpConfig"),
}


def _condition(condition: Props) -> dict[str, Any]:
    for ours, (field, key) in _CONDITIONS.items():
        if condition.get(ours):
            return {"Field": field, key: {"Values": condition[ours]["values"]}}
    header = condition["httpHeader"]
    return {
        "Field": "http-header",
        "HttpHeaderConfig": {
            "HttpHeaderName": header["httpHeaderName"],
            "Values": header["values"],
        },
    }


def _our_condition(condition: dict[str, Any]) -> Props:
    for ours, (field, key) in _CONDITIONS.items():
        if condition["Field"] == field:
            values = condition.get(key, {}).get("Values") or condition.get("Values", [])
            return {ours: {"values": values}}
    header = condition["HttpHeaderConfig"]
    return {"httpHeader": {"httpHeaderName": header["HttpHeaderName"], "values": header["Values"]}}


def _health_check(inputs: Props) -> dict[str, Any]:
    check = inputs.get("healthCheck")
    if not check:
        return {}
    request = given(
        check,
        HealthCheckEnabled="enabled",
        HealthyThresholdCount="healthyThreshold",
        UnhealthyThresholdCount="unhealthyThreshold",
        HealthCheckIntervalSeconds="interval",
        HealthCheckTimeoutSeconds="timeout",
        HealthCheckPath="path",
        HealthCheckPort="port",
        HealthCheckProtocol="protocol",
    )
    if check.get("matcher"):
        request["Matcher"] = {"HttpCode": check["matcher"]}
    return request


def _listener(inputs: Props) -> dict[str, Any]:
    request = given(inputs, Port="port", Protocol="protocol", SslPolicy="sslPolicy")
    request.setdefault("Protocol", "HTTP")
    if inputs.get("certificateArn"):
        request["Certificates"] = [{"CertificateArn": inputs["certificateArn"]}]
    request["DefaultActions"] = [_their_action(action) for action in inputs["defaultActions"]]
    return request


def _their_action(action: Props) -> dict[str, Any]:
    request = given(action, Type="type", TargetGroupArn="targetGroupArn", Order="order")
    if action.get("redirect"):
        request["RedirectConfig"] = {
            "Protocol": "#{protocol}",
            "Port": "#{port}",
            "Host": "#{host}",
            "Path": "/#{path}",
            "Query": "#{query}",
            **given(
                action["redirect"],
                StatusCode="statusCode",
                Protocol="protocol",
                Port="port",
                Host="host",
                Path="path",
                Query="query",
            ),
        }
    if action.get("fixedResponse"):
        request["FixedResponseConfig"] = given(
            action["fixedResponse"],
            ContentType="contentType",
            MessageBody="messageBody",
            StatusCode="statusCode",
        )
    if action.get("forward"):
        groups = action["forward"]["targetGroups"]
        request["ForwardConfig"] = {
            "TargetGroups": [given(g, TargetGroupArn="arn", Weight="weight") for g in groups]
        }
    return request


def _our_action(action: dict[str, Any]) -> Props:
    ours: Props = {"type": action["Type"]}
    if action.get("Order"):
        ours["order"] = action["Order"]
    if action.get("TargetGroupArn"):
        ours["targetGroupArn"] = action["TargetGroupArn"]
    if action.get("RedirectConfig"):
        ours["redirect"] = {
            key[0].lower() + key[1:]: value for key, value in action["RedirectConfig"].items()
        }
    if action.get("FixedResponseConfig"):
        ours["fixedResponse"] = {
            key[0].lower() + key[1:]: value for key, value in action["FixedResponseConfig"].items()
        }
    if action.get("ForwardConfig") and not action.get("TargetGroupArn"):
        ours["forward"] = {
            "targetGroups": [
                {"arn": group["TargetGroupArn"], "weight": group.get("Weight", 1)}
                for group in action["ForwardConfig"]["TargetGroups"]
            ]
        }
    return ours


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _typed(text: str, like: object) -> object:
    """An attribute's text as the type that the program gave it in."""
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if text.isdigit() and not isinstance(like, str) else text
