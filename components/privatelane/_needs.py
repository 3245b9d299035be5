"""What workloads need of the network: each need names the AWS services it uses, with the reason.

A need is a plain name such as ``image-pull``. Endpoints follow from the needs of the groups of
subnets, and a workload placed in a group compares its own needs with the services that the group
reaches privately. Services have the names of `_services`.

Sources: the VPC endpoint pages of the ECR, ECS, EKS, Systems Manager and Managed Prometheus user
guides, and the private cluster page of the EKS user guide.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from privatelane._invalid import InvalidInput, described, entries, items, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_IMAGE_PULL = {
    "ecr.api": "the login to the registry is issued here",
    "ecr.dkr": "manifests come from here, and the address of each layer",
    "s3": "image layers are stored in an S3 bucket that AWS owns",
}
_POD_CREDENTIALS = {"sts": "pods exchange their service account token for credentials here"}

#: Need → service → why. Nothing here stands for the credentials of a pod but the two needs that
#: say so, eks-irsa and eks-pod-identity: a controller has the one or the other.
NEEDS: Mapping[str, Mapping[str, str]] = {
    "image-pull": _IMAGE_PULL,
    "awslogs": {"logs": "the awslogs driver writes the container's output here"},
    "exec": {"ssmmessages": "ECS Exec opens its session channel here"},
    "session": {
        "ssm": "the Systems Manager agent registers its host here",
        "ssmmessages": "Session Manager opens its session channel here",
        "s3": "the Systems Manager agent fetches its updates from S3 buckets that AWS owns",
    },
    "secrets": {"secretsmanager": "secrets are read from here"},
    "parameters": {"ssm": "Parameter Store is read through here"},
    "cmk": {"kms": "data under a customer managed key is decrypted here"},
    "s3": {"s3": "objects are read and written here"},
    "s3express": {"s3express": "objects in directory buckets are read and written here"},
    "dynamodb": {"dynamodb": "tables are read and written here"},
    "efs": {"elasticfilesystem": "mount helpers and the CSI driver describe file systems here"},
    "metrics": {"monitoring": "CloudWatch metrics are written here"},
    "container-insights": {
        "monitoring": "the metrics of Container Insights are written here",
        "logs": "the performance events of Container Insights are written here",
    },
    "prometheus": {
        "aps-workspaces": "Prometheus remote write and queries go here",
        "sts": "remote write signs with credentials of a role that it assumes here",
    },
    "xray": {"xray": "traces are written here"},
    "guardduty": {"guardduty-data": "the GuardDuty agent reports here"},
    "service-connect": {"ecs-agent": "the proxy of Service Connect fetches its configuration here"},
    "ecs-ec2": {
        "ecs": "the ECS agent registers its container instance here",
        "ecs-agent": "the ECS agent polls for tasks here",
        "ecs-telemetry": "the ECS agent reports metrics and health here",
    },
    "eks-node": {
        **_IMAGE_PULL,
        "ec2": "nodes learn their own name and network interfaces here",
        "sts": "nodes prove who they are to the cluster with a request signed for this service",
    },
    "eks-bottlerocket": {
        **_IMAGE_PULL,
        "ec2": "nodes learn their own name and network interfaces here",
        "eks": "Bottlerocket describes its cluster here",
        "ssm": "the control container of Bottlerocket registers here",
        "sts": "nodes prove who they are to the cluster with a request signed for this service",
    },
    "eks-auto": {
        **_IMAGE_PULL,
        "ec2": "nodes learn their own name and network interfaces here",
        "eks": "the nodes of Auto Mode describe their cluster here",
        "eks-auth": "the nodes of Auto Mode run the Pod Identity agent, which calls here",
        "ssm": "the nodes of Auto Mode are Bottlerocket, whose control container registers here",
        "sts": "nodes prove who they are to the cluster with a request signed for this service",
    },
    "eks-fargate": {
        **_IMAGE_PULL,
        **_POD_CREDENTIALS,
        "logs": "the built-in log router of EKS on Fargate writes here",
    },
    "eks-pod-identity": {"eks-auth": "the Pod Identity agent asks here for a pod's credentials"},
    "eks-irsa": _POD_CREDENTIALS,
    "eks-api": {"eks": "the EKS API is called from the network"},
    "eks-oidc": {"oidc-eks": "a cluster's OpenID Connect keys are read from the network"},
    "load-balancer-controller": {
        "elasticloadbalancing": "the controller manages load balancers here",
        "ec2": "the controller finds subnets and security groups here",
    },
    "cluster-autoscaler": {
        "autoscaling": "the autoscaler sets the size of node groups here",
        "ec2": "the autoscaler reads launch templates and instance types here",
        "eks": "the autoscaler reads the labels and taints of managed node groups here",
    },
    "karpenter": {
        "ec2": "Karpenter launches and ends nodes here",
        "eks": "Karpenter describes its cluster here",
        "sqs": "Karpenter hears of interruptions here",
        "ssm": "Karpenter looks up AMIs here",
    },
    "ebs-csi": {"ec2": "the EBS CSI driver attaches volumes here"},
    "efs-csi": {"elasticfilesystem": "the EFS CSI driver manages access points here"},
    "fsx-csi": {"fsx": "the FSx CSI driver manages file systems here"},
    "external-dns": {"route53": "DNS records are written here"},
    "velero": {
        "s3": "backups are written here",
        "ec2": "snapshots of volumes are taken here",
    },
    "sqs": {"sqs": "queues are used here"},
    "sns": {"sns": "messages are published here"},
    "eventbridge": {"events": "events are published here"},
    "kinesis": {"kinesis-streams": "streams are read and written here"},
    "firehose": {"kinesis-firehose": "records are delivered here"},
    "step-functions": {"states": "state machines are started and polled here"},
    "lambda": {"lambda": "functions are invoked here"},
    "bedrock": {"bedrock-runtime": "models are invoked here"},
}

#: How a pod gets the credentials of its role; each is a need of that name after `eks-`.
IDENTITIES = ("pod-identity", "irsa")

#: Needs whose images come from registries of the EKS service, beside one's own.
EKS_IMAGE_NEEDS = frozenset({"eks-node", "eks-bottlerocket", "eks-auto", "eks-fargate"})


def services_needed(needs: Iterable[str], *, field: str = "needs") -> frozenset[str]:
    """Return the services that `needs`, which `field` holds, use.

    Raises:
        InvalidInput: there is no such need.

    """
    return frozenset(service for need in needs for service in NEEDS[_known(field, need)])


def needs_by_group(needs: object) -> dict[str, frozenset[str]]:
    """Return the needs of every group that has some.

    Raises:
        InvalidInput: a group's needs are no list, or there is no such need.

    """
    stated: dict[str, frozenset[str]] = {}
    for group, names in entries("needs", needs).items():
        field = f"needs.{group}"
        if known := frozenset(_known(field, name) for name in items(field, names)):
            stated[group] = known
    return stated


def reasons(needs: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return every service that the needs of the groups use, with the reason.

    The reason names the needs and the groups that have them, so that it can be read alone.
    """
    groups_by_need: defaultdict[str, set[str]] = defaultdict(set)
    for group, names in needs.items():
        for name in names:
            groups_by_need[name].add(group)
    needs_by_reason: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for need in sorted(groups_by_need):
        of = f"{need} in {', '.join(sorted(groups_by_need[need]))}"
        for service, reason in NEEDS[need].items():
            needs_by_reason[service][reason].append(of)
    return {
        service: "; ".join(f"{reason} ({'; '.join(of)})" for reason, of in by_reason.items())
        for service, by_reason in sorted(needs_by_reason.items())
    }


def _known(field: str, need: object) -> str:
    if isinstance(need, str) and need in NEEDS:
        return need
    meant = nearest(need, NEEDS) if isinstance(need, str) else None
    hint = f"did you mean {meant!r}?" if meant else f"the needs are {', '.join(sorted(NEEDS))}"
    raise InvalidInput(f"{field} holds {described(need)}, which is no need; {hint}")
