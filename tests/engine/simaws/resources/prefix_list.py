"""Customer-managed prefix lists and their entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.engine.simaws.resources._ec2 import Ec2Handler
from tests.engine.simaws.resources._handler import changed, handles, tag_map

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props


class _PrefixListHandler(Ec2Handler):
    tag_type = "prefix-list"

    def prefix_list(self, id_: str) -> dict[str, Any] | None:
        """The list as EC2 describes it."""
        return self.one("describe_managed_prefix_lists", "PrefixLists", PrefixListIds=[id_])

    def entries(self, id_: str) -> list[Props]:
        """The list's current entries."""
        answer = self.aws.get_managed_prefix_list_entries(PrefixListId=id_)
        return [
            {"cidr": entry["Cidr"], "description": entry.get("Description", "")}
            for entry in answer["Entries"]
        ]

    def modify(self, id_: str, **change: object) -> None:
        """Change the list from the version that it is in."""
        version = (self.prefix_list(id_) or {})["Version"]
        self.aws.modify_managed_prefix_list(PrefixListId=id_, CurrentVersion=version, **change)


@handles("aws:ec2/managedPrefixList:ManagedPrefixList")
class ManagedPrefixList(_PrefixListHandler):
    """A prefix list with its entries inline."""

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_managed_prefix_list(
            PrefixListName=inputs["name"],
            AddressFamily=inputs["addressFamily"],
            MaxEntries=inputs["maxEntries"],
            Entries=[_entry(entry) for entry in inputs.get("entries") or []],
            **self.tags_of(inputs),
        )
        identifier: str = answer["PrefixList"]["PrefixListId"]
        return identifier

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.prefix_list(id_)
        if found is None:
            return None
        return {
            "arn": found["PrefixListArn"],
            "name": found["PrefixListName"],
            "addressFamily": found["AddressFamily"],
            "maxEntries": int(found["MaxEntries"]),
            "ownerId": found["OwnerId"],
            "version": found["Version"],
            "entries": self.entries(id_),
            "tags": tag_map(found.get("Tags")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "entries") and news.get("entries") is not None:
            before = {e["cidr"]: _entry(e) for e in olds.get("entries") or []}
            after = {e["cidr"]: _entry(e) for e in news["entries"]}
            gone = [{"Cidr": cidr} for cidr in before if cidr not in after]
            fresh = [entry for cidr, entry in after.items() if before.get(cidr) != entry]
            self.modify(id_, AddEntries=fresh, RemoveEntries=gone)
        if changed(olds, news, "name"):
            self.modify(id_, PrefixListName=news["name"])
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_managed_prefix_list(PrefixListId=id_)


@handles("aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry")
class ManagedPrefixListEntry(_PrefixListHandler):
    """One entry of a prefix list."""

    def create(self, inputs: Props) -> str:
        self.modify(inputs["prefixListId"], AddEntries=[_entry(inputs)])
        return f"{inputs['prefixListId']},{inputs['cidr']}"

    def read(self, id_: str, known: Props) -> Props | None:
        prefix_list, _, cidr = id_.partition(",")
        if self.prefix_list(prefix_list) is None:
            return None
        for entry in self.entries(prefix_list):
            if entry["cidr"] == cidr:
                return {"prefixListId": prefix_list, **entry}
        return None

    def delete(self, id_: str, state: Props) -> None:
        self.modify(state["prefixListId"], RemoveEntries=[{"Cidr": state["cidr"]}])


def _entry(entry: Props) -> dict[str, str]:
    text = {"Description": entry["description"]} if entry.get("description") else {}
    return {"Cidr": entry["cidr"], **text}
