# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paying once for what every worker process would pay at its first encrypted message.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

NTLM encrypts messages with RC4, for which OpenSSL looks up its legacy ciphers at the first use. Ansible imports an action
plugin in the process it forks its workers from; what is looked up there, no worker has to look up again.
"""

from __future__ import annotations

from contextlib import suppress

try:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.ciphers import Cipher

    try:
        from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
    except ImportError:  # its place up to cryptography 42
        from cryptography.hazmat.primitives.ciphers.algorithms import ARC4
except ImportError:  # without it there is no NTLM either
    HAS_CIPHERS = False
else:
    HAS_CIPHERS = True


def look_up() -> None:
    """Have OpenSSL find RC4 in this process; nothing happens where there is none, as in FIPS mode."""
    if HAS_CIPHERS:
        with suppress(UnsupportedAlgorithm):
            Cipher(ARC4(bytes(16)), mode=None).encryptor().update(b"-")


__all__ = ["HAS_CIPHERS", "look_up"]
