"""The canary: resolves and calls each endpoint from inside a subnet, and tells what it found.

It runs in a container of its own, so it is one file, needs nothing but Python's standard library,
and is handed its checks in the environment. Each finding is one line of JSON on standard output.

What proves that a way is private differs by the kind of endpoint. An interface endpoint has
addresses of the VPC, and the public name must resolve to nothing else; for the registry that is the
wildcard name of an account. A gateway endpoint is a route: its services keep their public
addresses, so an answer shows that they are reached, and only where there is no other way out of the
subnet that they are reached privately.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import socket
import ssl
import sys
import time
from concurrent.futures import ThreadPoolExecutor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

#: Environment variables: the checks, as JSON, and the zone that this task runs in.
CHECKS, ZONE = "CANARY_CHECKS", "CANARY_ZONE"

#: Findings that stand for a way that is not private, or for none.
BAD = frozenset({"public", "unreachable", "unresolved"})

_AT_ONCE = 8


def resolve(host: str, port: int, *, ipv6: bool) -> list[str]:
    """Return the addresses of `host`, as the resolver of the VPC tells them."""
    family = socket.AF_UNSPEC if ipv6 else socket.AF_INET
    found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
    return sorted({str(one[4][0]) for one in found})


def call(address: str, check: Mapping[str, Any], context: ssl.SSLContext, timeout: float) -> int:
    """Return the status of the service's answer to an unsigned request, whatever it is.

    The certificate must be the name's: another service behind the address is no answer.
    """
    host, port = check["host"], check["port"]
    with (
        socket.create_connection((address, port), timeout) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
        connection.sock = secured
        connection.request("GET", check.get("path", "/"), headers={"Connection": "close"})
        return connection.getresponse().status


def attempt(
    address: str, check: Mapping[str, Any], context: ssl.SSLContext, timeout: float
) -> int | str:
    """Return the status of an answer, or why there is none."""
    try:
        return call(address, check, context, timeout)
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__


def judged(
    check: Mapping[str, Any],
    settings: Mapping[str, Any],
    addresses: Sequence[str],
    failures: Mapping[str, str],
) -> tuple[str, str]:
    """Return the verdict on one endpoint, and why.

    `failures` has an error for each address that was called and gave no answer.
    """
    ranges = [ipaddress.ip_network(one) for one in settings["vpc"]]
    outside = [
        one for one in addresses if not any(ipaddress.ip_address(one) in net for net in ranges)
    ]
    if check["kind"] == "interface" and outside:
        return "public", (
            f"resolves to {', '.join(outside)}, which is not in the VPC: private DNS is off, or the"
            " name is resolved elsewhere"
        )
    if failures:
        each = "; ".join(f"{address}: {why}" for address, why in failures.items())
        return "unreachable", f"does not answer ({each})"
    if check["kind"] == "interface":
        return "private", "resolves to addresses of the VPC only, and each of them answers"
    if not outside:
        return "private", (
            "resolves to addresses of the VPC: an interface endpoint takes what a gateway endpoint"
            " would carry for nothing"
        )
    if settings["egress"] == "none":
        return "private", "answers, and there is no other way to it out of this subnet"
    return "reached", (
        f"answers, but could also be reached by the {settings['egress']}; the flow logs tell, with"
        " traffic-path 7"
    )


def examine(
    check: Mapping[str, Any], settings: Mapping[str, Any], context: ssl.SSLContext
) -> dict[str, Any]:
    """Return the finding about one endpoint."""
    began = time.monotonic()
    found: dict[str, Any] = {"service": check["service"], "host": check["host"], "addresses": []}
    if check["host"] is None:
        return {**found, "verdict": "unknown", "reason": "its host is not known, give it in hosts"}
    ipv6 = any(":" in one for one in settings["vpc"])
    try:
        addresses = resolve(check["host"], check["port"], ipv6=ipv6)
    except OSError as error:
        return {**found, "verdict": "unresolved", "reason": f"does not resolve: {error}"}
    answers: dict[str, int | str] = {}
    verdict, reason = judged(check, settings, addresses, {})
    if verdict != "public":
        # Each interface is in a zone of its own and can fail alone; of S3's many addresses one
        # stands for all, as they share a route.
        called = addresses if check["kind"] == "interface" else addresses[:1]
        answers = {one: attempt(one, check, context, settings["timeout"]) for one in called}
        failures = {one: why for one, why in answers.items() if isinstance(why, str)}
        verdict, reason = judged(check, settings, addresses, failures)
    return {
        **found,
        "addresses": addresses,
        "statuses": sorted({one for one in answers.values() if isinstance(one, int)}),
        "milliseconds": round(1000 * (time.monotonic() - began)),
        "verdict": verdict,
        "reason": reason,
    }


def main(
    environ: Mapping[str, str],
    tell: Callable[[str], object],
    context: ssl.SSLContext | None = None,
) -> int:
    """Examine every endpoint and return 1 when one is bad, else 0."""
    settings = json.loads(environ[CHECKS])
    zone = environ.get(ZONE, "")
    trusted = context or ssl.create_default_context()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(lambda one: examine(one, settings, trusted), settings["checks"]))
    for one in found:
        tell(json.dumps({"canary": 1, "zone": zone, **one}, sort_keys=True))
    bad = sum(one["verdict"] in BAD for one in found)
    # Who reads the log knows by this line that it is whole.
    tell(json.dumps({"canary": 1, "zone": zone, "done": len(found), "bad": bad}, sort_keys=True))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(os.environ, lambda line: print(line, flush=True)))  # noqa: T201 - to its log
