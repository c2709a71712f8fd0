# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known about a domain controller and the connection to it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

from .messages import DirectoryEntry
from .names import domain_of

ROOT_ATTRIBUTES = (
    "configurationNamingContext",
    "schemaNamingContext",
    "rootDomainNamingContext",
    "defaultNamingContext",
    "dnsHostName",
    "currentTime",
    "isSynchronized",
    "supportedCapabilities",
    "supportedExtension",
    "domainControllerFunctionality",
    "forestFunctionality",
)
_PARTIAL_SECRETS = "1.2.840.113556.1.4.1920"
"""LDAP_CAP_ACTIVE_DIRECTORY_PARTIAL_SECRETS_OID: the server is a read-only domain controller (MS-ADTS, section 3.1.1.3.4.3)."""


@dataclass(frozen=True)
class RootDse:
    """The root entry of a domain controller (RFC 4512, section 5.1; MS-ADTS, section 3.1.1.3.2).

    `forest` is the DNS name of the root domain. The functional levels are their numbers, such as 7 for Windows Server 2016, or None.
    `current_time` is the clock of the domain controller, None if it did not tell.
    """

    configuration_naming_context: str
    schema_naming_context: str
    root_domain_naming_context: str
    default_naming_context: str
    dns_host_name: str
    forest: str
    current_time: datetime | None
    is_synchronized: bool
    is_read_only: bool
    extensions: tuple[str, ...]
    domain_controller_level: int | None
    forest_level: int | None


@dataclass(frozen=True)
class ConnectionFacts:
    """How the directory was reached.

    `protocol` is kerberos, ntlm, or simple. `security` is sealed, ldaps, or starttls, and `tls_version` None if it is sealed. `account`
    is the account as the domain controller names it, or else as the task does. `clock_difference` is the time of the domain controller
    minus the time of the controller in seconds, accurate to a second; None if it did not tell its time.
    """

    server: str
    address: str
    port: int
    protocol: str
    security: str
    tls_version: str | None
    account: str
    clock_difference: int | None


def read_root(entry: DirectoryEntry) -> RootDse:
    """Return the root entry; texts that are missing are empty."""

    def text(name: str) -> str:
        return entry.text(name) or ""

    return RootDse(
        configuration_naming_context=text("configurationNamingContext"),
        schema_naming_context=text("schemaNamingContext"),
        root_domain_naming_context=text("rootDomainNamingContext"),
        default_naming_context=text("defaultNamingContext"),
        dns_host_name=text("dnsHostName"),
        forest=domain_of(text("rootDomainNamingContext")),
        current_time=read_time(text("currentTime")),
        is_synchronized=text("isSynchronized").upper() != "FALSE",
        is_read_only=_PARTIAL_SECRETS in entry.texts("supportedCapabilities"),
        extensions=entry.texts("supportedExtension"),
        domain_controller_level=_number(text("domainControllerFunctionality")),
        forest_level=_number(text("forestFunctionality")),
    )


def read_time(text: str) -> datetime | None:
    """Return a GeneralizedTime of Active Directory such as 20261201133057.0Z, None for any other text."""
    digits = text.partition(".")[0].removesuffix("Z")
    if len(digits) != 14 or not (digits.isascii() and digits.isdigit()) or not text.endswith("Z"):
        return None
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


__all__ = ["ROOT_ATTRIBUTES", "ConnectionFacts", "RootDse", "read_root", "read_time"]
