# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a machine of an estate file listens, and which client certificates are accounts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from ..interfaces import CertificateMapping
from .editions import Os
from .estate_file import Node
from .machine import Listen

_PORT_SETTINGS = ("http_port", "https_port", "inspection_port")
_FLAG_SETTINGS = ("basic", "ntlm", "allow_unencrypted", "certificate", "credssp", "tls_1_3", "post_handshake")
_LISTEN_CHOICES = {
    "connection": ("winrm", "psrp"),
    "scheme": ("http", "https"),
    "transport": ("basic", "plaintext", "ntlm", "ssl", "certificate", "kerberos", "credssp"),
    "cbt_hardening_level": ("none", "relaxed", "strict"),
    "credssp_tls": ("1.0", "1.2", "1.3"),
    "certificate_hash": ("sha256", "sha384", "sha512"),
}
_LISTEN = (*_PORT_SETTINGS, *_FLAG_SETTINGS, *_LISTEN_CHOICES)
_FIRST_TLS_1_3 = 20348
_TLS_1_2_UPDATE = "KB3080079"


def read_listen(node: Node, base: Listen) -> Listen:
    """Listen settings over defaults; a port may be null for closed."""
    given = node.mapping(_LISTEN)
    changes: dict[str, Any] = {}
    for name in given:
        child = node.child(name)
        if name in _PORT_SETTINGS:
            changes[name] = None if child.value is None else child.integer(1, 65535)
        elif name in _FLAG_SETTINGS:
            changes[name] = child.flag()
        else:
            changes[name] = child.one_of(*_LISTEN_CHOICES[name])
    return replace(base, **changes)


def of_release(listen: Listen, os: Os, updates: Collection[str]) -> Listen:
    """TLS 1.3 came with Windows Server 2022 and Windows 11, TLS 1.2 inside CredSSP with Windows 8 or an update."""
    has_1_3 = os.build >= _FIRST_TLS_1_3 if listen.tls_1_3 is None else listen.tls_1_3
    inside = "1.3" if has_1_3 else "1.2" if os.generation > (6, 1) or _TLS_1_2_UPDATE in updates else "1.0"
    return replace(listen, tls_1_3=has_1_3, credssp_tls=listen.credssp_tls or inside)


def read_mappings(node: Node) -> tuple[CertificateMapping, ...]:
    """Entries of the mapping table; without the entry, one for the lab's certificate named mapped."""
    if node.value is None:
        return (CertificateMapping("labadmin@localhost", "LabAdmin"),)
    found = []
    for entry in node.items():
        entry.mapping(("subject", "user", "enabled", "password_is_current"))
        found.append(
            CertificateMapping(
                entry.child("subject").text(),
                entry.child("user").text(),
                entry.child("enabled", True).flag(),
                entry.child("password_is_current", True).flag(),
            )
        )
    return tuple(found)
