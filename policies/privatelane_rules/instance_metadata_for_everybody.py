"""Instances whose metadata, with the credentials of their role in it, is read too easily."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.known import Unknown
from privatelane_paths.sources.eks import node_groups
from privatelane_paths.sources.instances import launch_template
from privatelane_rules._frameworks import foundational
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from privatelane_paths.known import Key
    from privatelane_paths.sources.index import View
    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
aws.ec2.LaunchTemplate("nodes", metadata_options={"http_tokens": "optional",
                                                  "http_put_response_hop_limit": 2})
"""
_RIGHT = """\
aws.ec2.LaunchTemplate("nodes", metadata_options={"http_tokens": "required",
                                                  "http_put_response_hop_limit": 1})
"""

_TYPES = (
    "aws:ec2/instance:Instance",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
)
_DEFAULTS = "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults"


def check(stack: Stack) -> Iterator[Finding]:
    """Instances that need no session token, and nodes whose pods reach the node's credentials."""
    nodes = _of_nodes(stack)
    required = any(view.text("httpTokens") == "required" for view in stack.views.views(_DEFAULTS))
    for view in stack.views.views(*_TYPES):
        options = view.item("metadataOptions")
        if isinstance(options, Unknown):
            yield undecided(view.key, f"whether {view.name} requires IMDSv2", options.missing)
            continue
        if options is not None and options.text("httpEndpoint") == "disabled":
            continue
        yield from _tokens(view, options, required)
        if view.key in nodes and options is not None:
            yield from _hops(view, options)


def _tokens(view: View, options: View | None, required: bool) -> Iterator[Finding]:
    tokens = None if options is None else options.text("httpTokens")
    what = f"whether {view.name} requires IMDSv2"
    if tokens == "optional":
        yield Finding(
            view.key,
            f"{view.name} answers IMDSv1: whoever gets it to fetch a URL gets its credentials.",
        )
    elif isinstance(tokens, Unknown):
        yield undecided(view.key, what, tokens.missing)
    elif tokens is None and not required:
        yield undecided(
            view.key, what, f"metadataOptions.httpTokens of {view.name}, for which the AMI decides"
        )


def _hops(view: View, options: View) -> Iterator[Finding]:
    hops = options.number("httpPutResponseHopLimit")
    if isinstance(hops, Unknown):
        yield undecided(
            view.key, f"whether pods reach the credentials of {view.name}'s nodes", hops.missing
        )
    elif hops is not None and hops > 1:
        yield Finding(
            view.key,
            f"{view.name} runs nodes and lets metadata pass {hops} hops: every pod can take the "
            "node's role.",
        )


def _of_nodes(stack: Stack) -> frozenset[Key]:
    """The launch templates from which nodes of EKS are certainly launched."""
    refs = (launch_template(view) for view in node_groups(stack.views))
    return frozenset(ref.keys[0] for ref in refs if ref is not None and ref.decided)


def require_tokens(inputs: Mapping[str, object]) -> Mapping[str, object]:
    """IMDSv2 for what does not require it."""
    options = inputs.get("metadataOptions", {})
    if not isinstance(options, dict) or options.get("httpTokens") not in (None, "optional"):
        return {}
    return {"metadataOptions": {"httpTokens": "required"}}


RULE = Rule(
    id="instance-metadata-for-everybody",
    title="Instance metadata is read without a token, or by pods.",
    severity=Severity.HIGH,
    level=Level.ADVISORY,
    why=(
        "The credentials of an instance's role are part of its metadata. IMDSv1 gives them to any "
        "program that can be brought to fetch a URL. With a hop limit above 1, nodes give theirs "
        "to every pod, and the pods' own identities mean little."
    ),
    fix=(
        "Set `metadataOptions.httpTokens` to `required`, and for nodes of EKS "
        "`httpPutResponseHopLimit` to 1."
    ),
    check=check,
    framework=foundational(
        "EC2.8", "EC2 instances should use Instance Metadata Service Version 2 (IMDSv2)"
    ),
    url="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-existing-instances.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("credentials", "ec2", "eks"),
    remedies=dict.fromkeys(_TYPES, require_tokens),
)
