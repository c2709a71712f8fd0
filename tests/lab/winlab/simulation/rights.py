# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of a machine and what they may do. The facts, and where they are silent, are in README.md under Rights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

ENABLE, REMOTE_ENABLE, EXECUTE_METHODS, PROVIDER_WRITE = "enable", "remote_enable", "execute_methods", "provider_write"
PERMISSIONS = (ENABLE, REMOTE_ENABLE, EXECUTE_METHODS, PROVIDER_WRITE)
"""Permissions of a WMI namespace, by the names of the dialog in which they are set."""

_READ = frozenset({ENABLE, REMOTE_ENABLE})
_USUAL = frozenset({ENABLE, EXECUTE_METHODS, PROVIDER_WRITE})
"""What every user has in every namespace of a new Windows: all but the way in from the network."""


@dataclass(frozen=True)
class Rights:
    """What an account may do. An administrator may do everything, and nothing else here counts for it."""

    administrator: bool = False
    filtered: bool = False
    """A local account whose network logons remote UAC makes those of a standard user, unless the machine says otherwise."""
    remote_management: bool = False
    """Member of Remote Management Users, which WinRM lets in from Windows 8 and Server 2012 on."""
    namespaces: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({"root": _USUAL}))
    """Permissions by namespace in lower case; what is said of `root` counts for all that are not named."""
    event_logs: bool = False
    """Member of Event Log Readers."""
    services: bool = False
    """Whether the service control manager shows it the services over the network."""
    registry: bool = True
    """Whether it can read HKEY_LOCAL_MACHINE."""

    def permits(self, namespace: str, *wanted: str) -> bool:
        """Whether the account has all of these permissions in a namespace (in lower case, with slashes)."""
        return self.administrator or frozenset(wanted) <= self.namespaces.get(namespace, self.namespaces.get("root", frozenset()))

    def without_administrator(self) -> Rights:
        """The rights of a token that remote UAC has filtered."""
        return replace(self, administrator=False)


ADMINISTRATOR = Rights(administrator=True)
NOBODY = Rights()
PRESETS: Mapping[str, Rights] = {
    "administrator": ADMINISTRATOR,
    "local_administrator": Rights(administrator=True, filtered=True),
    "operator": Rights(
        remote_management=True, namespaces={"root": _READ | {EXECUTE_METHODS, PROVIDER_WRITE}}, event_logs=True, services=True
    ),
    "reader": Rights(
        remote_management=True,
        namespaces={"root/cimv2": _READ, "root/default": _READ | {EXECUTE_METHODS}, "root/standardcimv2": _READ, "root": frozenset()},
        event_logs=True,
    ),
    "remote_user": Rights(remote_management=True),
    "user": NOBODY,
}
"""Rights by the names that an estate file has for them."""


ACCOUNT_STATES = {
    "locked": 0xC0000234, "disabled": 0xC0000072, "expired": 0xC0000193, "password_expired": 0xC0000071,
    "password_must_change": 0xC0000224, "no_network_logon": 0xC000015B,
}  # fmt: skip
"""NTSTATUS of accounts that cannot log on (MS-ERREF 2.3.1)."""


@dataclass(frozen=True)
class Account:
    """An account of a machine."""

    password: str = field(repr=False)
    rights: Rights = ADMINISTRATOR
    kind: str = "administrator"
    """The name of its rights in the estate file."""
    refusal: int | None = None
    """The NTSTATUS with which Windows refuses it although its password is right."""
