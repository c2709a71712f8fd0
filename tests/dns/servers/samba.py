# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Samba as an Active Directory domain controller with its internal DNS server: records have owners here. Root only."""

from __future__ import annotations

import re
from pathlib import Path

from kdc import write_krb5_conf
from server_process import LOOPBACK, Process, answers, free_port, program, run

from .base import NameServer

REALM = "AD.TEST"
DOMAIN = "ad.test"
PASSWORD = "Passw0rd-of-the-tests"
ZONE_DN = "DC=ad.test,CN=MicrosoftDNS,DC=DomainDnsZones,DC=ad,DC=test"


class Samba(NameServer):
    """A domain controller dc1.ad.test: DNS and KDC only, each on a port of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.kerberos_port = free_port()
        self.krb5_conf = write_krb5_conf(folder / "client-krb5.conf", REALM, self.kerberos_port)
        self._state = folder / "state"
        self._config = self._state / "etc" / "smb.conf"
        self.process = Process(folder, [program("samba"), "-F", "--no-process-group", "-s", str(self._config)])

    def start(self) -> None:
        """Make the domain, start the server and wait until its zone answers."""
        self._provision()
        self.process.start(answers(self.port, DOMAIN))

    def _provision(self) -> None:
        options = {
            "server services": "kdc, dns",
            "dns port": self.port,
            "krb5 port": self.kerberos_port,
            "kpasswd port": free_port(),
            "interfaces": LOOPBACK,
            "bind interfaces only": "yes",
            "dns forwarder": LOOPBACK,
            "pid directory": self.folder,
            "ncalrpc dir": self.folder / "ncalrpc",
            "log file": self.folder / "log.samba",
            "log level": "1 dns:3",
        }
        # It would begin with the settings of this computer in /etc.
        empty = self.folder / "empty.conf"
        empty.write_text("[global]\n", encoding="utf-8")
        about = {
            "configfile": empty,
            "targetdir": self._state,
            "realm": REALM,
            "domain": "AD",
            "host-name": "dc1",
            "host-ip": LOOPBACK,
            "server-role": "dc",
            "dns-backend": "SAMBA_INTERNAL",
            "adminpass": PASSWORD,
        }
        settings = [f"--option={name} = {value}" for name, value in options.items()]
        run([program("samba-tool"), "domain", "provision", *(f"--{name}={value}" for name, value in about.items()), *settings])

    def updates_received(self) -> int:
        """The updates its log tells of."""
        logs = [path.read_text(encoding="utf-8", errors="replace") for path in self.folder.glob("log.*")]
        return sum(log.count("Got a dns update request") for log in logs)

    def add_user(self, name: str, *groups: str) -> None:
        """An account with PASSWORD; the groups must be there."""
        self._tool("user", "create", name, PASSWORD)
        for group in groups:
            self.add_member(group, name)

    def add_group(self, name: str) -> None:
        """A global security group."""
        self._tool("group", "add", name)

    def add_member(self, group: str, user: str) -> None:
        """Put a user into a group; tickets from before do not know of it."""
        self._tool("group", "addmembers", group, user)

    def grant_write(self, group: str, node: str) -> None:
        """What an administrator does in the security tab of a DNS record: the group may change this name's records."""
        told = self._tool("group", "show", group)
        (sid,) = re.findall(r"objectSid: (\S+)", told)
        self._tool("dsacl", "set", "--action=allow", f"--objectdn=DC={node},{ZONE_DN}", f"--sddl=(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;{sid})")

    def _tool(self, *arguments: str) -> str:
        database = ("-s", str(self._config), "-H", str(self._state / "private" / "sam.ldb"))
        return run([program("samba-tool"), *arguments, *database])
