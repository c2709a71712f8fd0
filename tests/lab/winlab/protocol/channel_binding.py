# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Channel binding of a logon to the TLS connection around it (RFC 5929, tls-server-end-point), as the setting CbtHardeningLevel has it."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes

NONE, RELAXED, STRICT = LEVELS = ("none", "relaxed", "strict")
_WEAK = ("md5", "sha1")
_ABSENT = bytes(16)
"""What a client without bindings may send in the place of their hash (MS-NLMP 2.2.2.1)."""


def server_end_point(certificate: x509.Certificate) -> bytes:
    """What binds to a certificate: the hash of all of it, by the function of its signature, or SHA-256 for MD5 and SHA-1."""
    found = certificate.signature_hash_algorithm
    function = hashes.SHA256() if found is None or found.name in _WEAK else found
    return b"tls-server-end-point:" + certificate.fingerprint(function)


@dataclass(frozen=True)
class ChannelBinding:
    """What a machine expects of logons over one of its TLS connections."""

    level: str
    application_data: bytes

    @property
    def is_checked(self) -> bool:
        """Whether other bindings are refused."""
        return self.level != NONE

    @property
    def is_required(self) -> bool:
        """Whether a logon without bindings is refused."""
        return self.level == STRICT

    def admits(self, shown: bytes | None) -> bool:
        """Whether NTLM gets in with this hash of its bindings."""
        if not self.is_checked:
            return True
        if shown is None or shown == _ABSENT:
            return not self.is_required
        return shown == self.ntlm_hash()

    def ntlm_hash(self) -> bytes:
        """MD5 of gss_channel_bindings_struct (RFC 2744 3.11) without addresses."""
        fields = struct.pack("<IIIII", 0, 0, 0, 0, len(self.application_data))
        return hashlib.md5(fields + self.application_data, usedforsecurity=False).digest()
