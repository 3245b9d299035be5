"""Random networks with every feature at once, all of it known, for the packet walk to judge.

The dice are a `random.Random`: Hypothesis' own, which shrinks, or a seeded one for a long run.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, TypeVar

from privatelane_paths.facts import Direction, Origin
from privatelane_paths.known import Ref, Refs
from tests.paths.build import ANYWHERE, Build, acl_line, prefix, rule

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from privatelane_paths.facts import Network

__all__ = ["random_network", "seeded"]

T = TypeVar("T")
ZONES = "ab"
#: Where the default route of private subnets can lead, the usual ways more often.
_WAYS = (
    "nat", "nat", "nat", "nat-other", "nat-own", "nat-regional", "nat-private", "nat-dead",
    "nat-literal", "nat-gone", "eni", "eni-closed", "eni-private", "igw", "fw", "gwlbe", "tgw",
    "tgw", "tgw", "pcx", "blackhole", "split", "half", "list", "none", "none",
)  # fmt: skip


class _Dice:
    def __init__(self, dice: Random) -> None:
        self.dice = dice

    def chance(self, percent: int) -> bool:
        return self.dice.randrange(100) < percent

    def pick(self, among: Sequence[T]) -> T:
        return among[self.dice.randrange(len(among))]

    def some(self, among: Sequence[T]) -> list[T]:
        return [one for one in among if self.chance(50)]


def seeded(seed: int) -> Random:
    """Dice that always fall the same."""
    return random.Random(seed)  # noqa: S311


def random_network(source: Random) -> Network:
    """A network of one VPC to look at and, at times, a hub, an egress VPC and a stranger."""
    dice = _Dice(source)
    build = Build()
    _vpc(build, dice)
    _subnets(build, dice)
    _tables(build, dice)
    if dice.chance(40):
        _transit(build, dice)
    if dice.chance(30):
        _hub(build, dice)
    _defaults(build, dice)
    _other_routes(build, dice)
    _endpoints(build, dice)
    _names(build, dice)
    _filters(build, dice)
    if dice.chance(10):
        mode = dice.pick(("block-bidirectional", "block-bidirectional", "block-ingress", "off"))
        excluded = dice.some(("main", "pub-a", "pub-b", "app-a")) if dice.chance(40) else []
        build.block(mode, *excluded)
    return build.network()


def _vpc(build: Build, dice: _Dice) -> None:
    servers: Any = None
    if dice.chance(8):
        servers = dice.pick((("10.0.0.53",), ("AmazonProvidedDNS",), ("10.0.0.53", "10.0.1.53")))
    build.vpc(
        "main",
        dns_support=not dice.chance(5),
        dns_hostnames=not dice.chance(8),
        dns_servers=servers,
    )
    build.gateway_of("igw-main", "main").gateway_of("eigw-main", "main")


def _subnets(build: Build, dice: _Dice) -> None:
    only_v6 = dice.chance(8)
    for place, zone in enumerate(ZONES):
        build.subnet(f"pub-{zone}", "main", f"10.0.{place}.0/24", zone=zone)
        v6 = f"2600:1f18:0:{place}::/64"
        cidr = v6 if only_v6 else f"10.0.{place + 10}.0/24"
        more = {"ipv6_only": True, "dns64": dice.chance(70)} if only_v6 else {}
        build.subnet(f"app-{zone}", "main", cidr, zone=zone, **more)
        build.subnet(f"ends-{zone}", "main", f"10.0.{place + 20}.0/24", zone=zone)
        build.subnet(f"mid-{zone}", "main", f"10.0.{place + 30}.0/24", zone=zone)


def _tables(build: Build, dice: _Dice) -> None:
    build.table("rt-pub", "main", "pub-a", "pub-b").route("rt-pub", ANYWHERE, "igw-main")
    for zone in ZONES:
        on = [f"app-{zone}"] if dice.chance(85) else []
        build.table(f"rt-app-{zone}", "main", *on)
        build.table(f"rt-ends-{zone}", "main", f"ends-{zone}")
        build.table(f"rt-mid-{zone}", "main", f"mid-{zone}")
        if dice.chance(70):
            way = dice.pick(("nat-a", "nat-b", "igw-main", "tgw", f"fw-{zone}"))
            build.route(f"rt-mid-{zone}", ANYWHERE, way)
    if dice.chance(40):
        build.table("rt-main", "main").main("main", "rt-main")
        if dice.chance(60):
            build.route("rt-main", ANYWHERE, dice.pick(("nat-a", "igw-main", "tgw")))


def _defaults(build: Build, dice: _Dice) -> None:
    for zone in ZONES:
        build.nat(f"nat-{zone}", f"pub-{zone}")
        build.firewall(f"fw-{zone}", f"mid-{zone}", glb=dice.chance(50))
    build.nat("nat-regional", None).nat("nat-dead", "pub-a", state="deleted")
    build.nat("nat-private", "mid-a", public=False).gone("nat-gone")
    build.eni("eni-open", "pub-a").eni("eni-closed", "pub-b", forwards=False)
    build.eni("eni-private", dice.pick(("mid-a", "mid-b", "app-b")))
    build.prefix_list("pl-default", ANYWHERE)
    build.peering("pcx-side", "main", "stranger").vpc("stranger", "10.9.0.0/16")
    if "transit_gateways" not in build.kinds():
        build.transit("tgw")
    for zone in ZONES:
        _default(build, dice, zone)


def _default(build: Build, dice: _Dice, zone: str) -> None:
    """One private table's way out."""
    way = dice.pick(_WAYS)
    table = f"rt-app-{zone}"
    other = "b" if zone == "a" else "a"
    simple = {
        "nat": f"nat-{zone}",
        "nat-other": f"nat-{other}",
        "nat-regional": "nat-regional",
        "nat-private": "nat-private",
        "nat-dead": "nat-dead",
        "nat-literal": "nat-0abc",
        "nat-gone": "nat-gone",
        "eni": "eni-open",
        "eni-closed": "eni-closed",
        "eni-private": "eni-private",
        "igw": "igw-main",
        "fw": f"fw-{zone}",
        "gwlbe": f"fw-{other}",
        "tgw": "tgw",
        "pcx": "pcx-side",
        "blackhole": "blackhole",
    }
    if way == "nat-own":
        build.nat(f"nat-own-{zone}", f"app-{zone}")
        build.route(table, ANYWHERE, f"nat-own-{zone}")
    elif way == "split":
        build.route(table, "0.0.0.0/1", f"nat-{zone}")
        build.route(table, "128.0.0.0/1", dice.pick((f"nat-{other}", "igw-main")))
    elif way == "half":
        build.route(table, dice.pick(("0.0.0.0/1", "128.0.0.0/1")), f"nat-{zone}")
    elif way == "list":
        build.route(table, "pl-default", dice.pick((f"nat-{zone}", "igw-main")))
    elif way != "none":
        build.route(table, ANYWHERE, simple[way])
    if dice.chance(50):
        build.route(table, "::/0", "eigw-main")
    if dice.chance(60):
        build.route(table, "64:ff9b::/96", f"nat-{zone}")


def _other_routes(build: Build, dice: _Dice) -> None:
    places = ("nat-a", "igw-main", "tgw", "blackhole", "fw-a", "eni-open")
    for zone in ZONES:
        table = f"rt-app-{zone}"
        if dice.chance(8):
            cidr = dice.pick(("52.216.0.0/15", "52.217.0.0/16", "8.8.8.0/24", "3.0.0.0/8",
                              "44.192.0.0/10"))  # fmt: skip
            build.route(table, cidr, dice.pick(places))
        if dice.chance(6):
            build.prefix_list(f"pl-own-{zone}", *dice.pick((
                ("10.0.0.0/8",), ("52.216.0.0/15", "10.1.0.0/16"), ("44.213.0.0/16",),
            )))  # fmt: skip
            build.route(table, f"pl-own-{zone}", dice.pick(places))
        if dice.chance(8):
            build.route(table, "10.0.20.0/24", dice.pick(("nat-a", "eni-private", "fw-b",
                                                          "eni-closed")))  # fmt: skip
        if dice.chance(6):
            key = f"{table}:propagated"
            build.route(table, ANYWHERE, dice.pick(("igw-main", f"nat-{zone}")), key=key,
                        origin=Origin.PROPAGATED)  # fmt: skip
    if dice.chance(25):
        build.prefix_list("pl-s3", "3.5.0.0/19", "16.15.176.0/20", "52.216.0.0/15", service="s3")


def _endpoints(build: Build, dice: _Dice) -> None:
    for service in ("ecr.api", "ecr.dkr"):
        if dice.chance(60):
            _interface(build, dice, service, f"vpce-{service}")
    if dice.chance(15):
        _interface(build, dice, "s3", "vpce-s3-interface")
        build.change("endpoints", "vpce-s3-interface", inbound_only=dice.chance(40))
    if dice.chance(60):
        on = dice.some(("rt-app-a", "rt-app-b", "rt-pub", "rt-mid-a", "rt-ends-a"))
        build.gateway("s3", *on, state="available" if dice.chance(95) else "failed")
        free = [f"rt-app-{zone}" for zone in ZONES if f"rt-app-{zone}" not in on]
        if free and dice.chance(15):
            _gateway_route(build, dice, dice.pick(free))


def _gateway_route(build: Build, dice: _Dice, table: str) -> None:
    """A row as a live route table shows it: AWS's list of S3 to a gateway endpoint."""
    if "pl-s3" in build.keys("prefix_lists"):
        build.route(table, "pl-s3", dice.pick(("vpce-s3", "vpce-0abc")))
    else:
        build.route(table, "pl-63a5400a", "vpce-s3")


def _interface(build: Build, dice: _Dice, service: str, key: str) -> None:
    where = dice.some(("ends-a", "ends-b", "mid-a")) if dice.chance(90) else []
    region = "us-east-1" if dice.chance(95) else "us-west-2"
    build.interface(
        service,
        *where,
        key=key,
        service_name=f"com.amazonaws.{region}.{service}",
        private_dns=dice.chance(80),
        state=dice.pick(("available",) * 12 + ("pending", "failed")),
        ip_address_type=dice.pick(("ipv4",) * 10 + ("dualstack", "ipv6")),
    )
    for zone in ZONES:
        number = ZONES.index(zone)
        both = (prefix(f"10.0.{number + 20}.0/24"), prefix(f"2600:1f18:1:{number}::/64"))
        build.change("subnets", f"ends-{zone}", cidrs=both)
    build.change("subnets", "mid-a", cidrs=(prefix("10.0.30.0/24"), prefix("2600:1f18:2::/64")))
    if dice.chance(15):
        peer = dice.pick(("10.0.0.0/16", "10.0.10.0/24", "10.99.0.0/16", "0.0.0.0/0", "::/0"))
        name = f"sg-{key}"
        port = 443 if dice.chance(80) else 80
        build.group(name, rule(peer, first=port, last=port))
        build.change("endpoints", key, security_groups=Refs.of([name]))


def _names(build: Build, dice: _Dice) -> None:
    endpoints = [one for one in build.keys("endpoints") if one.startswith("vpce-ecr")]
    if endpoints and "hosted_zones" not in build.kinds() and dice.chance(15):
        at = dice.pick(endpoints)
        domain = dice.pick(("dkr.ecr.us-east-1.amazonaws.com", "api.ecr.us-east-1.amazonaws.com",
                            "us-east-1.amazonaws.com"))  # fmt: skip
        records = dice.pick(({"at": at}, {"any": at}, {"at": at, "any": at}, {}))
        build.zone(domain, dice.pick(("main", "stranger")), **records)
    if dice.chance(10):
        for domain in dice.some((".", "amazonaws.com", "ecr.us-east-1.amazonaws.com",
                                 "api.ecr.us-east-1.amazonaws.com")):  # fmt: skip
            build.forward(domain, dice.pick(("main", "main", "stranger")), away=dice.chance(70))


def _filters(build: Build, dice: _Dice) -> None:
    if dice.chance(15):
        on = dice.some(("app-a", "app-b", "ends-a", "ends-b", "mid-a"))
        lines = []
        for way in Direction:
            for number in range(100, 100 + 100 * dice.pick((0, 1, 2, 3)), 100):
                first, last = dice.pick(((0, 65535), (443, 443), (1024, 65535), (80, 80)))
                cidr = dice.pick((ANYWHERE, "10.0.0.0/16", "10.0.20.0/23", "52.0.0.0/8"))
                lines.append(
                    acl_line(number, way, allow=dice.chance(75), first=first, last=last, cidr=cidr)
                )
        build.acl("acl-some", *lines, on=on)


def _transit(build: Build, dice: _Dice) -> None:
    """An egress VPC behind a transit gateway, with its default table or tables of one's own."""
    build.vpc("egress", "10.100.0.0/16").gateway_of("igw-egress", "egress")
    for place, zone in enumerate(ZONES):
        build.subnet(f"out-pub-{zone}", "egress", f"10.100.{place}.0/24", zone=zone)
        build.subnet(f"out-tgw-{zone}", "egress", f"10.100.{place + 10}.0/24", zone=zone)
        build.nat(f"nat-egress-{zone}", f"out-pub-{zone}", vpc="egress", public=dice.chance(95))
        build.table(f"rt-out-tgw-{zone}", "egress", f"out-tgw-{zone}")
        way = dice.pick((f"nat-egress-{zone}",) * 4 + ("igw-egress", "tgw", "eni-egress", "none"))
        if way != "none":
            build.route(f"rt-out-tgw-{zone}", ANYWHERE, way)
    build.eni("eni-egress", "out-pub-a")
    build.table("rt-out-pub", "egress", "out-pub-a", "out-pub-b")
    build.route("rt-out-pub", ANYWHERE, "igw-egress").route("rt-out-pub", "10.0.0.0/8", "tgw")
    default = dice.chance(60)
    build.transit("tgw", default_association=default, default_propagation=default)
    build.attach("main", *(dice.some(("app-a", "app-b")) or ["app-a"]))
    build.attach("egress", "out-tgw-a", *dice.some(("out-tgw-b",)))
    table = "tgw"
    if not default:
        build.transit_table("tgw-rtb", *(["att-main"] if dice.chance(90) else []))
        table = "tgw-rtb"
    out = "att-egress"
    if dice.chance(25):
        out = _far(build, dice)
    if dice.chance(85):
        build.prefix_list("pl-out", ANYWHERE, "192.168.0.0/16")
        where = ANYWHERE if dice.chance(80) else "pl-out"
        build.transit_route(table, where, dice.pick((out,) * 5 + ("att-main", None)))
    if dice.chance(10):
        build.transit_route(table, "52.0.0.0/8", dice.pick(("att-egress", None)))


def _far(build: Build, dice: _Dice) -> str:
    """The egress VPC is behind a second transit gateway that is peered with the first."""
    default = dice.chance(70)
    build.transit("tgw-far", default_association=default, default_propagation=default)
    build.change("attachments", "att-egress", gateway=Ref.to("tgw-far"))
    build.link("tgw", "tgw-far")
    table = "tgw-far"
    if not default:
        table = "tgw-rtb-far"
        build.transit_table(table, *dice.some(("att-egress", "att-tgw-tgw-far")), of="tgw-far")
    if dice.chance(85):
        way = dice.pick(("att-egress",) * 5 + ("att-tgw-tgw-far", None))
        build.transit_route(table, ANYWHERE, way)
    return "att-tgw-tgw-far"


def _hub(build: Build, dice: _Dice) -> None:
    """A VPC with the registry's endpoint, reached by a peering or the transit gateway."""
    cidr = "10.200" if dice.chance(90) else "10.0"
    build.vpc("hub", f"{cidr}.0.0/16").subnet("hub-ends", "hub", f"{cidr}.201.0/24")
    build.interface("ecr.dkr", "hub-ends", vpc="hub", key="vpce-hub", private_dns=False)
    build.table("rt-hub", "hub", "hub-ends")
    by_peering = "transit_gateways" not in build.kinds() or dice.chance(50)
    link = "pcx-hub" if by_peering else "tgw"
    build.peering("pcx-hub", "main", "hub", active=dice.chance(90))
    if not by_peering:
        build.attach("hub", "hub-ends")
        if dice.chance(70) and "transit_tables" in build.kinds():
            build.propagate("att-hub", "tgw-rtb")
    for zone in ZONES:
        if dice.chance(90):
            build.route(f"rt-app-{zone}", "10.200.0.0/16", link)
    if dice.chance(85):
        build.route("rt-hub", "10.0.0.0/16", link)
    name = "dkr.ecr.us-east-1.amazonaws.com"
    build.zone(name, *(["main"] if dice.chance(90) else ["hub"]), key="zone-hub", any="vpce-hub")
