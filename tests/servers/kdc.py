# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MIT Kerberos: one realm on a free port, with keytabs and tickets for the tests, and an account of every request it got."""

from __future__ import annotations

import os
import re
import socket
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from server_process import LOOPBACK, Process, free_port, program, run

REALM = "CORP.TEST"
_REQUEST = re.compile(
    r" (?P<kind>AS|TGS)_REQ .*?: (?P<outcome>[A-Z_]+): (?:authtime \d+, )?.*?(?P<client>[^\s,]+@[^\s,]+) for (?P<service>[^\s,]+)"
)
_ISSUED = "ISSUE"


@dataclass(frozen=True)
class Asked:
    """One request of the log of a KDC: AS for a first ticket, TGS for one of a service, and ISSUE or why there is none."""

    kind: str
    outcome: str
    client: str
    service: str


class Kdc:
    """A realm of its own; nothing of it is in /etc. Accounts must prove their password for a ticket, as in Active Directory."""

    def __init__(self, folder: Path, realm: str = REALM) -> None:
        self.folder = folder
        self.realm = realm
        self.port = free_port()
        folder.mkdir(parents=True)
        self.krb5_conf = write_krb5_conf(folder / "krb5.conf", realm, self.port)
        (folder / "kdc.conf").write_text(
            f"[kdcdefaults]\nkdc_listen = {LOOPBACK}:{self.port}\nkdc_tcp_listen = {LOOPBACK}:{self.port}\n"
            f"[realms]\n{realm} = {{\n database_name = {folder}/principal\n key_stash_file = {folder}/stash\n"
            " default_principal_flags = +preauth\n}\n"
            f"[logging]\nkdc = FILE:{folder}/kdc.log\ndefault = FILE:{folder}/krb5.log\n",
            encoding="utf-8",
        )
        self.environment = {
            **os.environ,
            "KRB5_CONFIG": str(self.krb5_conf),
            "KRB5_KDC_PROFILE": str(folder / "kdc.conf"),
            "KRB5RCACHEDIR": str(folder),  # otherwise it remembers tickets in /var/tmp
        }
        self.process = Process(folder, [program("krb5kdc"), "-n", "-r", realm], self.environment)

    def start(self) -> None:
        """Start its KDC and wait until it listens. The realm is made the first time."""
        if not (self.folder / "principal").exists():
            run([program("kdb5_util"), "create", "-s", "-r", self.realm, "-P", "master password of the tests"], self.environment)
        self.process.start(self._listens)

    def stop(self) -> None:
        """End it."""
        self.process.stop()

    def _listens(self) -> bool:
        with socket.create_connection((LOOPBACK, self.port), timeout=1):
            return True

    def add_principals(self, passwords: Mapping[str, str | None], *options: str) -> None:
        """Add principals with their passwords, or with random keys where there is None. `options` are those of addprinc."""
        more = " ".join(options)
        keys = {name: "-randkey" if password is None else f"-pw {password}" for name, password in passwords.items()}
        self._kadmin(*(f"addprinc {key} {more} {name}" for name, key in keys.items()))

    def trust(self, other: Kdc) -> None:
        """Let accounts of the other realm use services of this one: both have the same key for the way from there to here."""
        principal = f"krbtgt/{self.realm}@{other.realm}"
        for kdc in (self, other):
            kdc.add_principals({principal: "key-of-the-trust"})

    def keytab(self, name: str, *principals: str) -> Path:
        """A new keytab; passwords of the principals go on working."""
        path = self.folder / name
        self._kadmin(*(f'ktadd -norandkey -k "{path}" {principal}' for principal in principals))
        return path

    def only_rc4(self, *principals: str) -> None:
        """Add services as an old account has them: no key for AES, and nobody said that it can do more."""
        self.add_principals(dict.fromkeys(principals), "-e", "arcfour-hmac:normal")
        self._kadmin(*(f"setstr {principal} session_enctypes arcfour-hmac" for principal in principals))

    def large_ticket(self, principal: str, password: str, addresses: int) -> Path:
        """A ticket that grows with the number of its addresses, by some 17 bytes each, as one in Active Directory grows with groups."""
        listed = [LOOPBACK, *(f"10.{number // 250}.{number % 250}.1" for number in range(addresses))]
        lines = [f"extra_addresses = {', '.join(listed[start : start + 80])}" for start in range(0, len(listed), 80)]
        name, more = f"large-{addresses}", "\n".join(["[libdefaults]", *lines])
        conf = write_krb5_conf(self.folder / f"{name}.conf", self.realm, self.port, settings={"noaddresses": "false"}, more=more)
        cache = self.folder / f"ccache-{name}"
        run([program("kinit"), "-a", "-c", str(cache), principal], {**self.environment, "KRB5_CONFIG": str(conf)}, text=f"{password}\n")
        return cache

    def new_keys(self, *principals: str) -> None:
        """Change keys on the KDC only, so that keytabs made before are stale."""
        self._kadmin(*(f"cpw -randkey {principal}" for principal in principals))

    def ticket(self, principal: str, password: str, *options: str, name: str = "") -> Path:
        """A credential cache with a ticket, as kinit makes it. `options` are those of kinit, such as -f or -l 5s."""
        cache = self.folder / f"ccache-{name or principal.replace('/', '-')}"
        run([program("kinit"), *options, "-c", str(cache), principal], self.environment, text=f"{password}\n")
        return cache

    def asked(self) -> list[Asked]:
        """Every request that the KDC answered so far, in order; one whose answer was a question about the password is not counted."""
        log = self.folder / "kdc.log"
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        found = (Asked(**match.groupdict()) for match in map(_REQUEST.search, text.splitlines()) if match)
        return [asked for asked in found if asked.outcome != "NEEDED_PREAUTH"]

    def issued(self, since: int = 0) -> Counter[str]:
        """How many tickets were issued for each service, such as HTTP/pc01.corp.test, after the first `since` requests."""
        return Counter(asked.service.partition("@")[0] for asked in self.asked()[since:] if asked.outcome == _ISSUED)

    def _kadmin(self, *lines: str) -> None:
        run([program("kadmin.local"), "-r", self.realm], self.environment, text="\n".join([*lines, "quit", ""]))


def write_krb5_conf(
    path: Path,
    realm: str,
    port: int | None,
    *,
    others: Mapping[str, int] | None = None,
    settings: Mapping[str, str] | None = None,
    more: str = "",
    address: str = LOOPBACK,
) -> Path:
    """The file KRB5_CONFIG names: one realm, no DNS, no reverse look-ups. Without a `port`, the KDC must be found in DNS.

    `others` are the ports of other realms, each with the domain of its name. `settings` are lines of libdefaults, and `more` is text
    that follows, such as a section capaths.
    """
    found = {"dns_lookup_kdc": "true"} if port is None else {}
    defaults = {"default_realm": realm, **dict.fromkeys(_NAMES_IN_DNS, "false"), **found, **(settings or {})}
    realms = {**({} if port is None else {realm: port}), **(others or {})}
    lines = ["[libdefaults]", *(f"{name} = {value}" for name, value in defaults.items()), "[realms]"]
    lines += [f"{name} = {{\n kdc = {address}:{number}\n}}" for name, number in realms.items()]
    lines += ["[domain_realm]", *(f".{name.lower()} = {name}\n{name.lower()} = {name}" for name in {realm: 0, **realms})]
    path.write_text("\n".join([*lines, more, ""]), encoding="utf-8")
    return path


_NAMES_IN_DNS = ("dns_lookup_kdc", "dns_lookup_realm", "dns_canonicalize_hostname", "rdns")
