"""Network ACLs, their lines, and the subnets they are on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lane.sources.describe.answers import items, prefix, text
from lane.sources.describe.security_groups import ports_of
from privatelane_paths.facts import Direction, NetworkAcl, NetworkAclEntry
from privatelane_paths.known import Ref, Refs, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lane.sources.describe.answers import Names, Record, Shown

__all__ = ["network_acls"]


def network_acls(shown: Shown, names: Names) -> Iterator[NetworkAcl]:
    """The ACLs; AWS lists every subnet that one is on, the default one's too."""
    for record, _ in shown.of("NetworkAcls"):
        key = record["NetworkAclId"]
        name = names.of("NetworkAcls", record)
        vpc = text(record, "VpcId")
        yield NetworkAcl(
            key,
            name,
            vpc=Ref.to(vpc) if vpc else Ref.anything(f"the VPC of {name}"),
            default=record.get("IsDefault") is True,
            subnets=Refs.of(
                subnet
                for item in items(record, "Associations")
                if (subnet := text(item, "SubnetId"))
            ),
            entries=tuple(
                sorted(
                    (_line(item, name) for item in items(record, "Entries")),
                    key=lambda line: (line.direction.value, str(line.number).rjust(8)),
                )
            ),
        )


def _line(item: Record, name: str) -> NetworkAclEntry:
    number = item.get("RuleNumber")
    action = text(item, "RuleAction")
    protocol = text(item, "Protocol")
    ports = item.get("PortRange")
    ports = ports if isinstance(ports, dict) else {}
    cidr = text(item, "CidrBlock") or text(item, "Ipv6CidrBlock")
    where = f"a line of network ACL {name}"
    return NetworkAclEntry(
        number=number if isinstance(number, int) else Unknown(f"the number of {where}"),
        direction=Direction.EGRESS if item.get("Egress") is True else Direction.INGRESS,
        allow=action == "allow" if action else Unknown(f"the action of {where}"),
        protocol=protocol or Unknown(f"the protocol of {where}"),
        ports=ports_of(protocol or "", ports.get("From"), ports.get("To")),
        prefix=prefix(cidr, name) if cidr else Unknown(f"the addresses of {where}"),
    )
