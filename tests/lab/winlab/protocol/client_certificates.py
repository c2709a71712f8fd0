# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Client certificates for WinRM: two authorities that machines trust, and what a machine makes of the certificate of a connection.

A machine maps a certificate to a local account by its issuer and its user principal name (MS-WSMV 2.2.4.3). It trusts both authorities,
but its mappings name the first one only.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from winlab.interfaces import CertificateMapping
from winlab.protocol.sealing import Accounts
from winlab.protocol.transport_faults import Dropped

MUTUAL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"
"""What a client puts into the header Authorization to log on by its certificate (DSP0226 C.3.5)."""
SUBJECT = "labadmin@localhost"
PASSPHRASE = "Lab-Passphrase"
_UPN = ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
_DAY = timedelta(days=1)
_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME: the machine looks at the dates itself, so that it can answer."""
_WAIT_SECONDS = 1.0
_LOOK_SECONDS = 0.005


def _named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "winlab"), x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


class _Issuer:
    """An authority of client certificates."""

    def __init__(self, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _named(name)
        ca = [(x509.BasicConstraints(ca=True, path_length=0), True)]
        self.certificate = self.sign(self.name, self.key.public_key(), ca, (-_DAY, 30 * _DAY))

    def sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        extensions: Sequence[tuple[x509.ExtensionType, bool]],
        valid: tuple[timedelta, timedelta],
    ) -> x509.Certificate:
        now = datetime.now(timezone.utc)
        builder = x509.CertificateBuilder(self.name, subject, key, x509.random_serial_number(), now + valid[0], now + valid[1])
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self.key, hashes.SHA256())


class ClientAuthorities:
    """Makes the files of a folder: NAME.pem and NAME.key for each of :data:`CERTIFICATES`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._clients, others, unknown = (_Issuer(f"winlab {name}") for name in ("clients", "other clients", "unknown clients"))
        self.path = folder / "authorities"
        """The authorities that machines trust, as PEM."""
        self.path.write_bytes(_pem(self._clients.certificate) + _pem(others.certificate))
        self._write("mapped", self._clients)
        self._write("unmapped", self._clients, upn="somebody@localhost")
        self._write("no_upn", self._clients, upn="")
        self._write("expired", self._clients, valid=(-3 * _DAY, -2 * _DAY))
        self._write("other_authority", others)
        self._write("unknown_authority", unknown)
        self._write("with_passphrase", self._clients, passphrase=PASSPHRASE)

    def _write(
        self,
        name: str,
        issuer: _Issuer,
        *,
        upn: str = SUBJECT,
        valid: tuple[timedelta, timedelta] = (-_DAY, 20 * _DAY),
        passphrase: str = "",
    ) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        extensions: list[tuple[x509.ExtensionType, bool]] = [(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)]
        if upn:
            text = upn.encode()
            principal = x509.OtherName(_UPN, b"\x0c" + bytes([len(text)]) + text)  # a UTF8String
            extensions.append((x509.SubjectAlternativeName([principal]), False))
        made = issuer.sign(_named(name), key.public_key(), extensions, valid)
        (self._folder / f"{name}.pem").write_bytes(_pem(made))
        how = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
        secret = self._folder / f"{name}.key"
        secret.touch(mode=0o600)
        secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how))

    def admit(self, context: ssl.SSLContext) -> None:
        """Have a machine ask for certificates: in the handshake of TLS 1.2, and with the request in TLS 1.3."""
        context.load_verify_locations(self.path)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags = ssl.VerifyFlags(context.verify_flags | _NO_CHECK_TIME)
        context.post_handshake_auth = True

    def user_of(self, certificate: bytes | None, mappings: Sequence[CertificateMapping], accounts: Accounts) -> str | None:
        """The account of a connection's certificate in DER; None where the machine does not let it in."""
        if certificate is None:
            return None
        shown = x509.load_der_x509_certificate(certificate)
        is_valid = shown.not_valid_before_utc <= datetime.now(timezone.utc) <= shown.not_valid_after_utc
        if shown.issuer != self._clients.name or not is_valid:
            return None
        upn = _upn_of(shown)
        for mapping in mappings:
            if mapping.enabled and mapping.password_is_current and upn is not None and mapping.fits(upn):
                is_open = accounts.password_of(mapping.user) is not None and accounts.refusal_of(mapping.user) is None
                return mapping.user if is_open else None
        return None


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _upn_of(certificate: x509.Certificate) -> str | None:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
    values = (name.value for name in names if isinstance(name, x509.OtherName) and name.type_id == _UPN)
    return next((value[2:].decode() for value in values), None)


async def certificate_of(transport: asyncio.BaseTransport, *, post_handshake: bool) -> bytes | None:
    """The certificate of a client in DER. Over TLS 1.3 it is asked for now; a client that did not offer this loses its connection.

    Raises :class:`Dropped`, too, where the machine cannot ask (`post_handshake` is false).
    """
    connection: ssl.SSLObject = transport.get_extra_info("ssl_object")
    shown = connection.getpeercert(binary_form=True)
    if shown is not None or connection.version() != "TLSv1.3":
        return shown
    if not post_handshake:
        raise Dropped
    try:
        connection.verify_client_post_handshake()
    except ssl.SSLError:
        raise Dropped from None
    # The question goes out with the next bytes, and a client passes over an interim answer.
    transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")  # type: ignore[attr-defined]
    for _look in range(int(_WAIT_SECONDS / _LOOK_SECONDS)):
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            shown = connection.getpeercert(binary_form=True)
        except ValueError:  # the client ended the connection instead
            raise Dropped from None
        if shown is not None:
            break
    return shown
