"""What the policy of every bucket refuses."""

from __future__ import annotations

from typing import Any


def only_with_tls(bucket_arn: str) -> dict[str, Any]:
    """Return the statement that refuses every call that does not come by TLS."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
