# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own certificate authority and a certificate per machine, made when the first client connects."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from winlab.protocol.channel_binding import server_end_point

_VALID = timedelta(days=30)
_CLOCK_SKEW = timedelta(days=1)


FUNCTIONS: dict[str, hashes.SHA256 | hashes.SHA384 | hashes.SHA512] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
"""Hash functions of the signature of a certificate."""


@dataclass(frozen=True)
class Owner:
    """Whom a certificate is for, and the hash function of its signature. `suffix` tells files with the same address apart."""

    name: str
    address: str
    function: str = "sha256"
    suffix: str = ""
    tls_1_3: bool = True
    with_address: bool = True
    """Whether it is for the address, too, and not for the name alone."""


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
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        extensions: list[tuple[x509.ExtensionType, bool]],
        function: str = "sha256",
    ) -> x509.Certificate:
        now = datetime.now(timezone.utc)
        builder = x509.CertificateBuilder(self._name, subject, key, x509.random_serial_number(), now - _CLOCK_SKEW, now + _VALID)
        authority_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        for extension, critical in [*extensions, (x509.SubjectKeyIdentifier.from_public_key(key), False), (authority_id, False)]:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self._key, FUNCTIONS[function])

    def issue(self, owner: Owner) -> tuple[Path, x509.Certificate]:
        """Certificate and key of one machine as a PEM file, and the certificate; all machines share one key to be quick."""
        name, address = owner.name, owner.address
        addresses = [x509.IPAddress(ipaddress.ip_address(address))] if owner.with_address else []
        names = x509.SubjectAlternativeName([*addresses, x509.DNSName(name.lower())])
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        basic = x509.BasicConstraints(ca=False, path_length=None)
        leaf = self._sign(_named(name), self._leaf_key.public_key(), [(names, False), (usage, False), (basic, True)], owner.function)
        path = self._folder / f"{address}{owner.suffix}.pem"
        path.touch(mode=0o600)
        key = self._leaf_key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path.write_bytes(key + leaf.public_bytes(serialization.Encoding.PEM))
        return path, leaf


class LazyContext(ssl.SSLContext):
    """A server context that gets its certificate when the first client connects."""

    _authority: Authority
    _owner: Owner | None
    end_point: bytes
    """What logons over its connections are bound to; there once a client connected."""

    @classmethod
    def of(cls, authority: Authority, owner: Owner) -> LazyContext:
        """The context of one machine."""
        context = cls(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_3 if owner.tls_1_3 else ssl.TLSVersion.TLSv1_2
        context._authority = authority
        context._owner = owner
        return context

    def wrap_bio(self, *arguments: Any, **options: Any) -> ssl.SSLObject:
        """Called by asyncio for every accepted connection."""
        if self._owner is not None:
            path, certificate = self._authority.issue(self._owner)
            self.load_cert_chain(path)
            self.end_point = server_end_point(certificate)
            self._owner = None
        return super().wrap_bio(*arguments, **options)
