"""IAM roles and policies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.engine.simaws.resources._handler import (
    Handler,
    added,
    changed,
    given,
    handles,
    removed,
    tag_changes,
    tag_list,
    tag_map,
)

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props


class _IamHandler(Handler):
    service = "iam"

    def tags_of(self, inputs: Props) -> dict[str, Any]:
        """The `Tags` of a create, if there are any."""
        return {"Tags": tag_list(inputs["tags"])} if inputs.get("tags") else {}


@handles("aws:iam/role:Role")
class Role(_IamHandler):
    """A role; its id is its name."""

    def create(self, inputs: Props) -> str:
        self.aws.create_role(
            RoleName=inputs["name"],
            AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
            **given(
                inputs,
                Path="path",
                Description="description",
                MaxSessionDuration="maxSessionDuration",
                PermissionsBoundary="permissionsBoundary",
            ),
            **self.tags_of(inputs),
        )
        name: str = inputs["name"]
        return name

    def configure(self, id_: str, inputs: Props) -> None:
        self._set_policies(id_, {}, inputs)

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.aws.get_role(RoleName=id_)["Role"]
        attached = self.aws.list_attached_role_policies(RoleName=id_)["AttachedPolicies"]
        return {
            "arn": found["Arn"],
            "name": found["RoleName"],
            "namePrefix": "",
            "path": found["Path"],
            "uniqueId": found["RoleId"],
            "createDate": found["CreateDate"].isoformat(),
            "description": found.get("Description") or None,
            "maxSessionDuration": found.get("MaxSessionDuration", 3600),
            "permissionsBoundary": found.get("PermissionsBoundary", {}).get(
                "PermissionsBoundaryArn"
            ),
            "assumeRolePolicy": json.dumps(found["AssumeRolePolicyDocument"]),
            # Policies attached by resources of their own are no business of the role's.
            "managedPolicyArns": [policy["PolicyArn"] for policy in attached]
            if known.get("managedPolicyArns")
            else known.get("managedPolicyArns", []),
            "inlinePolicies": known.get("inlinePolicies", []),
            "tags": tag_map(found.get("Tags")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "assumeRolePolicy"):
            self.aws.update_assume_role_policy(
                RoleName=id_, PolicyDocument=news["assumeRolePolicy"]
            )
        if changed(olds, news, "description", "maxSessionDuration"):
            self.aws.update_role(
                RoleName=id_,
                **given(news, Description="description", MaxSessionDuration="maxSessionDuration"),
            )
        if changed(olds, news, "permissionsBoundary"):
            if news.get("permissionsBoundary"):
                self.aws.put_role_permissions_boundary(
                    RoleName=id_, PermissionsBoundary=news["permissionsBoundary"]
                )
            else:
                self.aws.delete_role_permissions_boundary(RoleName=id_)
        self._set_policies(id_, olds, news)
        if changed(olds, news, "tags"):
            gone, after = tag_changes(olds, news)
            if gone:
                self.aws.untag_role(RoleName=id_, TagKeys=gone)
            if after:
                self.aws.tag_role(RoleName=id_, Tags=tag_list(after))

    def delete(self, id_: str, state: Props) -> None:
        for arn in state.get("managedPolicyArns") or []:
            self.aws.detach_role_policy(RoleName=id_, PolicyArn=arn)
        for policy in state.get("inlinePolicies") or []:
            if policy.get("name"):
                self.aws.delete_role_policy(RoleName=id_, PolicyName=policy["name"])
        self.aws.delete_role(RoleName=id_)

    def _set_policies(self, id_: str, olds: Props, news: Props) -> None:
        if news.get("managedPolicyArns") is not None:
            for arn in added(olds, news, "managedPolicyArns"):
                self.aws.attach_role_policy(RoleName=id_, PolicyArn=arn)
            for arn in removed(olds, news, "managedPolicyArns"):
                self.aws.detach_role_policy(RoleName=id_, PolicyArn=arn)
        if news.get("inlinePolicies") is not None:
            for policy in added(olds, news, "inlinePolicies"):
                self.aws.put_role_policy(
                    RoleName=id_, PolicyName=policy["name"], PolicyDocument=policy["policy"]
                )


@handles("aws:iam/rolePolicy:RolePolicy")
class RolePolicy(_IamHandler):
    """A policy inside a role."""

    def create(self, inputs: Props) -> str:
        self._put(inputs)
        return f"{inputs['role']}:{inputs['name']}"

    def read(self, id_: str, known: Props) -> Props | None:
        role, _, name = id_.partition(":")
        found = self.aws.get_role_policy(RoleName=role, PolicyName=name)
        return {
            "role": role,
            "name": name,
            "namePrefix": "",
            "policy": json.dumps(found["PolicyDocument"]),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self._put(news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_role_policy(RoleName=state["role"], PolicyName=state["name"])

    def _put(self, inputs: Props) -> None:
        self.aws.put_role_policy(
            RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"]
        )


@handles("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
class RolePolicyAttachment(_IamHandler):
    """A managed policy attached to a role."""

    def create(self, inputs: Props) -> str:
        self.aws.attach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
        return f"{inputs['role']}/{inputs['policyArn']}"

    def read(self, id_: str, known: Props) -> Props | None:
        role, _, arn = id_.partition("/")
        attached = self.aws.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        if arn not in [policy["PolicyArn"] for policy in attached]:
            return None
        return {"role": role, "policyArn": arn}

    def delete(self, id_: str, state: Props) -> None:
        self.aws.detach_role_policy(RoleName=state["role"], PolicyArn=state["policyArn"])


@handles("aws:iam/policy:Policy")
class Policy(_IamHandler):
    """A customer-managed policy; its id is its ARN."""

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_policy(
            PolicyName=inputs["name"],
            PolicyDocument=inputs["policy"],
            **given(inputs, Path="path", Description="description"),
            **self.tags_of(inputs),
        )
        arn: str = answer["Policy"]["Arn"]
        return arn

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.aws.get_policy(PolicyArn=id_)["Policy"]
        version = self.aws.get_policy_version(PolicyArn=id_, VersionId=found["DefaultVersionId"])[
            "PolicyVersion"
        ]
        return {
            "arn": id_,
            "name": found["PolicyName"],
            "namePrefix": "",
            "path": found["Path"],
            "policyId": found["PolicyId"],
            "attachmentCount": found["AttachmentCount"],
            "description": found.get("Description") or None,
            "policy": json.dumps(version["Document"]),
            "tags": tag_map(found.get("Tags")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "policy"):
            for version in self._old_versions(id_):
                self.aws.delete_policy_version(PolicyArn=id_, VersionId=version)
            self.aws.create_policy_version(
                PolicyArn=id_, PolicyDocument=news["policy"], SetAsDefault=True
            )
        if changed(olds, news, "tags"):
            gone, after = tag_changes(olds, news)
            self.aws.untag_policy(PolicyArn=id_, TagKeys=gone)
            self.aws.tag_policy(PolicyArn=id_, Tags=tag_list(after))

    def delete(self, id_: str, state: Props) -> None:
        for version in self._old_versions(id_):
            self.aws.delete_policy_version(PolicyArn=id_, VersionId=version)
        self.aws.delete_policy(PolicyArn=id_)

    def _old_versions(self, id_: str) -> list[str]:
        versions = self.aws.list_policy_versions(PolicyArn=id_)["Versions"]
        return [v["VersionId"] for v in versions if not v["IsDefaultVersion"]]


@handles("aws:iam/instanceProfile:InstanceProfile")
class InstanceProfile(_IamHandler):
    """An instance profile with its one role."""

    def create(self, inputs: Props) -> str:
        self.aws.create_instance_profile(
            InstanceProfileName=inputs["name"], Path=inputs["path"], **self.tags_of(inputs)
        )
        name: str = inputs["name"]
        return name

    def configure(self, id_: str, inputs: Props) -> None:
        if inputs.get("role"):
            self.aws.add_role_to_instance_profile(InstanceProfileName=id_, RoleName=inputs["role"])

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.aws.get_instance_profile(InstanceProfileName=id_)["InstanceProfile"]
        roles = [role["RoleName"] for role in found["Roles"]]
        return {
            "arn": found["Arn"],
            "name": id_,
            "namePrefix": "",
            "path": found["Path"],
            "uniqueId": found["InstanceProfileId"],
            "createDate": found["CreateDate"].isoformat(),
            "role": roles[0] if roles else None,
            "tags": tag_map(found.get("Tags")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "role"):
            if olds.get("role"):
                self.aws.remove_role_from_instance_profile(
                    InstanceProfileName=id_, RoleName=olds["role"]
                )
            self.configure(id_, news)

    def delete(self, id_: str, state: Props) -> None:
        if state.get("role"):
            self.aws.remove_role_from_instance_profile(
                InstanceProfileName=id_, RoleName=state["role"]
            )
        self.aws.delete_instance_profile(InstanceProfileName=id_)


@handles("aws:iam/openIdConnectProvider:OpenIdConnectProvider")
class OpenIdConnectProvider(_IamHandler):
    """An identity provider; its id is its ARN."""

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_open_id_connect_provider(
            Url=inputs["url"],
            ClientIDList=inputs["clientIdLists"],
            # AWS looks the certificate's print up where none is given.
            ThumbprintList=inputs.get("thumbprintLists") or ["0" * 40],
            **self.tags_of(inputs),
        )
        arn: str = answer["OpenIDConnectProviderArn"]
        return arn

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.aws.get_open_id_connect_provider(OpenIDConnectProviderArn=id_)
        return {
            "arn": id_,
            "url": known.get("url") or found["Url"],
            "clientIdLists": found["ClientIDList"],
            "thumbprintLists": found["ThumbprintList"],
            "tags": tag_map(found.get("Tags")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        for client in added(olds, news, "clientIdLists"):
            self.aws.add_client_id_to_open_id_connect_provider(
                OpenIDConnectProviderArn=id_, ClientID=client
            )
        for client in removed(olds, news, "clientIdLists"):
            self.aws.remove_client_id_from_open_id_connect_provider(
                OpenIDConnectProviderArn=id_, ClientID=client
            )
        if changed(olds, news, "tags"):
            gone, after = tag_changes(olds, news)
            if gone:
                self.aws.untag_open_id_connect_provider(OpenIDConnectProviderArn=id_, TagKeys=gone)
            self.aws.tag_open_id_connect_provider(
                OpenIDConnectProviderArn=id_, Tags=tag_list(after)
            )

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_open_id_connect_provider(OpenIDConnectProviderArn=id_)
