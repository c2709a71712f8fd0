# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own certificate authority and a certificate per machine, made when the first client connects."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_VALID = timedelta(days=30)
_CLOCK_SKEW = timedelta(days=1)


def _named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "winlab"), x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


class Authority:
    """Signs machine certificates. The keys live for one run; `path` is the CA certificate as PEM."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = folder / "ca.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("winlab test authority")
        key_usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        self._certificate = self._sign(
            self._name, self._key.public_key(), [(x509.BasicConstraints(ca=True, path_length=0), True), (key_usage, True)]
        )
        self.path.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def _sign(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, extensions: list[tuple[x509.ExtensionType, bool]]
    ) -> x509.Certificate:
        now = datetime.now(timezone.utc)
        builder = x509.CertificateBuilder(self._name, subject, key, x509.random_serial_number(), now - _CLOCK_SKEW, now + _VALID)
        authority_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        for extension, critical in [*extensions, (x509.SubjectKeyIdentifier.from_public_key(key), False), (authority_id, False)]:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self._key, hashes.SHA256())

    def issue(self, name: str, address: str) -> Path:
        """Certificate and key of one machine as a PEM file; all machines share one key to be quick."""
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address)), x509.DNSName(name.lower())])
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        basic = x509.BasicConstraints(ca=False, path_length=None)
        leaf = self._sign(_named(name), self._leaf_key.public_key(), [(names, False), (usage, False), (basic, True)])
        path = self._folder / f"{address}.pem"
        path.touch(mode=0o600)
        key = self._leaf_key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path.write_bytes(key + leaf.public_bytes(serialization.Encoding.PEM))
        return path


class LazyContext(ssl.SSLContext):
    """A server context that gets its certificate when the first client connects."""

    _authority: Authority
    _owner: tuple[str, str] | None

    @classmethod
    def of(cls, authority: Authority, name: str, address: str) -> LazyContext:
        """The context of one machine."""
        context = cls(ssl.PROTOCOL_TLS_SERVER)
        context._authority = authority
        context._owner = (name, address)
        return context

    def wrap_bio(self, *arguments: Any, **options: Any) -> ssl.SSLObject:
        """Called by asyncio for every accepted connection."""
        if self._owner is not None:
            self.load_cert_chain(self._authority.issue(*self._owner))
            self._owner = None
        return super().wrap_bio(*arguments, **options)
