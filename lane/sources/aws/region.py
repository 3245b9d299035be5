"""Reads one region of one account."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from lane.sources.aws.containers import Containers
from lane.sources.aws.reader import REFUSED, Client, pages, raise_if_hopeless, refusal
from lane.sources.calls import CALLS
from lane.sources.describe.answers import Answers, Record, text
from lane.sources.describe.routes import interface_ids

__all__ = ["Region"]

#: Calls in flight at once.
_CALLS_AT_ONCE = 8
#: The most values AWS takes in one filter.
_FILTER_VALUES = 200
#: Answers that take one simple call each. The instances of Reservations are not needed: live
#: routes name network interfaces.
_SIMPLE = tuple(
    call.key
    for call in CALLS
    if call.operation == f"Describe{call.key}" and call.service == "ec2" and not call.billing
    if call.key
    not in ("NetworkInterfaces", "VpcBlockPublicAccessOptions", "VpcBlockPublicAccessExclusions")
)


class Region(Containers):
    """Reads one region: its network first, then what only single calls tell of its parts."""

    def read(self) -> Answers:
        """All answers of the region."""
        ec2 = self.client("ec2")
        # Clients are made one after the other: making them is not safe in threads.
        resolver, newer = self.client("route53resolver"), self.client("ec2", newer=True)
        profiles = self.client("route53profiles", newer=True)
        ecs, eks = self.client("ecs"), self.client("eks")
        balancers = (self.client("elbv2"), self.client("elb")) if self.billing else ()
        with ThreadPoolExecutor(_CALLS_AT_ONCE) as pool:
            tasks = [pool.submit(self._simple, ec2, key) for key in _SIMPLE]
            tasks += [
                pool.submit(self._public_access, newer),
                pool.submit(self._resolver, resolver),
                pool.submit(self._profiles, profiles),
            ]
            if balancers:
                tasks.append(pool.submit(self._billed, ec2, *balancers))
            for task in tasks:
                task.result()
            tasks = [pool.submit(self._prefix_entries, ec2), pool.submit(self._interfaces, ec2)]
            tasks += [pool.submit(self._transit_table, ec2, one) for one in self._tables()]
            if self.records.get("Subnets"):
                tasks += [pool.submit(self.read_ecs, ecs), pool.submit(self.read_eks, eks)]
            attributes = pool.map(lambda vpc: self._attributes(ec2, vpc), self._vpcs())
            self.records["VpcAttributes"] = [one for one in attributes if one is not None]
            for task in tasks:
                task.result()
        return Answers(self.account, self.region, self.records, self.unread)

    def _simple(self, ec2: Client, key: str) -> None:
        # describe-managed-prefix-lists answers under the key of describe-prefix-lists.
        answered = "PrefixLists" if key == "ManagedPrefixLists" else key
        operation = "describe_" + re.sub(r"(?<!^)(?=[A-Z])", "_", key).lower()
        self.keep(key, lambda: pages(ec2, operation, answered))

    def _billed(self, ec2: Client, balancers: Client, classic: Client) -> None:
        """What no lane passes, but AWS bills."""
        for client, operation, key in (
            (ec2, "describe_addresses", "Addresses"),
            (ec2, "describe_flow_logs", "FlowLogs"),
            (balancers, "describe_load_balancers", "LoadBalancers"),
            (classic, "describe_load_balancers", "LoadBalancerDescriptions"),
        ):
            self.keep(key, partial(pages, client, operation, key))

    def _public_access(self, ec2: Client) -> None:
        def options() -> list[Record]:
            answer = ec2.describe_vpc_block_public_access_options()
            return [answer["VpcBlockPublicAccessOptions"]]

        self.keep("VpcBlockPublicAccessOptions", options, newer=True)
        answered = self.records.get("VpcBlockPublicAccessOptions", ())
        if any(text(one, "InternetGatewayBlockMode") not in (None, "off") for one in answered):
            self.keep(
                "VpcBlockPublicAccessExclusions",
                lambda: pages(
                    ec2,
                    "describe_vpc_block_public_access_exclusions",
                    "VpcBlockPublicAccessExclusions",
                ),
                newer=True,
            )

    def _resolver(self, client: Client) -> None:
        for key, operation in (
            ("ResolverRules", "list_resolver_rules"),
            ("ResolverRuleAssociations", "list_resolver_rule_associations"),
        ):
            self.keep(key, partial(pages, client, operation, key))

    def _profiles(self, client: Client) -> None:
        key = "ProfileAssociations"
        self.keep(key, lambda: pages(client, "list_profile_associations", key), newer=True)
        owned = sorted({one["ProfileId"] for one in self.records.get(key, ())})
        if owned:
            self.keep(
                "ProfileResourceAssociations",
                lambda: [
                    one
                    for profile in owned
                    for one in pages(
                        client,
                        "list_profile_resource_associations",
                        "ProfileResourceAssociations",
                        ProfileId=profile,
                    )
                ],
                newer=True,
            )

    def _vpcs(self) -> list[str]:
        return sorted(one["VpcId"] for one in self.records.get("Vpcs", ()))

    def _attributes(self, ec2: Client, vpc: str) -> Record | None:
        """The DNS attributes of a VPC, which only a call for each of them tells."""
        found: dict[str, Any] = {"VpcId": vpc}
        try:
            for name in ("enableDnsSupport", "enableDnsHostnames"):
                answer = ec2.describe_vpc_attribute(VpcId=vpc, Attribute=name)
                field_name = name[0].upper() + name[1:]
                found[field_name] = answer[field_name]
        except REFUSED as error:
            raise_if_hopeless(error)
            self.unread["VpcAttributes"] = refusal(error, "VpcAttributes")
            return None
        return found

    def _prefix_entries(self, ec2: Client) -> None:
        """The entries of customers' lists, and of AWS's where its own call does not show them."""
        shown = {
            one["PrefixListId"] for one in self.records.get("PrefixLists", ()) if one.get("Cidrs")
        }
        wanted = [
            one
            for one in self.records.get("ManagedPrefixLists", ())
            if one["PrefixListId"] not in shown
        ]

        def entries() -> list[Record]:
            for one in wanted:
                one["Entries"] = pages(  # type: ignore[index]
                    ec2,
                    "get_managed_prefix_list_entries",
                    "Entries",
                    PrefixListId=one["PrefixListId"],
                )
            return []

        self.keep("PrefixListEntries", entries)

    def _interfaces(self, ec2: Client) -> None:
        """The network interfaces that routes point at: accounts have thousands of others."""
        wanted = sorted(interface_ids(self.records.get("RouteTables", ())))
        self.keep(
            "NetworkInterfaces",
            lambda: [
                one
                for start in range(0, len(wanted), _FILTER_VALUES)
                for one in pages(
                    ec2,
                    "describe_network_interfaces",
                    "NetworkInterfaces",
                    Filters=[
                        {
                            "Name": "network-interface-id",
                            "Values": wanted[start : start + _FILTER_VALUES],
                        }
                    ],
                )
            ],
        )

    def _tables(self) -> list[str]:
        for key in ("TransitGatewayStaticRoutes", "TransitGatewayPropagations"):
            self.records.setdefault(key, [])
        return sorted(
            one["TransitGatewayRouteTableId"]
            for one in self.records.get("TransitGatewayRouteTables", ())
            if text(one, "State") not in ("deleting", "deleted")
        )

    def _transit_table(self, ec2: Client, table: str) -> None:
        """The routes and propagations of a transit gateway route table, in one record each."""

        def routes() -> Record:
            operation = "search_transit_gateway_routes"
            wanted = {
                "TransitGatewayRouteTableId": table,
                "Filters": [{"Name": "type", "Values": ["static", "propagated"]}],
            }
            first = getattr(ec2, operation)(**wanted)
            found, page = list(first.get("Routes", ())), first
            while page.get("NextToken"):
                page = getattr(ec2, operation)(**wanted, NextToken=page["NextToken"])
                found += page.get("Routes", ())
            more = page.get("AdditionalRoutesAvailable") is True
            return {
                "TransitGatewayRouteTableId": table,
                "Routes": found,
                "AdditionalRoutesAvailable": more,
                "Propagated": True,
            }

        def propagations() -> Record:
            key = "TransitGatewayRouteTablePropagations"
            return {
                "TransitGatewayRouteTableId": table,
                key: pages(
                    ec2,
                    "get_transit_gateway_route_table_propagations",
                    key,
                    TransitGatewayRouteTableId=table,
                ),
            }

        for key, read in (
            ("TransitGatewayStaticRoutes", routes),
            ("TransitGatewayPropagations", propagations),
        ):
            self._add(key, read)

    def _add(self, key: str, read: Callable[[], Record]) -> None:
        try:
            self.records[key].append(read())
        except REFUSED as error:
            raise_if_hopeless(error)
            self.unread[key] = refusal(error, key)
