"""Pods of an EKS cluster on Fargate: a profile, and the role that starts its pods."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._component import input_errors, provider_region, register, waits_of
from privatelane._invalid import InvalidInput, entries, flag, items, known_keys, text
from privatelane._retention import check_retention
from privatelane._services import check_region
from privatelane._tags import Tags, tagged
from privatelane.location import Location, location_of
from privatelane.nodes._node_needs import fargate_profile_needs
from privatelane.nodes._node_place import NodePlace, place_nodes
from privatelane.nodes._node_plan import check_arguments, check_name, refuse
from privatelane.nodes.node_subnets import check_place, once_reachable
from privatelane.subnets import chosen_subnets

# "Define which Pods use Fargate when launched" in the EKS user guide.
_MOST_SELECTORS = 5
_MOST_LABELS = 5

#: Names of Kubernetes, with the two wildcards that selectors know.
_NAMESPACE = re.compile(r"[a-z0-9*?](?:[a-z0-9*?-]{0,61}[a-z0-9*?])?")
_LABEL = re.compile(r"[A-Za-z0-9*?._/-]{1,253}")


class FargateSelectorArgs(TypedDict):
    """Pods of a namespace."""

    namespace: str
    """Namespace of the pods; `*` stands for any characters and `?` for one."""
    labels: NotRequired[Mapping[str, str]]
    """Labels that the pods must all have, up to 5, with the same wildcards. Defaults to none."""


class FargateProfileArgs(TypedDict):
    """Which pods run on Fargate, and in which subnets."""

    cluster_name: pulumi.Input[str]
    """Name of the cluster, such as `EksCluster.cluster_name`."""
    group: str
    """Group of subnets that pods run in, without an internet gateway."""
    subnet_ids: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Subnets by `<group>/<zone id>`, such as `Network.subnet_ids`."""
    egress: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """What each group has towards the internet, such as `Network.egress`: `internet-gateway`, `nat`
    or `none`."""
    private_services: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Services that each group reaches by an endpoint, separated by commas, such as
    `Endpoints.private_services`."""
    zones: NotRequired[Sequence[str]]
    """Ids of the zones to use of the group's; a profile for each zone spreads pods evenly. Defaults
    to all."""
    region: NotRequired[str]
    """Region of the pods. Defaults to the provider's."""
    selectors: Sequence[FargateSelectorArgs]
    """Pods that run on Fargate, each selector some of them, 1 to 5."""
    logging: NotRequired[bool]
    """Whether pods may write to a log group of this profile. The log router writes there once the
    cluster has the ConfigMap `aws-logging` in the namespace `aws-observability`. Defaults to
    true."""
    log_group_arn: NotRequired[pulumi.Input[str]]
    """Log group made elsewhere, such as another profile's `log_group_arn`: a cluster has one
    ConfigMap. Defaults to one of its own."""
    log_group_name: NotRequired[str]
    """Name of its own log group. Defaults to `/eks/<project>/<stack>/<name>`."""
    log_retention_days: NotRequired[int]
    """Days that CloudWatch Logs keeps the pods' output. Defaults to 30."""
    log_kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key of the log group; its policy must admit CloudWatch Logs. Defaults to AWS's own."""
    permissions_boundary_arn: NotRequired[pulumi.Input[str]]
    """Permissions boundary of the role. Defaults to none."""
    uses: NotRequired[Sequence[str]]
    """Further needs of the pods, such as `dynamodb`. Defaults to none."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags put on every resource. Defaults to none."""


class FargateProfile(pulumi.ComponentResource):
    """A Fargate profile of an EKS cluster with the role that starts its pods, and a log group. It refuses subnets from which its pods could not start. Every change replaces the profile, the new one before the old one."""  # noqa: E501 - the schema takes one paragraph

    fargate_profile_name: pulumi.Output[str]
    """Name of the profile, which a pod may ask for in its label
    `eks.amazonaws.com/fargate-profile`."""
    fargate_profile_arn: pulumi.Output[str]
    """ARN of the profile."""
    pod_execution_role_arn: pulumi.Output[str]
    """ARN of the role that starts pods."""
    log_group_name: Optional[pulumi.Output[str]]
    """Log group that was made for the output of the pods; null when none was."""
    log_group_arn: Optional[pulumi.Output[str]]
    """ARN of the log group for the output of the pods; null without `logging`."""

    def __init__(
        self, name: str, args: FargateProfileArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        where = f"FargateProfile {name!r}"
        with input_errors(where):
            check_arguments("FargateProfile", args, FargateProfileArgs)
            plan = _plan(name, args, provider_region(opts))
        super().__init__("privatelane:index:FargateProfile", name, None, opts)
        tags = args.get("tags")
        #: Known at preview, whatever the ids are.
        self.needs: frozenset[str] = plan.place.needs

        location = location_of(self, plan.region)
        log_group = _log_group(plan, args, self, tags) if plan.own_log_group else None
        log_group_arn = _log_group_arn(plan, args, location)
        role, policies = _role(plan, args, location, log_group_arn, self, tags)
        profile = aws.eks.FargateProfile(
            f"{name}-profile",
            cluster_name=once_reachable(where, [plan.place], args, args["cluster_name"]),
            pod_execution_role_arn=role.arn,
            subnet_ids=chosen_subnets(where, args["subnet_ids"], plan.place.choose),
            selectors=[
                aws.eks.FargateProfileSelectorArgs(
                    namespace=one.namespace, labels=one.labels or None
                )
                for one in plan.selectors
            ],
            tags=tagged(f"{name}-profile", tags),
            opts=pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(parent=self, depends_on=policies), waits_of(opts)
            ),
        )

        self.fargate_profile_name = profile.fargate_profile_name
        self.fargate_profile_arn = profile.arn
        self.pod_execution_role_arn = role.arn
        self.log_group_name = log_group.name if log_group else None
        self.log_group_arn = log_group_arn
        register(self)


@dataclass(frozen=True, slots=True)
class _Selector:
    namespace: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _ProfilePlan:
    name: str
    region: Optional[str]
    place: NodePlace
    selectors: tuple[_Selector, ...]
    logging: bool
    own_log_group: bool
    log_group_name: str
    retention_days: int


def _plan(name: str, args: Mapping[str, Any], region: Optional[str]) -> _ProfilePlan:
    check_name(name)
    place = place_nodes(args, fargate_profile_needs(args))
    check_place(place, args)
    logging = flag("logging", args.get("logging", True))
    of_group = ("log_group_name", "log_kms_key_arn", "log_retention_days")
    shared = args.get("log_group_arn") is not None
    if not logging:
        refuse(args, dict.fromkeys((*of_group, "log_group_arn"), "but logging is False"))
    if shared:
        refuse(args, dict.fromkeys(of_group, "but log_group_arn is made elsewhere"))
    return _ProfilePlan(
        name=name,
        region=check_region("region", args["region"]) if args.get("region") else region,
        place=place,
        selectors=_selectors(args["selectors"]),
        logging=logging,
        own_log_group=logging and not shared,
        log_group_name=text("log_group_name", args["log_group_name"])
        if args.get("log_group_name") is not None
        else f"/eks/{pulumi.get_project()}/{pulumi.get_stack()}/{name}",
        retention_days=check_retention("log_retention_days", args.get("log_retention_days", 30)),
    )


def _selectors(given: object) -> tuple[_Selector, ...]:
    selectors = items("selectors", given)
    if not 0 < len(selectors) <= _MOST_SELECTORS:
        raise InvalidInput(
            f"selectors has {len(selectors)} selectors, it must have 1 to {_MOST_SELECTORS}"
        )
    checked: list[_Selector] = []
    for position, one in enumerate(selectors):
        field = f"selectors[{position}]"
        selector = entries(field, one)
        known_keys(field, selector, FargateSelectorArgs.__annotations__)
        namespace = text(f"{field}.namespace", selector.get("namespace"))
        if not _NAMESPACE.fullmatch(namespace):
            raise InvalidInput(
                f"{field}.namespace is {namespace!r}, it must be the name of a namespace, in which"
                " '*' and '?' are wildcards"
            )
        made = _Selector(namespace, _labels(field, selector.get("labels") or {}))
        if made in checked:
            raise InvalidInput(f"{field} is the same as selectors[{checked.index(made)}]")
        checked.append(made)
    return tuple(checked)


def _labels(field: str, given: object) -> dict[str, str]:
    labels = entries(f"{field}.labels", given)
    if len(labels) > _MOST_LABELS:
        raise InvalidInput(
            f"{field}.labels has {len(labels)} labels, a selector has {_MOST_LABELS} at most"
        )
    checked: dict[str, str] = {}
    for key, value in sorted(labels.items()):
        for part in (key, value):
            if not isinstance(part, str) or not _LABEL.fullmatch(part):
                raise InvalidInput(
                    f"{field}.labels has {key!r}, it must be a label of Kubernetes, in which '*'"
                    " and '?' are wildcards"
                )
        checked[key] = str(value)
    return checked


def _log_group(
    plan: _ProfilePlan, args: Mapping[str, Any], parent: pulumi.Resource, tags: Optional[Tags]
) -> aws.cloudwatch.LogGroup:
    return aws.cloudwatch.LogGroup(
        f"{plan.name}-logs",
        name=plan.log_group_name,
        retention_in_days=plan.retention_days,
        kms_key_id=args.get("log_kms_key_arn"),
        tags=tagged(f"{plan.name}-logs", tags),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _log_group_arn(
    plan: _ProfilePlan, args: Mapping[str, Any], location: Location
) -> Optional[pulumi.Output[str]]:
    """The log group's ARN, known in previews when the group is made here."""
    if not plan.logging:
        return None
    if plan.own_log_group:
        return location.arn("logs", f"log-group:{plan.log_group_name}")
    return pulumi.Output.from_input(args["log_group_arn"])


def _role(
    plan: _ProfilePlan,
    args: Mapping[str, Any],
    location: Location,
    log_group_arn: Optional[pulumi.Output[str]],
    parent: pulumi.Resource,
    tags: Optional[Tags],
) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
    """The role with which Fargate starts pods, and what it may do."""
    name = plan.name
    child = pulumi.ResourceOptions(parent=parent)
    # EKS acts for every cluster; only pods of this one may come to this role.
    profiles = location.arn(
        "eks", pulumi.Output.concat("fargateprofile/", args["cluster_name"], "/*")
    )
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "eks-fargate-pods.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"ArnLike": {"aws:SourceArn": profiles}},
            }
        ],
    }
    role = aws.iam.Role(
        f"{name}-role",
        assume_role_policy=pulumi.Output.json_dumps(trust),
        description=f"Starts the pods of {name}",
        permissions_boundary=args.get("permissions_boundary_arn"),
        tags=tagged(f"{name}-role", tags),
        opts=child,
    )
    policies: list[pulumi.Resource] = [
        aws.iam.RolePolicyAttachment(
            f"{name}-role-pods",
            role=role.name,
            policy_arn=location.managed_policy("AmazonEKSFargatePodExecutionRolePolicy"),
            opts=child,
        )
    ]
    if log_group_arn is not None:
        statements = [
            {
                "Sid": "WriteLogs",
                "Effect": "Allow",
                "Action": [
                    "logs:CreateLogStream",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                ],
                "Resource": pulumi.Output.concat(log_group_arn, ":*"),
            }
        ]
        policies.append(
            aws.iam.RolePolicy(
                f"{name}-role-logs",
                role=role.name,
                policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements}),
                opts=child,
            )
        )
    return role, policies
