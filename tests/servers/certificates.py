# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certification authority of the tests, and the certificates of servers."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


class Authority:
    """An authority with a key of its own; `path` is its certificate as PEM."""

    def __init__(self, folder: Path, name: str = "authority of the tests") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        basic = x509.BasicConstraints(ca=True, path_length=0)
        certificate = self._builder(self._name, self._key.public_key()).add_extension(basic, critical=True).sign(self._key, hashes.SHA256())
        self.path = folder / f"{name.replace(' ', '-')}.pem"
        self.path.write_bytes(_pem(certificate))

    def issue(self, host: str) -> tuple[Path, Path]:
        """The certificate of a host and its key, which only its owner can read."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        signed = self._builder(_named(host), key.public_key()).add_extension(names, critical=False).sign(self._key, hashes.SHA256())
        certificate, secret = self._folder / f"{host}.pem", self._folder / f"{host}.key"
        certificate.write_bytes(_pem(signed))
        secret.touch(mode=0o600)
        secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return certificate, secret

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.now(timezone.utc)
        builder = x509.CertificateBuilder(self._name, subject, key, x509.random_serial_number(), now - _DAY, now + 30 * _DAY)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        own = x509.SubjectKeyIdentifier.from_public_key(key)
        return builder.add_extension(own, critical=False).add_extension(identifier, critical=False)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
