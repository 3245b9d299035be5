"""The least a pack can cost: one stack policy that does nothing, on the SDK as it is."""

from pulumi_policy import PolicyPack, StackValidationPolicy

PolicyPack(
    name="floor",
    policies=[StackValidationPolicy("nothing", "Does nothing.", lambda _args, _report: None)],
)
