"""An add-on of an EKS cluster, at a pinned version, with the role that its pods take."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Optional, Union

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._component import (
    input_errors,
    is_plain,
    provider_region,
    register,
    waits_of,
)
from privatelane._invalid import (
    InvalidInput,
    flag,
    items,
    known_keys,
    listing,
    refuse_missing,
    text,
)
from privatelane._needs import NEEDS
from privatelane._placement import placement
from privatelane._services import check_region
from privatelane._tags import Tags, tagged
from privatelane.eks._addon_versions import addon_version, check_kubernetes, lock_of
from privatelane.eks._addons import Addon, addon
from privatelane.eks._eks_needs import addon_needs, check_identity
from privatelane.eks._system_spread import with_spread
from privatelane.eks.controller_role import (
    ControllerRole,
    Identity,
    Irsa,
    PodIdentity,
    Pods,
    controller_role,
)
from privatelane.location import Location, location_of


class ClusterAddonArgs(TypedDict):
    """An add-on of an EKS cluster, and where its pods run."""

    cluster_name: pulumi.Input[str]
    """Cluster of the add-on, such as `EksCluster.cluster_name`."""
    kubernetes_version: str
    """Kubernetes version of the cluster, from which the add-on's version follows."""
    addon: str
    """Name of the add-on, such as `coredns` or `aws-ebs-csi-driver`. An `EksCluster` brings
    `vpc-cni`, `kube-proxy` and `eks-pod-identity-agent` itself, another cluster may not."""
    version: NotRequired[str]
    """Version of the add-on. Defaults to the one that the lock has for the Kubernetes version."""
    versions_lock: NotRequired[str]
    """Path of a lock of your own, which `lane addons refresh --lock` wrote. Defaults to the one of
    this package."""
    configuration: NotRequired[pulumi.Input[str]]
    """Configuration values of the add-on, as JSON. Defaults to none but those that spread the pods
    of `coredns`, `metrics-server` and `aws-ebs-csi-driver` over zones and nodes."""
    identity: NotRequired[str]
    """How its pods get the credentials of their role: `pod-identity`, or `irsa` by the token of
    their service account. Defaults to `pod-identity`."""
    oidc_provider_arn: NotRequired[pulumi.Input[Optional[str]]]
    """OpenID Connect provider of the cluster, for identity `irsa`, such as
    `EksCluster.oidc_provider_arn`. Defaults to none."""
    role_arn: NotRequired[pulumi.Input[str]]
    """Role of its pods. Defaults to a role of its own with what the add-on needs."""
    policy_arns: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Further policies of its own role, by a name for each. Defaults to none."""
    resource_arns: NotRequired[Sequence[pulumi.Input[str]]]
    """What its pods may use: the buckets of `aws-mountpoint-s3-csi-driver`, the hosted zones of
    `external-dns` and `cert-manager`, the Prometheus workspaces of `adot`. Defaults to none."""
    kms_key_arns: NotRequired[Sequence[pulumi.Input[str]]]
    """Keys of yours that encrypt the volumes or the objects that it manages. Defaults to none."""
    auto_mode: NotRequired[bool]
    """Whether the cluster runs in Auto Mode, which brings some add-ons itself. Defaults to
    false."""
    groups: NotRequired[Sequence[str]]
    """Groups of subnets that its pods run in, to refuse those from which they could not reach AWS.
    Defaults to no such check."""
    egress: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """What each group has towards the internet, such as `Network.egress`. Must be given with
    `groups`."""
    private_services: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Services that each group reaches by an endpoint, such as `Endpoints.private_services`. Must
    be given with `groups`."""
    permissions_boundary_arn: NotRequired[pulumi.Input[str]]
    """Permissions boundary of its role. Defaults to none."""
    region: NotRequired[str]
    """Region of the cluster. Defaults to the provider's."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags put on every resource. Defaults to none."""


class ClusterAddon(pulumi.ComponentResource):
    """An AWS add-on of an EKS cluster at a version that fits and never moves by itself, with a role for its pods and no more rights than they need. Let it depend on the nodes it runs on."""  # noqa: E501 - the schema takes one paragraph

    addon_arn: pulumi.Output[str]
    """ARN of the add-on."""
    addon_name: pulumi.Output[str]
    """Name of the add-on."""
    addon_version: pulumi.Output[str]
    """Version of the add-on."""
    role_arn: Optional[pulumi.Output[str]]
    """ARN of the role of its pods; null when they never call AWS."""

    def __init__(
        self,
        name: str,
        args: ClusterAddonArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        where = f"ClusterAddon {name!r}"
        with input_errors(where):
            known_keys("ClusterAddon", args, ClusterAddonArgs.__annotations__)
            refuse_missing(args, ClusterAddonArgs.__required_keys__)
            kind = _checked_addon(args)
            lock = lock_of("versions_lock", args.get("versions_lock"))
            kubernetes = check_kubernetes(
                "kubernetes_version", args["kubernetes_version"], lock=lock
            )
            version = addon_version(
                "version", kind.name, kubernetes, args.get("version"), lock=lock
            )
            irsa = check_identity("identity", args.get("identity")) == "irsa"
            _check_irsa(kind, args, irsa=irsa)
            _check_configuration(args.get("configuration"))
            place = _Place(args)
            place.check_plain()
            region = args.get("region")
            region = check_region("region", region) if region else provider_region(opts)
        super().__init__("privatelane:index:ClusterAddon", name, None, opts)

        role = None
        if kind.calls_aws(args):
            role = _role(where, name, kind, args, self, location_of(self, region), irsa=irsa)
        made = eks_addon(
            name,
            kind,
            place.checked(where, version),
            args["cluster_name"],
            self,
            role=role,
            irsa=irsa,
            configuration=_spread(kind, args.get("configuration")),
            region=args.get("region"),
            awaited=waits_of(opts),
            tags=args.get("tags"),
        )
        self.addon_arn = made.arn
        self.addon_name = made.addon_name
        self.addon_version = made.addon_version
        self.role_arn = None if role is None else pulumi.Output.concat(_role_arn(role))
        register(self)


def eks_addon(
    name: str,
    addon: Addon,
    version: pulumi.Input[str],
    cluster_name: pulumi.Input[str],
    parent: pulumi.Resource,
    *,
    role: Optional[Union[ControllerRole, pulumi.Input[str]]] = None,
    irsa: bool = False,
    configuration: Optional[pulumi.Input[str]] = None,
    region: Optional[str] = None,
    awaited: Optional[pulumi.ResourceOptions] = None,
    tags: Optional[Tags] = None,
) -> "aws.eks.Addon":
    """Register an add-on. Its pods take `role`, by Pod Identity unless `irsa` is asked for."""
    arn = None if role is None else _role_arn(role)
    associated = None
    if arn is not None and not irsa:
        associated = [
            aws.eks.AddonPodIdentityAssociationArgs(role_arn=arn, service_account=account)
            for account in addon.accounts
        ]
    own = pulumi.ResourceOptions(
        parent=parent,
        depends_on=list(role.policies) if isinstance(role, ControllerRole) else None,
    )
    return aws.eks.Addon(
        name,
        cluster_name=cluster_name,
        addon_name=addon.name,
        addon_version=version,
        configuration_values=configuration,
        pod_identity_associations=associated,
        service_account_role_arn=arn if irsa else None,
        # What is set here is what holds, whoever changed it in the cluster.
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="OVERWRITE",
        region=region,
        tags=tagged(name, tags),
        opts=pulumi.ResourceOptions.merge(own, awaited),
    )


def _role_arn(role: Union[ControllerRole, pulumi.Input[str]]) -> pulumi.Input[str]:
    return role.role.arn if isinstance(role, ControllerRole) else role


def _checked_addon(args: ClusterAddonArgs) -> Addon:
    kind = addon("addon", args["addon"])
    if kind.built_in and flag("auto_mode", args.get("auto_mode", False)):
        raise InvalidInput(f"addon is {kind.name!r}, which Auto Mode brings itself; leave it out")
    kind.check(args)
    return kind


def _spread(kind: Addon, configuration: Optional[pulumi.Input[str]]) -> Optional[pulumi.Input[str]]:
    if configuration is None or isinstance(configuration, str):
        return with_spread(kind.name, configuration)
    return pulumi.Output.all(configuration).apply(
        lambda known: with_spread(kind.name, known[0]) or ""
    )


def _check_irsa(kind: Addon, args: ClusterAddonArgs, *, irsa: bool) -> None:
    own = kind.calls_aws(args) and not args.get("role_arn")
    if irsa and own and args.get("oidc_provider_arn") is None:
        raise InvalidInput(
            "identity is 'irsa', then oidc_provider_arn must be the cluster's provider; give"
            " EksCluster irsa: true"
        )


def _check_configuration(given: object) -> None:
    if not isinstance(given, str):
        return
    try:
        values = json.loads(given)
    except ValueError as error:
        raise InvalidInput(f"configuration is no JSON: {error}") from None
    if not isinstance(values, dict):
        raise InvalidInput("configuration must be a JSON object of the add-on's values")


def _role(
    where: str,
    name: str,
    kind: Addon,
    args: ClusterAddonArgs,
    parent: pulumi.Resource,
    location: Location,
    *,
    irsa: bool,
) -> Union[ControllerRole, pulumi.Input[str]]:
    given = args.get("role_arn")
    if given is not None:
        return given
    cluster_arn = location.arn("eks", pulumi.Output.concat("cluster/", args["cluster_name"]))
    identity: Identity = PodIdentity(cluster_arn)
    if irsa:
        identity = Irsa(_present(where, args.get("oidc_provider_arn")))
    return controller_role(
        name,
        Pods(kind.namespace, kind.accounts),
        identity,
        location,
        parent,
        description=f"Pods of the add-on {kind.name}",
        managed=kind.managed,
        statements=kind.statements(
            args.get("resource_arns", ()), args.get("kms_key_arns", ()), pulumi.Output.concat
        ),
        policy_arns=args.get("policy_arns"),
        permissions_boundary=args.get("permissions_boundary_arn"),
        tags=args.get("tags"),
    )


def _present(where: str, arn: Optional[pulumi.Input[Optional[str]]]) -> pulumi.Output[str]:
    def present(known: Sequence[Optional[str]]) -> str:
        if known[0] is not None:
            return known[0]
        with input_errors(where):
            raise InvalidInput(
                "oidc_provider_arn is null, the cluster has no provider; give EksCluster irsa: true"
            )

    return pulumi.Output.all(arn).apply(present)


class _Place:
    """The groups of subnets that pods of an add-on run in, and what they have to reach there."""

    def __init__(self, args: ClusterAddonArgs) -> None:
        self._groups = tuple(text("groups", one) for one in items("groups", args.get("groups", ())))
        self._needs = {need: NEEDS[need] for need in sorted(addon_needs(args))}
        self._egress = args.get("egress")
        self._private = args.get("private_services")
        if self._groups and (self._egress is None or self._private is None):
            raise InvalidInput(
                f"groups is {listing(self._groups)}, then egress and private_services must be given"
            )

    def check_plain(self) -> None:
        """Compare what the add-on needs with what its groups reach, where that is known now."""
        if is_plain(self._egress) and is_plain(self._private):
            self._check(self._egress, self._private)

    def checked(self, where: str, version: str) -> pulumi.Input[str]:
        """Return the version, once it is known that the pods reach what they need."""
        if not self._groups or (is_plain(self._egress) and is_plain(self._private)):
            return version

        def check(known: Mapping[str, Any]) -> str:
            with input_errors(where):
                self._check(known["egress"], known["private"])
            return version

        return pulumi.Output.all(egress=self._egress, private=self._private).apply(check)

    def _check(self, egress: Mapping[str, str], private: Mapping[str, Any]) -> None:
        for group in self._groups:
            place = placement(group, egress, private, allows_internet=True)
            place.check_needs(self._needs)
