"""A pack for tests that breaks when it is asked, and says something before."""

import os
import sys

from pulumi_policy import (
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)


def resource(args: ResourceValidationArgs, _report: ReportViolation) -> None:
    if args.name == "breaks-resource":
        raise ZeroDivisionError("one over nothing")


def stack(args: StackValidationArgs, _report: ReportViolation) -> None:
    names = {one.name for one in args.resources}
    if "breaks-stack" in names:
        raise LookupError("no such lane")
    if "ends" in names:
        print("the last words of a pack", file=sys.stderr, flush=True)  # noqa: T201
        os._exit(3)
    print("said in passing", file=sys.stderr)  # noqa: T201


PolicyPack(
    "breaks",
    policies=[
        ResourceValidationPolicy("resource", "Breaks on a resource.", resource),
        StackValidationPolicy("stack", "Breaks on a stack.", stack),
    ],
)
