# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS to a domain controller: the trusted CAs, and the meaning of a failed handshake.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

There is no way to connect without verification of the certificate and of the name.
"""

from __future__ import annotations

import ssl
from datetime import datetime, timezone

from .errors import DirectoryError, DirectoryUnreachableError, shown

_NOT_YET_VALID, _EXPIRED = 9, 10
_OTHER_NAME, _OTHER_ADDRESS = 62, 64
_TIME = (_NOT_YET_VALID, _EXPIRED)
_NAMES = (_OTHER_NAME, _OTHER_ADDRESS)


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Return the settings of TLS. Raises DirectoryError if the file cannot be used."""
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:  # ValueError: a path with a null byte
        reason = shown(getattr(error, "strerror", None) or getattr(error, "reason", None) or type(error).__name__)
        raise DirectoryError("directory_tls_failed", f"The file is {shown(str(ca_file))}: {reason}.", subcode="ca_file") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def handshake_error(error: Exception, peer: str, name: str) -> DirectoryError:
    """Return the error of a failed handshake with a server."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate_error(error, peer, name)
    if isinstance(error, TimeoutError):
        return DirectoryUnreachableError("directory_timeout", f"{peer} did not complete the TLS handshake.")
    if isinstance(error, ssl.SSLError):
        return DirectoryError("directory_tls_failed", f"{peer}: {shown(error.reason or error.strerror or type(error).__name__)}.")
    if isinstance(error, OSError):
        reason = shown(error.strerror or type(error).__name__)
        return DirectoryError("directory_tls_failed", f"{peer} ended the connection in the TLS handshake: {reason}.")
    return DirectoryError("directory_tls_failed", f"{peer}: {shown(name)} cannot be the name in a certificate.", subcode="name")


def _certificate_error(error: ssl.SSLCertVerificationError, peer: str, name: str) -> DirectoryError:
    reason = shown(error.verify_message).rstrip(".")
    if error.verify_code in _TIME:
        now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
        return DirectoryError("directory_tls_failed", f"{peer}: {reason}. The clock of the controller shows {now}.", subcode="time")
    if error.verify_code in _NAMES:
        return DirectoryError("directory_tls_failed", f"{peer}: {reason}. The name in the task is {shown(name)}.", subcode="name")
    return DirectoryError("directory_tls_failed", f"{peer}: {reason}.", subcode="untrusted")


__all__ = ["handshake_error", "tls_context"]
