# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One domain in the estate's DNS: the records it begins with, and who may change its SRV records afterwards.

`updates` of an estate file: "secure" = every KMS host of the lab and the administrator's key; "first_owner" = the machine that made
the name and the administrator's key, as in Active Directory with default permissions (dns.md section 3); "none" = nobody.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

TTL = 300
"""Seconds for every record of the lab, published ones too; what TTL a real KMS host asks for is not known."""
SERVICE = "_vlmcs._tcp"
SECURE, FIRST_OWNER, NO_UPDATES = "secure", "first_owner", "none"
UPDATES = (SECURE, FIRST_OWNER, NO_UPDATES)
ALGORITHM = "hmac-sha256"


@dataclass(frozen=True)
class TsigKey:
    """A key of the lab's DNS server. Its secret is fixed and in this file: it protects nothing."""

    name: str
    plain: bytes

    @property
    def secret(self) -> str:
        """The secret as base64, the way tools take it."""
        return base64.b64encode(self.plain).decode()


ADMINISTRATOR = TsigKey("kms-update", b"lab secret for kms-update records!")
"""For playbooks, tests and people."""
HOSTS = TsigKey("lab-hosts", b"lab secret for lab-hosts records!!")
"""The machine accounts of all simulated KMS hosts."""


class Zone:
    """Records of one domain."""

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self.updates = SECURE
        self.principals: tuple[str, ...] = ()
        """Accounts (user@REALM) that may change the SRV records too, with tickets: GSS-TSIG."""
        self.creator = ""
        """The machine that made the name of the SRV records before the story; the administrator where it is empty and records exist."""
        self._addresses: dict[str, str] = {}
        self._directories: list[tuple[str, int]] = []
        self._services: list[tuple[int, int, int, str, str]] = []

    @property
    def owner(self) -> str:
        """Name the SRV records have."""
        return f"{SERVICE}.{self.domain}"

    @property
    def publishes(self) -> bool:
        """Whether the zone begins with SRV records."""
        return bool(self._services)

    def add_address(self, name: str, address: str) -> None:
        """An A or AAAA record."""
        self._addresses[name] = address

    def add_directory(self, host: str, address: str, port: int) -> None:
        """The SRV record of a domain controller, and its address if the zone has its name."""
        self._directories.append((host, port))
        if host.casefold().endswith(f".{self.domain.casefold()}"):
            self.add_address(host, address)

    def add_service(self, priority: int, weight: int, port: int, target: str, creator: str = "") -> None:
        """An SRV record of _vlmcs._tcp; `creator` is the machine that published it before the story, if one did."""
        if not self._services:
            self.creator = creator
        self._services.append((priority, weight, port, target, creator))

    def remove_services(self) -> None:
        """Publish no KMS host."""
        self._services.clear()
        self.creator = ""

    def text(self) -> str:
        """The zone file."""
        lines = [f"$TTL {TTL}", f"@ SOA ns1.{self.domain}. hostmaster.{self.domain}. 1 3600 600 86400 60", f"@ NS ns1.{self.domain}.",
                 f"ns1.{self.domain}. A 127.0.0.1"]  # fmt: skip
        lines += [f"{name}. {'AAAA' if ':' in address else 'A'} {address}" for name, address in self._addresses.items()]
        lines += [f"_ldap._tcp.dc._msdcs.{self.domain}. SRV 0 100 {port} {host}." for host, port in self._directories]
        lines += [
            f"{self.owner}. SRV {priority} {weight} {port} {target}."
            for priority, weight, port, target, creator in self._services
            if self.updates != FIRST_OWNER or creator == self.creator  # where only the first host could register, only it is there
        ]
        return "\n".join(lines) + "\n"

    def statement(self, file: str) -> str:
        """The zone statement of named.conf."""
        if self.updates == NO_UPDATES:
            rights = "allow-update { none; };"
        else:
            writers = (ADMINISTRATOR.name, HOSTS.name, *self.principals)
            grants = " ".join(f'grant "{writer}" name {self.owner} SRV;' for writer in writers)
            rights = f"update-policy {{ {grants} }};"
        return f'zone "{self.domain}" {{ type primary; file "{file}"; {rights} }};'
