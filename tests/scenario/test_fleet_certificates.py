# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines with client certificates in one task: each logs on with its own certificate, and a server that refuses it is explained.

The lab sends no alerts. This server reads the certificate of each connection, and refuses all of them.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from explained import assert_explained

from .harness import FQCN, Lab

ESTATE = "connections.yml"
MODULE = f"{FQCN}.activation_fleet_info"
ADDRESS = "127.0.0.1"
DAY = timedelta(days=1)
WITH_CERTIFICATE = ("winrm-a", "winrm-b", "psrp-a", "psrp-b")
REFUSAL = b"HTTP/1.1 401 \r\nWWW-Authenticate: Basic realm=x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for a client or the server, and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder(
            subject, subject, key.public_key(), x509.random_serial_number(), now - timedelta(days=1), now + timedelta(days=1)
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, key_pem = folder / f"{name}.pem", folder / f"{name}.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key_pem.write_bytes(secret)
    return pem, key_pem


class Server:
    """Accepts TLS connections with a client certificate of a CA, keeps the path of each request and the name in the certificate."""

    def __init__(self, pair: tuple[Path, Path], authorities: Path) -> None:
        self.seen: set[tuple[str, str]] = set()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*pair)
        self._context.maximum_version = ssl.TLSVersion.TLSv1_2  # an alert of TLS 1.3 comes with the answer, or is lost
        self._context.verify_mode = ssl.CERT_OPTIONAL
        self._context.load_verify_locations(authorities)
        self._socket = socket.create_server((ADDRESS, 0))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                opened, _ = self._socket.accept()
                threading.Thread(target=self._answer, args=(opened,), daemon=True).start()

    def _answer(self, opened: socket.socket) -> None:
        with suppress(OSError), self._context.wrap_socket(opened, server_side=True) as secure:
            data, body = b"", 0
            while b"\r\n\r\n" not in data or len(data.partition(b"\r\n\r\n")[2]) < body:
                data += secure.recv(65536)
                length = re.search(rb"(?i)content-length: *(\d+)", data)
                body = int(length.group(1)) if length else 0
            shown = secure.getpeercert() or {}
            names = [value for parts in shown.get("subject", ()) for key, value in parts if key == "commonName"]
            self.seen.add((data.split()[1].decode().strip("/"), names[0] if names else ""))
            secure.sendall(REFUSAL)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    pairs = {name: certificate(tmp_path, name) for name in ("server", *WITH_CERTIFICATE)}
    certificate(tmp_path, "stranger")  # of an authority that the server does not trust
    authorities = tmp_path / "authorities.pem"
    authorities.write_text("".join(pem.read_text(encoding="ascii") for pem, _key in pairs.values()), encoding="ascii")
    found = Server(pairs["server"], authorities)
    yield found
    found.close()


def machines(folder: Path, port: int) -> dict[str, dict[str, Any]]:
    """Machines at one address, which differ in the path of their URL and in their certificate."""
    hosts: dict[str, dict[str, Any]] = {}
    for name in WITH_CERTIFICATE:
        kind, pem, key = name.split("-")[0], str(folder / f"{name}.pem"), str(folder / f"{name}.key")
        hosts[name] = {"ansible_connection": kind, "ansible_host": ADDRESS, "ansible_port": port, f"ansible_{kind}_path": f"/{name}"}
        if kind == "winrm":
            hosts[name] |= {"ansible_winrm_transport": "certificate", "ansible_winrm_scheme": "https", "ansible_winrm_cert_pem": pem}
            hosts[name] |= {"ansible_winrm_cert_key_pem": key, "ansible_winrm_server_cert_validation": "ignore"}
        else:
            hosts[name] |= {"ansible_psrp_auth": "certificate", "ansible_psrp_protocol": "https", "ansible_psrp_certificate_pem": pem}
            hosts[name] |= {"ansible_psrp_certificate_key_pem": key, "ansible_psrp_cert_validation": "ignore"}
    for kind in ("winrm", "psrp"):
        hosts[f"{kind}-stranger"] = {
            name: str(value).replace(f"{kind}-a", "stranger") if "_pem" in name else value for name, value in hosts[f"{kind}-a"].items()
        }
    hosts["no-key"] = {**hosts["winrm-a"], "ansible_winrm_cert_key_pem": str(folder / "missing.key")}
    hosts["no-tls"] = {**hosts["winrm-a"], "ansible_winrm_scheme": "http"}
    hosts["no-psrp-key"] = {**hosts["psrp-a"], "ansible_psrp_certificate_key_pem": str(folder / "missing.key")}
    return hosts


@pytest.mark.smoke
def test_each_machine_shows_its_own_certificate_and_a_refusal_is_explained(lab: Lab, server: Server, tmp_path: Path) -> None:
    inventory = tmp_path / "certificates.yml"
    inventory.write_text(yaml.safe_dump({"certificates": {"hosts": machines(tmp_path, server.port)}}), encoding="utf-8")
    file = tmp_path / "records.jsonl"
    task = {MODULE: {"record_path": str(file), "fail_on_failed": False, "fail_on_unreachable": False}, "delegate_to": "localhost"}
    book = tmp_path / "book.yml"
    play = {"hosts": "certificates", "gather_facts": False, "tasks": [{"name": "Read", **task}]}
    book.write_text(yaml.safe_dump([play]), encoding="utf-8")
    lab.run(book, options=("-i", str(inventory)))
    assert server.seen == {(name, name) for name in WITH_CERTIFICATE}
    records = {line["inventory_hostname"]: line["result"] for line in map(json.loads, file.read_text(encoding="ascii").splitlines())}
    for name in WITH_CERTIFICATE:
        assert records[name]["unreachable"] is True
        assert f"/{name} refused the client certificate (HTTP 401)" in records[name]["msg"]
        assert "winrm/config/service/certmapping" in records[name]["msg"]
    for name in ("winrm-stranger", "psrp-stranger"):
        assert records[name]["unreachable"] is True
        assert "refused the client certificate: the machine does not trust its issuer. Check that" in records[name]["msg"]
    for name in ("no-key", "no-tls", "no-psrp-key"):
        assert (records[name]["failed"], records[name]["error"]["code"]) == (True, "connection_options")
    for record in records.values():
        assert_explained(record)
