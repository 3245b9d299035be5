"""A pack for tests: one policy of each kind, on properties that every VPC has."""

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

VPC = "aws:ec2/vpc:Vpc"


def no_public_vpc(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if args.resource_type == VPC and args.props["cidrBlock"] in args.get_config()["forbidden"]:
        region = args.provider.props["region"] if args.provider else "nowhere"
        report(f"{args.name} has {args.props['cidrBlock']} in {region}.", None)


def needs_subnets(args: StackValidationArgs, report: ReportViolation) -> None:
    for resource in args.resources:
        if resource.resource_type == VPC:
            subnets = [
                other
                for other in args.resources
                if resource in other.property_dependencies.get("vpcId", [])
            ]
            report(f"{resource.name} has {len(subnets)} subnets.", resource.urn)


def counts(args: StackValidationArgs, report: ReportViolation) -> None:
    kinds = sorted(resource.resource_type for resource in args.resources)
    report(" ".join(kinds), None)


def reads_an_unknown_id(args: StackValidationArgs, report: ReportViolation) -> None:
    for resource in args.resources:
        if resource.resource_type == VPC:
            report(resource.props["id"], None)


PolicyPack(
    "tiny",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        ResourceValidationPolicy(
            "no-forbidden-block",
            "A VPC must not have a forbidden block.",
            no_public_vpc,
            config_schema=PolicyConfigSchema(
                {
                    "forbidden": {
                        "type": "array",
                        "items": {"type": "string"},
                        "default": ["10.66.0.0/16"],
                    }
                }
            ),
            severity=Severity.HIGH,
        ),
        StackValidationPolicy(
            "vpc-subnets",
            "How many subnets a VPC has.",
            needs_subnets,
            EnforcementLevel.ADVISORY,
        ),
        StackValidationPolicy("kinds", "What the stack holds.", counts, EnforcementLevel.DISABLED),
        StackValidationPolicy("unknown-id", "Reads what nobody knows.", reads_an_unknown_id),
    ],
)
