# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MIT Kerberos: one realm on a free port, with keytabs and tickets for the tests."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from server_process import LOOPBACK, Process, free_port, program, run

REALM = "CORP.TEST"


class Kdc:
    """A realm of its own; nothing of it is in /etc."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        folder.mkdir(parents=True)
        self.krb5_conf = write_krb5_conf(folder / "krb5.conf", REALM, self.port)
        (folder / "kdc.conf").write_text(
            f"[kdcdefaults]\nkdc_listen = {LOOPBACK}:{self.port}\nkdc_tcp_listen = {LOOPBACK}:{self.port}\n"
            f"[realms]\n{REALM} = {{\n database_name = {folder}/principal\n key_stash_file = {folder}/stash\n}}\n"
            f"[logging]\nkdc = FILE:{folder}/kdc.log\ndefault = FILE:{folder}/krb5.log\n",
            encoding="utf-8",
        )
        self.environment = {
            **os.environ,
            "KRB5_CONFIG": str(self.krb5_conf),
            "KRB5_KDC_PROFILE": str(folder / "kdc.conf"),
            "KRB5RCACHEDIR": str(folder),  # otherwise it remembers tickets in /var/tmp
        }
        self.process = Process(folder, [program("krb5kdc"), "-n", "-r", REALM], self.environment)

    def start(self) -> None:
        """Make the realm, start its KDC and wait until it listens."""
        run([program("kdb5_util"), "create", "-s", "-r", REALM, "-P", "master password of the tests"], self.environment)
        self.process.start(self._listens)

    def stop(self) -> None:
        """End it."""
        self.process.stop()

    def _listens(self) -> bool:
        with socket.create_connection((LOOPBACK, self.port), timeout=1):
            return True

    def add_principals(self, passwords: dict[str, str | None]) -> None:
        """Add principals with their passwords, or with random keys where there is None."""
        lines = [f"addprinc {'-randkey' if password is None else f'-pw {password}'} {name}" for name, password in passwords.items()]
        self._kadmin(*lines)

    def keytab(self, name: str, *principals: str) -> Path:
        """A new keytab; passwords of the principals go on working."""
        path = self.folder / name
        self._kadmin(*(f"ktadd -norandkey -k {path} {principal}" for principal in principals))
        return path

    def new_keys(self, *principals: str) -> None:
        """Change keys on the KDC only, so that keytabs made before are stale."""
        self._kadmin(*(f"cpw -randkey {principal}" for principal in principals))

    def ticket(self, principal: str, password: str, *options: str, name: str = "") -> Path:
        """A credential cache with a ticket, as kinit makes it. `options` are those of kinit, such as -f or -l 5s."""
        cache = self.folder / f"ccache-{name or principal.replace('/', '-')}"
        run([program("kinit"), *options, "-c", str(cache), principal], self.environment, text=f"{password}\n")
        return cache

    def _kadmin(self, *lines: str) -> None:
        run([program("kadmin.local"), "-r", REALM], self.environment, text="\n".join([*lines, "quit", ""]))


def write_krb5_conf(path: Path, realm: str, port: int) -> Path:
    """The file KRB5_CONFIG names: one realm, no DNS, no reverse look-ups."""
    settings = ("dns_lookup_kdc", "dns_lookup_realm", "dns_canonicalize_hostname", "rdns")
    text = f"[libdefaults]\ndefault_realm = {realm}\n" + "".join(f"{name} = false\n" for name in settings)
    text += f"[realms]\n{realm} = {{\n kdc = {LOOPBACK}:{port}\n}}\n"
    domain = realm.lower()
    path.write_text(f"{text}[domain_realm]\n.{domain} = {realm}\n{domain} = {realm}\n", encoding="utf-8")
    return path
