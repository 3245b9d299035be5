"""Prints in every way a program can."""

import atexit
import os
import subprocess
import sys

import pulumi
import pulumi_aws as aws

print("printed")  # noqa: T201
os.write(1, b"written\n")
subprocess.run([sys.executable, "-c", "print('by a child')"], check=True)
atexit.register(print, "at exit")
pulumi.info("logged")
aws.ec2.Vpc("main", cidr_block="10.66.0.0/16")
