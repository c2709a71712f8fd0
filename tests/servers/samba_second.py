# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second domain controller of a forest of Samba, to which changes are replicated. Root only, in a network of its own.

Domain controllers find each other by names, which this network has in its file of hosts.
"""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from own_network import need_own_network, own_network
from samba_directory import DOMAIN, PASSWORD, REALM, SERVER, Database, SambaDirectory, Template
from server_process import Process, ServerFailed, program, run

SECOND_SERVER = f"dc2.{DOMAIN}"
_ADDRESSES = ("127.0.0.11", "127.0.0.12")
_SERVICES = "ldap, cldap, kdc, rpc, drepl"
_REPLICATION = "E3514235-4B06-11D1-AB04-00C04FC2DCD2"
_SERVERS = "CN=Servers,CN=Default-First-Site-Name,CN=Sites,{config}"
_AS_ADMINISTRATOR = (f"-UAdministrator@{REALM}%{PASSWORD}", "--use-kerberos=required")


class SecondController:
    """The second domain controller. It has no certificate: clients log on with Kerberos."""

    server = SECOND_SERVER

    def __init__(self, first: SambaDirectory, folder: Path, address: str, hosts: Path) -> None:
        self.folder = folder
        self.address = address
        self._first = first
        self._hosts = hosts
        state = folder / "dc"
        self.database = Database(state)
        self._empty = folder / "empty.conf"
        command = [program("samba"), "-F", "--no-process-group", "-s", str(state / "etc" / "smb.conf")]
        self._process = Process(folder, command, self._environment)

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "KRB5_CONFIG": str(self._first.krb5_conf)}

    def join(self) -> None:
        """Join the domain of the first one, which must run, and start."""
        self._empty.write_text("[global]\n", encoding="utf-8")
        options = {
            "interfaces": f"{self.address}/8",
            "bind interfaces only": "yes",
            "server services": _SERVICES,
            "pid directory": self.folder,
            "ncalrpc dir": self.folder / "ncalrpc",
            "log file": self.folder / "log.samba",
            "tls enabled": "no",
            "netbios name": "dc2",
        }
        settings = [f"--option={name} = {value}" for name, value in options.items()]
        about = ["--dns-backend=NONE", f"--targetdir={self.folder}/dc", f"--configfile={self._empty}", f"--realm={REALM}", "--workgroup=AD"]
        self._tool("domain", "join", DOMAIN, "DC", f"--server={SERVER}", *_AS_ADMINISTRATOR, *about, *settings)
        first, second = self._guid_of("DC1"), self._guid_of("DC2")
        with self._hosts.open("a", encoding="utf-8") as hosts:
            hosts.write(f"{self._first.address} {first}._msdcs.{DOMAIN}\n{self.address} {second}._msdcs.{DOMAIN}\n")
        names = {
            f"{_REPLICATION}/{first}/{DOMAIN}": "dc1$",
            f"{_REPLICATION}/{second}/{DOMAIN}": "dc2$",
            f"ldap/{SECOND_SERVER}": "dc2$",
        }
        for name, account in names.items():
            for database in (self._first.database, self.database):
                _register(database, name, account)
        self.start()

    def start(self) -> None:
        """Start it, and wait until it serves LDAP and replication."""
        self._process.start(self._listens)

    def stop(self) -> None:
        """End it."""
        self._process.stop()

    def replicate(self) -> None:
        """Bring the configuration of both to the same state."""
        for target, source in ((SECOND_SERVER, SERVER), (SERVER, SECOND_SERVER)):
            options = (f"--configfile={self._empty}", f"--option=realm={REALM}", "--option=workgroup=AD")
            self._replicate(target, source, *options)

    def _replicate(self, target: str, source: str, *options: str, attempts: int = 5) -> None:
        """Ask again after a failure: a server only notices by it that its connection to one that was restarted is gone."""
        try:
            self._tool("drs", "replicate", target, source, "CN=Configuration,DC=ad,DC=test", *_AS_ADMINISTRATOR, *options)
        except ServerFailed:
            if attempts == 1:
                raise
            time.sleep(1)
            self._replicate(target, source, *options, attempts=attempts - 1)

    def _listens(self) -> bool:
        for port in (88, 135, 389):
            with socket.create_connection((self.address, port), timeout=1):
                pass
        return True

    def _guid_of(self, computer: str) -> uuid.UUID:
        base = f"CN=NTDS Settings,CN={computer},{_SERVERS}"
        ((_dn, values),) = self._first.database.search(base, "(objectClass=nTDSDSA)", "objectGUID")
        return uuid.UUID(bytes_le=values["objectGUID"][0])

    def _tool(self, *arguments: str) -> None:
        run([program("samba-tool"), *arguments], self._environment)


def _register(database: Database, name: str, account: str) -> None:
    """Register the name of a service, unless joining did it."""
    if not database.search("{domain}", f"(servicePrincipalName={name})", "cn"):
        database.tool("spn", "add", name, account)


@contextmanager
def two_controllers(template: Template, folder: Path) -> Iterator[tuple[SambaDirectory, SecondController]]:
    """Two running domain controllers in a network of their own, in which the caller is meanwhile."""
    need_own_network()
    folder.mkdir(parents=True, exist_ok=True)
    names = zip(_ADDRESSES, (f"{SERVER} {DOMAIN}", SECOND_SERVER), strict=True)
    with own_network(folder, "", "".join(f"{address} {name}\n" for address, name in names)):
        first = SambaDirectory(template, folder / "dc1", _SERVICES, _ADDRESSES[0])
        (folder / "dc2").mkdir()
        second = SecondController(first, folder / "dc2", _ADDRESSES[1], folder / "hosts")
        try:
            first.start()
            second.join()
            yield first, second
        finally:
            second.stop()
            first.stop()
