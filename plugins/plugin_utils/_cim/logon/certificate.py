# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Client certificates: what is wrong with one, and what it means if the machine ends the connection because of it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timezone

with suppress(ImportError):  # both libraries of the connections require it
    from cryptography import x509

_ENCRYPTED_KEY = (b"-----BEGIN ENCRYPTED PRIVATE KEY-----", b"Proc-Type: 4,ENCRYPTED")
_ALERTS = {
    "TLSV1_ALERT_UNKNOWN_CA": "the machine does not trust its issuer",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "it is expired",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "it is revoked",
    "SSLV3_ALERT_BAD_CERTIFICATE": "it is not valid",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": "it is not for client authentication",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "the machine did not give a reason",
    "TLSV1_ALERT_ACCESS_DENIED": "the machine did not give a reason",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "the machine did not receive one",
}
"""By OpenSSL's name of the alert that the machine sent (RFC 8446 6.2)."""
REFUSED_STEP = (
    "Check that the certificate is for client authentication, and that the store Trusted Root Certification Authorities of the machine"
    " contains its issuer."
)
DROPPED_STEP = (
    "If it fails again and the machine has Windows Server 2022, Windows 11, or a newer version: over TLS 1.3, some versions close the"
    " connection when WinRM requests the client certificate. Disable TLS 1.3 for the WinRM port, or use another authentication method."
)
"""After :data:`NEXT_WHEN_DROPPED`. From public reports: ansible/ansible issues 77768, 79432, and 81197, ansible.windows issue 333."""


def refusal_by_tls(reason: str | None) -> str | None:
    """Return why the machine refused a certificate during the handshake, by OpenSSL's name of the failure; None for another failure."""
    return _ALERTS.get(reason or "")


def is_encrypted(key: bytes) -> bool:
    """Return whether a private key in PEM format has a passphrase."""
    return any(mark in key for mark in _ENCRYPTED_KEY)


def period_problem(certificate: bytes, now: datetime | None = None) -> str | None:
    """Return why a certificate in PEM format is not valid now, or None. A certificate that cannot be read has no problem here."""
    try:
        read = x509.load_pem_x509_certificate(certificate)
    except (NameError, ValueError):
        return None
    now = now or datetime.now(timezone.utc)
    first, last = (_utc(read, name) for name in ("not_valid_before", "not_valid_after"))
    if now > last:
        return f"expired on {last:%Y-%m-%d %H:%M} UTC"
    return f"is not valid before {first:%Y-%m-%d %H:%M} UTC" if now < first else None


def _utc(certificate: x509.Certificate, name: str) -> datetime:
    """Return a date of a certificate; versions of cryptography before 42 have dates without a time zone only."""
    found: datetime | None = getattr(certificate, f"{name}_utc", None)
    return found if found is not None else getattr(certificate, name).replace(tzinfo=timezone.utc)


__all__ = ["DROPPED_STEP", "REFUSED_STEP", "is_encrypted", "period_problem", "refusal_by_tls"]
