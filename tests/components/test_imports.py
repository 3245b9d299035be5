"""What a program pays for importing the components, before it uses one.

pulumi-aws loads the module of a service when it is named. An annotation that is not quoted names it
when our module is imported, and EKS alone takes a fifth of a second.
"""

from __future__ import annotations

import subprocess
import sys

#: What the network and Fargate are made of.
LOADED = {"appautoscaling", "cloudwatch", "ec2", "ecs", "iam", "lb"}

PROGRAM = """
import sys
import privatelane
loaded = {name.split(".")[1] for name in sys.modules if name.startswith("pulumi_aws.")
          and name.count(".") == 2}
print(*sorted(loaded))
"""


def test_services_that_only_some_stacks_use_are_not_loaded_before_they_are_used() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) <= LOADED
