"""What a cluster holds: add-ons, access entries with their policies, and pods' identities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.engine.simaws.resources._handler import changed, given, handles
from tests.engine.simaws.resources.eks import EksHandler, NotReadyError

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props


@handles("aws:eks/addon:Addon")
class Addon(EksHandler):
    """An add-on; its id is `CLUSTER:ADDON`."""

    def create(self, inputs: Props) -> str:
        self.aws.create_addon(
            clusterName=inputs["clusterName"],
            addonName=inputs["addonName"],
            **given(
                inputs,
                addonVersion="addonVersion",
                configurationValues="configurationValues",
                resolveConflicts="resolveConflictsOnCreate",
                serviceAccountRoleArn="serviceAccountRoleArn",
                podIdentityAssociations="podIdentityAssociations",
            ),
            tags=inputs.get("tags") or {},
        )
        return f"{inputs['clusterName']}:{inputs['addonName']}"

    def configure(self, id_: str, inputs: Props) -> None:
        self._wait(id_, "create")

    def read(self, id_: str, known: Props) -> Props | None:
        found = self._find(id_)
        if found is None:
            return None
        return {
            "arn": found["addonArn"],
            "addonName": found["addonName"],
            "addonVersion": found["addonVersion"],
            "clusterName": found["clusterName"],
            "configurationValues": found.get("configurationValues"),
            "createdAt": found["createdAt"].isoformat(),
            "modifiedAt": found["modifiedAt"].isoformat(),
            "podIdentityAssociations": [
                self._identity(found["clusterName"], arn)
                for arn in found.get("podIdentityAssociations", [])
            ]
            or None,
            "serviceAccountRoleArn": found.get("serviceAccountRoleArn"),
            "tags": found.get("tags", {}),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        cluster, name = id_.split(":")
        watched = ("addonVersion", "configurationValues", "podIdentityAssociations")
        if changed(olds, news, *watched, "serviceAccountRoleArn"):
            asked: dict[str, Any] = {
                key: news[key]
                for key in watched
                if changed(olds, news, key) and news.get(key) is not None
            }
            if olds.get("podIdentityAssociations") and not news.get("podIdentityAssociations"):
                asked["podIdentityAssociations"] = []
            self.aws.update_addon(
                clusterName=cluster,
                addonName=name,
                **asked,
                **given(
                    news,
                    resolveConflicts="resolveConflictsOnUpdate",
                    serviceAccountRoleArn="serviceAccountRoleArn",
                ),
            )
            self._wait(id_, "update")
        self.retag((self._find(id_) or {}).get("addonArn", ""), olds, news)

    def delete(self, id_: str, state: Props) -> None:
        cluster, name = id_.split(":")
        self.forget(
            "delete_addon",
            clusterName=cluster,
            addonName=name,
            preserve=bool(state.get("preserve")),
        )

    def _find(self, id_: str) -> Any:
        cluster, name = id_.split(":")
        return self.found("describe_addon", "addon", clusterName=cluster, addonName=name)

    def _wait(self, id_: str, what: str) -> None:
        """An add-on that stays degraded is waited for until the time is up."""
        found = self._find(id_)
        if found is not None and found["status"] == "DEGRADED":
            issue = found["health"]["issues"][0]
            raise NotReadyError(
                f"waiting for EKS Add-On ({id_}) {what}: timeout while waiting for state to become "
                f"'ACTIVE' (last state: 'DEGRADED', timeout: 20m0s). last error: "
                f"{issue['code']}: {issue['message']}"
            )

    def _identity(self, cluster: str, arn: str) -> Props:
        found = self.aws.describe_pod_identity_association(
            clusterName=cluster, associationId=arn.rsplit("/", 1)[1]
        )["association"]
        return {"roleArn": found["roleArn"], "serviceAccount": found["serviceAccount"]}


@handles("aws:eks/accessEntry:AccessEntry")
class AccessEntry(EksHandler):
    """An access entry; its id is `CLUSTER:PRINCIPAL`."""

    def create(self, inputs: Props) -> str:
        self.aws.create_access_entry(
            clusterName=inputs["clusterName"],
            principalArn=inputs["principalArn"],
            type=inputs["type"],
            **given(inputs, kubernetesGroups="kubernetesGroups", username="userName"),
            tags=inputs.get("tags") or {},
        )
        return f"{inputs['clusterName']}:{inputs['principalArn']}"

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.found("describe_access_entry", "accessEntry", **_principal(id_))
        if found is None:
            return None
        return {
            "accessEntryArn": found["accessEntryArn"],
            "clusterName": found["clusterName"],
            "principalArn": found["principalArn"],
            "kubernetesGroups": found["kubernetesGroups"],
            "userName": found["username"],
            "type": found["type"],
            "createdAt": found["createdAt"].isoformat(),
            "modifiedAt": found["modifiedAt"].isoformat(),
            "tags": found.get("tags", {}),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "kubernetesGroups", "userName"):
            self.aws.update_access_entry(
                **_principal(id_),
                kubernetesGroups=news.get("kubernetesGroups") or [],
                **given(news, username="userName"),
            )
        found = self.found("describe_access_entry", "accessEntry", **_principal(id_))
        self.retag((found or {}).get("accessEntryArn", ""), olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.forget("delete_access_entry", **_principal(id_))


@handles("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
class AccessPolicyAssociation(EksHandler):
    """A policy of an access entry; its id is `CLUSTER#PRINCIPAL#POLICY`."""

    def create(self, inputs: Props) -> str:
        self.aws.associate_access_policy(
            clusterName=inputs["clusterName"],
            principalArn=inputs["principalArn"],
            policyArn=inputs["policyArn"],
            accessScope={k: v for k, v in inputs["accessScope"].items() if v is not None},
        )
        return f"{inputs['clusterName']}#{inputs['principalArn']}#{inputs['policyArn']}"

    def read(self, id_: str, known: Props) -> Props | None:
        cluster, principal, policy = id_.split("#")
        policies = self.found(
            "list_associated_access_policies",
            "associatedAccessPolicies",
            clusterName=cluster,
            principalArn=principal,
        )
        for found in policies or ():
            if found["policyArn"] == policy:
                return {
                    "clusterName": cluster,
                    "principalArn": principal,
                    "policyArn": policy,
                    "accessScope": found["accessScope"],
                    "associatedAt": found["associatedAt"].isoformat(),
                    "modifiedAt": found["modifiedAt"].isoformat(),
                }
        return None

    def delete(self, id_: str, state: Props) -> None:
        cluster, principal, policy = id_.split("#")
        self.forget(
            "disassociate_access_policy",
            clusterName=cluster,
            principalArn=principal,
            policyArn=policy,
        )


def _principal(id_: str) -> dict[str, str]:
    cluster, _, principal = id_.partition(":")
    return {"clusterName": cluster, "principalArn": principal}


@handles("aws:eks/podIdentityAssociation:PodIdentityAssociation")
class PodIdentityAssociation(EksHandler):
    """A role of a service account; its id is AWS's, which tells nothing of the cluster."""

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_pod_identity_association(
            clusterName=inputs["clusterName"],
            namespace=inputs["namespace"],
            serviceAccount=inputs["serviceAccount"],
            roleArn=inputs["roleArn"],
            **given(inputs, targetRoleArn="targetRoleArn", disableSessionTags="disableSessionTags"),
            tags=inputs.get("tags") or {},
        )
        identifier: str = answer["association"]["associationId"]
        return identifier

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.found(
            "describe_pod_identity_association",
            "association",
            clusterName=known["clusterName"],
            associationId=id_,
        )
        if found is None:
            return None
        return {
            "associationArn": found["associationArn"],
            "associationId": found["associationId"],
            "clusterName": found["clusterName"],
            "namespace": found["namespace"],
            "serviceAccount": found["serviceAccount"],
            "roleArn": found["roleArn"],
            "targetRoleArn": found.get("targetRoleArn"),
            "disableSessionTags": found.get("disableSessionTags", False),
            "externalId": "",
            "tags": found.get("tags", {}),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "roleArn", "targetRoleArn", "disableSessionTags"):
            self.aws.update_pod_identity_association(
                clusterName=news["clusterName"],
                associationId=id_,
                **given(
                    news,
                    roleArn="roleArn",
                    targetRoleArn="targetRoleArn",
                    disableSessionTags="disableSessionTags",
                ),
            )
        found = self.read(id_, news) or {}
        self.retag(found.get("associationArn", ""), olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.forget(
            "delete_pod_identity_association",
            clusterName=state["clusterName"],
            associationId=id_,
        )
