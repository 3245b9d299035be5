"""Fails in the way its configuration names, after it registered a network that is fine."""

import os
import sys

import pulumi
import pulumi_aws as aws

os.chdir("..")
sys.path.append("left behind")
sys.argv.append("left behind")
how = pulumi.Config().require("how")
vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16")
if how == "run-error":
    raise pulumi.RunError("zones must name at least two availability zones\n\tnot 1")
if how == "exception":
    raise ValueError("10.0.0.0/33 is no network")
if how == "in-apply":
    pulumi.export("broken", vpc.cidr_block.apply(lambda block: block.missing))  # type: ignore[attr-defined]
if how == "exit":
    sys.exit("no more")
if how == "exit-0":
    sys.exit()
if how == "log-error":
    pulumi.log.error("the zones are wrong")
if how == "duplicate":
    aws.ec2.Vpc("main", cidr_block="10.1.0.0/16")
if how == "missing-module":
    import no_such_module_anywhere  # type: ignore[import-not-found]  # noqa: F401
if how == "wrong-type":
    aws.ec2.Subnet("main", vpc_id=object())  # type: ignore[call-overload]
if how == "missing-config":
    pulumi.Config().require("zones")
