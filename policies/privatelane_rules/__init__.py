"""The rules of the policy pack, one a file, in the order in which they are reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_rules import (
    failed_proof,
    nat_path_to_ecr_or_s3,
    undecided_path_to_ecr_or_s3,
)

if TYPE_CHECKING:
    from privatelane_rules._rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    nat_path_to_ecr_or_s3.RULE,
    undecided_path_to_ecr_or_s3.RULE,
    failed_proof.RULE,
)
