"""The program of the canary, against servers on loopback addresses and a resolver of the test's.

127.0.0.0/8 stands for the VPC: each of its addresses may be an interface of its own.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import http.server
import ipaddress
import json
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from privatelane.observability import _canary_program
from privatelane.observability.endpoint_canary import program

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
API = "api.ecr.eu-west-1.amazonaws.com"
S3 = "s3.eu-west-1.amazonaws.com"
#: Of AWS, and never called.
PUBLIC = "52.95.0.1"


class Authority:
    """A certificate authority of the test's own, and what it signs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
        self.certificate = self._signed(self._name, self._key.public_key(), ca=True, names=[])
        self.file = folder / "ca.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, *names: str) -> ssl.SSLContext:
        """What a server with those names needs."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
        certificate = self._signed(subject, key.public_key(), ca=False, names=names)
        file = self._folder / f"{names[0].strip('*.')}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def trusted(self) -> ssl.SSLContext:
        """What a client that trusts this authority needs."""
        return ssl.create_default_context(cafile=str(self.file))

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, ca: bool, names: Sequence[str]
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.timezone.utc)
        built = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
        )
        if ca:
            built = built.add_extension(
                x509.KeyUsage(
                    digital_signature=True,
                    content_commitment=False,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    key_cert_sign=True,
                    crl_sign=True,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
        if names:
            alternatives = x509.SubjectAlternativeName([x509.DNSName(one) for one in names])
            built = built.add_extension(alternatives, critical=False)
        return built.sign(self._key, hashes.SHA256())


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(403)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's
        pass


class _Server(http.server.ThreadingHTTPServer):
    """Says nothing of clients that hang up because they do not trust it."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextlib.contextmanager
def serving(context: ssl.SSLContext, address: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    server = _Server((address, port), _Answer)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Names and addresses that the resolver is to know, and nothing else."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def fake(host: str, port: Any, *args: Any, **more: Any) -> Any:
        with contextlib.suppress(ValueError):
            ipaddress.ip_address(host)
            return real(host, port, *args, **more)
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", fake)
    return known


def examined(
    authority: Authority, host: str | None, port: int, kind: str = "interface", **settings: Any
) -> dict[str, Any]:
    """The finding about one endpoint, and that the status says the same."""
    lines: list[str] = []
    checks = [{"service": "one", "host": host, "kind": kind, "port": port, "path": "/"}]
    given = {"vpc": ["127.0.0.0/8"], "egress": "none", "timeout": 2, "checks": checks, **settings}
    environ = {_canary_program.CHECKS: json.dumps(given), _canary_program.ZONE: "euw1-az1"}
    status = _canary_program.main(environ, lines.append, authority.trusted())
    found: dict[str, Any] = json.loads(lines[0])
    (done,) = map(json.loads, lines[1:])
    bad = found["verdict"] in ("public", "unreachable", "unresolved")
    assert status == int(bad)
    assert done == {"canary": 1, "zone": "euw1-az1", "done": 1, "bad": int(bad)}
    assert (found["canary"], found["zone"], found["service"]) == (1, "euw1-az1", "one")
    return found


def test_an_interface_endpoint_is_private_when_its_name_resolves_into_the_vpc_and_answers(
    authority: Authority, names: dict[str, list[str]]
) -> None:
    names[API] = ["127.0.0.1"]
    with serving(authority.server(API)) as port:
        found = examined(authority, API, port)
    assert (found["verdict"], found["statuses"], found["addresses"]) == (
        "private",
        [403],
        ["127.0.0.1"],
    )


def test_the_registry_is_judged_by_the_name_of_an_account_below_the_wildcard(
    authority: Authority, names: dict[str, list[str]]
) -> None:
    names[ECR] = ["127.0.0.1"]
    with serving(authority.server("*.dkr.ecr.eu-west-1.amazonaws.com")) as port:
        assert examined(authority, ECR, port)["verdict"] == "private"


def test_the_registry_s_name_without_an_account_is_not_covered_by_its_certificate(
    authority: Authority, names: dict[str, list[str]]
) -> None:
    """So a check of that name, which one article makes, cannot succeed."""
    apex = ECR.partition(".")[2]
    names[apex] = ["127.0.0.1"]
    with serving(authority.server("*.dkr.ecr.eu-west-1.amazonaws.com")) as port:
        found = examined(authority, apex, port)
    assert found["verdict"] == "unreachable"
    assert "certificate" in found["reason"]


def test_one_address_outside_the_vpc_is_enough_to_be_public_and_is_not_called(
    authority: Authority, names: dict[str, list[str]]
) -> None:
    names[API] = ["127.0.0.1", PUBLIC]
    found = examined(authority, API, 1)
    assert found["verdict"] == "public"
    assert PUBLIC in found["reason"]
    assert "127.0.0.1" not in found["reason"]
    assert found["statuses"] == []


def test_every_interface_must_answer(authority: Authority, names: dict[str, list[str]]) -> None:
    names[API] = ["127.0.0.1", "127.0.0.2"]
    with serving(authority.server(API)) as port:
        found = examined(authority, API, port)
        assert found["verdict"] == "unreachable"
        assert found["reason"].startswith("does not answer (127.0.0.2: ")
        assert found["statuses"] == [403]
        with serving(authority.server(API), "127.0.0.2", port):
            assert examined(authority, API, port)["verdict"] == "private"


def test_another_service_behind_the_address_is_no_answer(
    authority: Authority, names: dict[str, list[str]]
) -> None:
    names[API] = ["127.0.0.1"]
    with serving(authority.server("other.example.com")) as port:
        found = examined(authority, API, port)
    assert found["verdict"] == "unreachable"


def test_a_name_that_nobody_knows_is_unresolved(
    authority: Authority, names: dict[str, list[str]]
) -> None:
    found = examined(authority, API, 1)
    assert (found["verdict"], found["addresses"]) == ("unresolved", [])
    assert names == {}


# Gateway endpoints: the address says nothing, as S3 keeps its public ones.


def gateway(authority: Authority, **settings: Any) -> dict[str, Any]:
    with serving(authority.server(S3)) as port:
        return examined(authority, S3, port, "gateway", vpc=["10.0.0.0/16"], **settings)


def test_a_public_address_of_s3_that_answers_is_private_where_there_is_no_other_way(
    authority: Authority, names: dict[str, list[str]]
) -> None:
    names[S3] = ["127.0.0.1"]
    assert gateway(authority)["verdict"] == "private"


@pytest.mark.parametrize("egress", ["nat", "internet-gateway"])
def test_an_answer_proves_nothing_where_there_is_another_way(
    authority: Authority, names: dict[str, list[str]], egress: str
) -> None:
    names[S3] = ["127.0.0.1"]
    found = gateway(authority, egress=egress)
    assert found["verdict"] == "reached"
    assert egress in found["reason"]
    assert "traffic-path 7" in found["reason"]


def test_s3_that_resolves_into_the_vpc_is_told_to_be_an_interface(
    authority: Authority, names: dict[str, list[str]]
) -> None:
    names[S3] = ["127.0.0.1"]
    with serving(authority.server(S3)) as port:
        found = examined(authority, S3, port, "gateway")
    assert found["verdict"] == "private"
    assert "interface endpoint takes" in found["reason"]


def test_a_gateway_endpoint_that_is_not_routed_to_does_not_answer(
    authority: Authority, names: dict[str, list[str]]
) -> None:
    names[S3] = ["127.0.0.1"]
    with serving(authority.server(S3)) as port:
        pass
    found = examined(authority, S3, port, "gateway", vpc=["10.0.0.0/16"])
    assert found["verdict"] == "unreachable"


def test_one_of_many_addresses_of_s3_stands_for_all(
    authority: Authority, names: dict[str, list[str]]
) -> None:
    names[S3] = ["127.0.0.1", PUBLIC]
    assert gateway(authority)["verdict"] == "private"


def test_a_service_whose_host_is_not_known_is_unknown_and_no_failure(authority: Authority) -> None:
    found = examined(authority, None, 443)
    assert found["verdict"] == "unknown"
    assert "give it in hosts" in found["reason"]


def test_the_program_runs_by_itself_on_nothing_but_the_standard_library(tmp_path: Path) -> None:
    """As the container starts it: `-I` keeps our packages away, `-c` hands over its text."""
    checks = [{"service": "x", "host": None, "kind": "interface", "port": 443, "path": "/"}]
    settings: Mapping[str, Any] = {"vpc": [], "egress": "none", "timeout": 1, "checks": checks}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program()],
        env={_canary_program.CHECKS: json.dumps(settings), _canary_program.ZONE: "z"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [json.loads(line).get("verdict") for line in done.stdout.splitlines()] == [
        "unknown",
        None,
    ]
    assert done.stderr == ""
