"""AWS Backup and Data Lifecycle Manager, which moto does not have, or not whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.simaws.resources._handler import handles
from tests.engine.simaws.resources._shelf import ShelfHandler, stable_hex

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props


@handles("aws:backup/vault:Vault")
class Vault(ShelfHandler):
    """What recovery points are in."""

    kind = "backup-vault"

    def name_of(self, inputs: Props) -> str:
        name: str = inputs["name"]
        return name

    def outputs(self, id_: str, inputs: Props) -> Props:
        return {
            "arn": self.cloud.arn("backup", f"backup-vault:{id_}"),
            "kmsKeyArn": inputs.get("kmsKeyArn", self.cloud.arn("kms", "alias/aws/backup")),
            "recoveryPoints": 0,
        }


@handles("aws:backup/vaultLockConfiguration:VaultLockConfiguration")
class VaultLockConfiguration(ShelfHandler):
    """How long recovery points of a vault are kept at least; its id is the vault's name."""

    kind = "backup-vault-lock"

    def name_of(self, inputs: Props) -> str:
        name: str = inputs["backupVaultName"]
        return name

    def create(self, inputs: Props) -> str:
        # PutBackupVaultLockConfiguration: the lock that was there is another one now.
        self._put(self.name_of(inputs), inputs)
        return self.name_of(inputs)

    def outputs(self, id_: str, inputs: Props) -> Props:
        return {"backupVaultArn": self.cloud.arn("backup", f"backup-vault:{id_}")}


@handles("aws:backup/plan:Plan")
class Plan(ShelfHandler):
    """When backups are taken, and how long they are kept."""

    kind = "backup-plan"

    def name_of(self, inputs: Props) -> str:
        return stable_hex(inputs["name"], 32)

    def outputs(self, id_: str, inputs: Props) -> Props:
        return {
            "arn": self.cloud.arn("backup", f"backup-plan:{id_}"),
            "version": stable_hex(str(inputs["rules"]), 32),
        }


@handles("aws:backup/selection:Selection")
class Selection(ShelfHandler):
    """What a plan backs up."""

    kind = "backup-selection"

    def name_of(self, inputs: Props) -> str:
        return stable_hex(f"{inputs['planId']}/{inputs['name']}", 32)


@handles("aws:dlm/lifecyclePolicy:LifecyclePolicy")
class LifecyclePolicy(ShelfHandler):
    """When snapshots of volumes are taken, and how many are kept."""

    kind = "dlm-lifecycle-policy"

    def name_of(self, inputs: Props) -> str:
        return f"policy-{stable_hex(inputs['executionRoleArn'], 17)}"

    def outputs(self, id_: str, inputs: Props) -> Props:
        return {"arn": self.cloud.arn("dlm", f"policy/{id_}")}
