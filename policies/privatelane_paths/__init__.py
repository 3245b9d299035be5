"""The prover: from the facts of a network to lanes, verdicts and explanations.

Standard library only, pure: what goes in and what comes out are frozen values.
"""

from privatelane_paths.explain import explain, path
from privatelane_paths.known import Key, Maybe, Ref, Refs, Unknown
from privatelane_paths.lanes import Judge, judge
from privatelane_paths.options import DEFAULT_SERVICES, Options
from privatelane_paths.verdicts import Hop, Lane, LaneKind, Rejected, Verdict
from privatelane_paths.workloads import ImageOrigin, Need, Pull, needs, pulls

__all__ = [
    "DEFAULT_SERVICES",
    "Hop",
    "ImageOrigin",
    "Judge",
    "Key",
    "Lane",
    "LaneKind",
    "Maybe",
    "Need",
    "Options",
    "Pull",
    "Ref",
    "Refs",
    "Rejected",
    "Unknown",
    "Verdict",
    "explain",
    "judge",
    "needs",
    "path",
    "pulls",
]
