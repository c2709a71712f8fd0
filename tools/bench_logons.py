# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each way of logging on costs, over both connections: a part of `make bench`.

A session logs on and reads, and then reads the same again over the same connection. The difference is the logon, which includes TLS.
Everything is in one process, so Ansible's own time is not in it, but the lab shares the processors with it.

- `logon_ms`: median of the differences, in milliseconds.
- `read_ms`: median of the second reads.
- `logon_requests`: HTTP requests before the first one that the machine answers.
- `connections`: TCP connections of one logon.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table

import dns_servers
from project import FQCN, ROOT
from winlab.client import LabClient, running_lab

ESTATE = ROOT / "tests" / "lab" / "estates" / "bench_logons.yml"
MACHINE, ADDRESS, HOST_NAME = "logons", "127.42.254.1", "logons.corp.test"
USER, PASSWORD = "LabAdmin", "Lab-Passw0rd!"
LOGONS = 20
READ = "SELECT * FROM SoftwareLicensingService"
_ACCOUNT = {"username": USER, "password": PASSWORD}
_TICKET_WINRM = {"kerberos_hostname_override": HOST_NAME, "username": f"{USER}@CORP.TEST"}
_TICKET_PSRP = {"negotiate_hostname_override": HOST_NAME, "username": f"{USER}@CORP.TEST"}
_PACKAGE = f"ansible_collections.{FQCN}.plugins.plugin_utils._cim"
_KERBEROS = ("gssapi", "krb5", "kerberos")


@dataclass(frozen=True)
class Way:
    """One authentication method over one scheme. `library` is a package that only this method needs."""

    method: str
    scheme: str
    library: str = ""
    winrm: Mapping[str, Any] = field(default_factory=dict)
    """Options of pywinrm besides those of all methods."""
    psrp: Mapping[str, Any] = field(default_factory=dict)


WAYS = (
    Way("basic", "https", winrm=_ACCOUNT, psrp=_ACCOUNT),
    Way("ntlm", "http", winrm=_ACCOUNT, psrp=_ACCOUNT),
    Way("ntlm", "https", winrm=_ACCOUNT, psrp=_ACCOUNT),
    Way("kerberos", "http", winrm=_TICKET_WINRM, psrp=_TICKET_PSRP),
    Way("kerberos", "https", winrm=_TICKET_WINRM, psrp=_TICKET_PSRP),
    Way("certificate", "https"),
    Way("credssp", "http", "requests_credssp", winrm=_ACCOUNT, psrp=_ACCOUNT),
    Way("credssp", "https", "requests_credssp", winrm=_ACCOUNT, psrp=_ACCOUNT),
)


def missing_for(way: Way) -> str:
    """Return why a way cannot be measured on this computer, or an empty text."""
    if way.method == "kerberos":
        packages = dns_servers.missing("kerberos")
        if packages:
            return f"needs {', '.join(packages)}"
    libraries = _KERBEROS if way.method == "kerberos" else (way.library,) if way.library else ()
    absent = [name for name in libraries if importlib.util.find_spec(name) is None]
    return f"needs the Python package {absent[0]}" if absent else ""


def measure_all(work: Path, logons: int = LOGONS) -> list[dict[str, Any]]:
    """Measure every way over both connections, and return a row for each; a row that was skipped has the reason."""
    with ExitStack() as stack:
        keytab = None if missing_for(next(way for way in WAYS if way.method == "kerberos")) else stack.enter_context(_realm(work))
        lab, _inventory = stack.enter_context(running_lab(ESTATE, run_dir=work / "lab", keytab=keytab))
        rows = []
        for way in WAYS:
            reason = missing_for(way)
            for connection in ("winrm", "psrp"):
                row = {"method": way.method, "scheme": way.scheme, "connection": connection}
                rows.append(
                    {**row, "skipped": reason} if reason else {**row, **_measure(way, connection, lab, work / "lab" / "tls", logons)}
                )
        return rows


@contextmanager
def _realm(work: Path) -> Iterator[Path]:
    """A realm with the machine and a ticket of the user; gives the keytab of the machine. The environment names both meanwhile."""
    sys.path.insert(0, str(ROOT / "tests" / "servers"))
    shutil.rmtree(work / "kdc", ignore_errors=True)  # of an earlier run
    kdc = importlib.import_module("kdc").Kdc(work / "kdc")
    kdc.start()
    before = {name: os.environ.get(name) for name in ("KRB5_CONFIG", "KRB5CCNAME")}
    try:
        services = [f"{service}/{HOST_NAME}" for service in ("HTTP", "host", "WSMAN")]
        kdc.add_principals({**dict.fromkeys(services), USER: PASSWORD})
        os.environ.update(KRB5_CONFIG=str(kdc.krb5_conf), KRB5CCNAME=f"FILE:{kdc.ticket(USER, PASSWORD)}")
        yield kdc.keytab("machine.keytab", *services)
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        kdc.stop()


def _measure(way: Way, connection: str, lab: LabClient, tls: Path, logons: int) -> dict[str, Any]:
    open_one = _winrm if connection == "winrm" else _psrp
    firsts, seconds = [], []
    _read_twice(open_one(way, tls))  # what only the first logon of a process does
    lab.reset_counters()
    for _logon in range(logons):
        first, second = _read_twice(open_one(way, tls))
        firsts.append(first)
        seconds.append(second)
    cost = lab.counters(MACHINE)
    return {
        "logon_ms": round(1000 * statistics.median(first - second for first, second in zip(firsts, seconds, strict=True)), 2),
        "read_ms": round(1000 * statistics.median(seconds), 2),
        "logon_requests": round(cost["auth_requests"] / logons, 2),
        "connections": round(cost["tcp_connections"] / logons, 2),
    }


def _read_twice(session: Any) -> tuple[float, float]:
    """Log on and read, and read again; the seconds of both."""
    try:
        times = [time.perf_counter()]
        for _read in range(2):
            session.query(READ)
            times.append(time.perf_counter())
    finally:
        session.close()
    return times[1] - times[0], times[2] - times[1]


def _module(name: str) -> Any:
    return importlib.import_module(f"{_PACKAGE}.{name}")


def _winrm(way: Way, tls: Path) -> Any:
    options = {"transport": way.method, "ca_trust_path": str(tls / "ca.pem"), "proxy": None, **way.winrm}
    if way.method == "certificate":
        options |= {"cert_pem": str(tls / "clients" / "mapped.pem"), "cert_key_pem": str(tls / "clients" / "mapped.key")}
    protocol = importlib.import_module("winrm.protocol").Protocol(_url(way), **options)
    return _module("wsman").Session(_module("pywinrm").PywinrmTransport(protocol))


def _psrp(way: Way, tls: Path) -> Any:
    options = {"server": ADDRESS, "auth": way.method, "cert_validation": str(tls / "ca.pem"), "no_proxy": True, **way.psrp}
    options |= {"ssl": way.scheme == "https", "port": 5986 if way.scheme == "https" else 5985}
    if way.method == "certificate":
        pair = tls / "clients" / "mapped"
        options |= {"certificate_pem": f"{pair}.pem", "certificate_key_pem": f"{pair}.key"}
    return _module("wsman").Session(_module("pypsrp").PypsrpTransport(_module("pypsrp").client(options)))


def _url(way: Way) -> str:
    return f"{way.scheme}://{ADDRESS}:{5986 if way.scheme == 'https' else 5985}/wsman"


def table(rows: list[dict[str, Any]]) -> Table:
    """Return the rows as a table."""
    headers = ("method", "scheme", "connection", "logon ms", "read ms", "logon requests", "connections")
    found = Table(*headers, title="Logons, one session at a time", title_justify="left")
    for number, column in enumerate(found.columns):
        column.justify = "right" if number > 2 else "left"
    for row in rows:
        names = (row["method"], row["scheme"], row["connection"])
        if "skipped" in row:
            found.add_row(*names, f"skipped: {row['skipped']}")
        else:
            found.add_row(
                *names, f"{row['logon_ms']:.1f}", f"{row['read_ms']:.1f}", f"{row['logon_requests']:g}", f"{row['connections']:g}"
            )
    return found
