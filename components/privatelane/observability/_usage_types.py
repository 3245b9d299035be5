"""What NAT gateways are called on the bill, Region by Region.

A usage type is the Region's code, a hyphen and a name, such as ``APS3-NatGateway-Bytes``; in the
oldest Region the code is often left out, so that there both ``NatGateway-Bytes`` and
``USE1-NatGateway-Bytes`` occur. A budget that spells it one way misses the other.

Source, read in November 2026: "AWS Region billing codes" in the AWS global infrastructure guide. It
does not list GovCloud, whose codes are those of the Amazon S3 usage reports, nor China.
"""

from __future__ import annotations

from privatelane._invalid import InvalidInput

#: Region → the codes before its usage types, "" for none.
REGION_CODES: dict[str, tuple[str, ...]] = {
    "us-east-1": ("", "USE1"),
    "us-east-2": ("USE2",),
    "us-west-1": ("USW1",),
    "us-west-2": ("USW2",),
    "ca-central-1": ("CAN1",),
    "ca-west-1": ("CAN2",),
    "mx-central-1": ("MXC1",),
    "af-south-1": ("AFS1",),
    "ap-east-1": ("APE1",),
    "ap-east-2": ("APE2",),
    "ap-northeast-1": ("APN1",),
    "ap-northeast-2": ("APN2",),
    "ap-northeast-3": ("APN3",),
    "ap-southeast-1": ("APS1",),
    "ap-southeast-2": ("APS2",),
    "ap-south-1": ("APS3",),
    "ap-southeast-3": ("APS4",),
    "ap-south-2": ("APS5",),
    "ap-southeast-4": ("APS6",),
    "ap-southeast-5": ("APS7",),
    "ap-southeast-6": ("APS8",),
    "ap-southeast-7": ("APS9",),
    # Bills have been seen with the longer one.
    "eu-west-1": ("EU", "EUW1"),
    "eu-central-1": ("EUC1",),
    "eu-central-2": ("EUC2",),
    "eu-west-2": ("EUW2",),
    "eu-west-3": ("EUW3",),
    "eu-north-1": ("EUN1",),
    "eu-south-1": ("EUS1",),
    "eu-south-2": ("EUS2",),
    "il-central-1": ("ILC1",),
    "me-central-1": ("MEC1",),
    "me-south-1": ("MES1",),
    "sa-east-1": ("SAE1",),
    "us-gov-west-1": ("UGW1",),
    "us-gov-east-1": ("UGE1",),
}

#: Gigabytes that NAT gateways process, of zonal and of regional ones.
NAT_BYTES = ("NatGateway-Bytes", "RegionalNatGateway-Bytes")
#: The hours that they exist.
NAT_HOURS = ("NatGateway-Hours", "RegionalNatGateway-Hours")


def usage_types(region: str, names: tuple[str, ...]) -> list[str]:
    """Return every spelling of those usage types in a Region.

    Raises:
        InvalidInput: the Region's code is not known.

    """
    if region not in REGION_CODES:
        raise InvalidInput(
            f"budget cannot be made in {region!r}, whose code on the bill is not known; leave it"
            " out"
        )
    return [f"{code}-{name}" if code else name for name in names for code in REGION_CODES[region]]
