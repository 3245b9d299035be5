"""The published frameworks whose controls the rules serve."""

from __future__ import annotations

from privatelane_rules._rule import Framework

__all__ = ["foundational", "well_architected"]


def foundational(reference: str, specification: str) -> Framework:
    """A control of AWS Foundational Security Best Practices, as Security Hub numbers it."""
    return Framework("AWS Foundational Security Best Practices", "1.0.0", reference, specification)


def well_architected(reference: str, specification: str) -> Framework:
    """A best practice of the AWS Well-Architected Framework."""
    return Framework("AWS Well-Architected Framework", "2024-06-27", reference, specification)
