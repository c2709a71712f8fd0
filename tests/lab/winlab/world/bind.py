# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The estate's DNS: a real BIND on a free port of 127.0.0.1, and a resolver that asks it.

Start-up as measured in dns.md section 1.1. The server is for the lab's own names only: no recursion, no transfers.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype

from .clock import Clock
from .network import DNS_ERROR_RCODE_NAME_ERROR, DNS_ERROR_RCODE_SERVER_FAILURE, DNS_INFO_NO_RECORDS, Srv
from .wmi_faults import LicensingError

TTL = 300
NEGATIVE_TTL = timedelta(seconds=60)
START_SECONDS = 10.0
_LAUNCHER = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Becomes named after asking the kernel (PR_SET_PDEATHSIG) to end it when the lab dies without stopping it."""
Answer = TypeVar("Answer")


class BindMissing(OSError):
    """There is no named on this computer."""


class BindFailed(OSError):
    """named did not start."""


class Zone:
    """Records of one domain."""

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self._addresses: dict[str, str] = {}
        self._services: list[tuple[int, int, int, str]] = []

    def add_address(self, name: str, address: str) -> None:
        """An A or AAAA record."""
        self._addresses[name] = address

    def add_service(self, priority: int, weight: int, port: int, target: str) -> None:
        """An SRV record of _vlmcs._tcp."""
        self._services.append((priority, weight, port, target))

    def remove_services(self) -> None:
        """Publish no KMS host."""
        self._services.clear()

    def text(self) -> str:
        """The zone file."""
        lines = [f"$TTL {TTL}", f"@ SOA ns1.{self.domain}. hostmaster.{self.domain}. 1 3600 600 86400 60", f"@ NS ns1.{self.domain}.",
                 f"ns1.{self.domain}. A 127.0.0.1"]  # fmt: skip
        lines += [f"{name}. {'AAAA' if ':' in address else 'A'} {address}" for name, address in self._addresses.items()]
        lines += [
            f"_vlmcs._tcp.{self.domain}. SRV {priority} {weight} {port} {target}." for priority, weight, port, target in self._services
        ]
        return "\n".join(lines) + "\n"


def find_named() -> str | None:
    """Where BIND's name server is on this computer; its folder is often not on a user's PATH."""
    return shutil.which("named", path="/usr/sbin:/usr/local/sbin:/usr/bin:/sbin")


def _free_port() -> int:
    """A port free for both UDP and TCP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
            stream.bind(("127.0.0.1", 0))
            port: int = stream.getsockname()[1]
            try:
                datagram.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Bind:
    """One named process."""

    def __init__(self, directory: Path, zones: list[Zone]) -> None:
        self._directory = directory
        self._zones = zones
        self._process: asyncio.subprocess.Process | None = None
        self.port = 0

    async def start(self) -> None:
        """Write the files, start named and wait for its first answer; raises BindMissing, BindFailed."""
        binary = find_named()
        if binary is None:
            raise BindMissing(
                "the lab needs BIND for DNS and found no 'named': install it with  apt-get install -y --no-install-recommends bind9"
            )
        self._directory.mkdir(parents=True, exist_ok=True)
        # A copy, because AppArmor on some systems confines /usr/sbin/named to /etc/bind.
        copy = self._directory / "named"
        shutil.copy2(binary, copy)
        self.port = _free_port()
        config = self._write_config()
        nothing = asyncio.subprocess.DEVNULL
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", "-c", _LAUNCHER, str(copy), "-f", "-n", "1", "-c", str(config),
            stdin=nothing, stdout=nothing, stderr=nothing,
        )  # fmt: skip
        await self._wait()

    def _write_config(self) -> Path:
        place = self._directory.resolve()
        zones = []
        for number, zone in enumerate(self._zones):
            (place / f"zone{number}.db").write_text(zone.text(), "utf-8")
            zones.append(f'zone "{zone.domain}" {{ type primary; file "zone{number}.db"; allow-update {{ none; }}; }};')
        config = place / "named.conf"
        config.write_text(
            f'options {{ directory "{place}"; listen-on port {self.port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};'
            f' pid-file "{place}/named.pid"; session-keyfile "{place}/session.key"; recursion no; allow-transfer {{ none; }}; notify no;'
            " dnssec-validation no; empty-zones-enable no; check-names primary ignore; };\ncontrols { };\n"
            f'logging {{ channel c {{ file "{place}/named.log"; severity info; }}; category default {{ c; }}; }};\n'
            + "\n".join(zones)
            + "\n",
            "utf-8",
        )
        return config

    async def _wait(self) -> None:
        assert self._process is not None
        query = dns.message.make_query(self._zones[0].domain, dns.rdatatype.SOA)
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            if self._process.returncode is not None:
                break
            try:
                if await asyncio.to_thread(_answered, query, self.port):
                    return
            except (OSError, dns.exception.DNSException):
                await asyncio.sleep(0.02)
        await self.stop()
        log = self._directory / "named.log"
        raise BindFailed(f"named did not answer on port {self.port}; its log: {log.read_text('utf-8')[-1000:] if log.exists() else 'none'}")

    async def stop(self) -> None:
        """End the process, by force when it does not go."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 5)
        except asyncio.TimeoutError:
            process.kill()
            await process.wait()


def _answered(query: dns.message.Message, port: int) -> bool:
    return dns.query.tcp(query, "127.0.0.1", timeout=1, port=port).rcode() == dns.rcode.NOERROR


class BindResolver:
    """The DNS client service of all machines, with its cache kept for the records' TTL."""

    def __init__(self, port: int, clock: Clock) -> None:
        self._port = port
        self._clock = clock
        self._services: dict[str, tuple[datetime, tuple[Srv, ...] | LicensingError]] = {}
        self._addresses: dict[str, tuple[datetime, tuple[str, ...]]] = {}

    def flush(self) -> None:
        """Forget what was looked up."""
        self._services.clear()
        self._addresses.clear()

    def services(self, domain: str) -> tuple[Srv, ...]:
        """SRV records of _vlmcs._tcp in a domain."""
        found = self._cached(self._services, domain.casefold(), self._ask_services)
        if isinstance(found, LicensingError):
            raise LicensingError(found.hresult)
        return found

    def addresses(self, name: str) -> tuple[str, ...]:
        """IP addresses of a name."""
        return self._cached(self._addresses, name.casefold(), self._ask_addresses)

    def _cached(self, cache: dict[str, tuple[datetime, Answer]], name: str, ask: Callable[[str], tuple[timedelta, Answer]]) -> Answer:
        now = self._clock.now()
        kept = cache.get(name)
        if kept is not None and now < kept[0]:
            return kept[1]
        lifetime, answer = ask(name)
        cache[name] = (now + lifetime, answer)
        return answer

    def _query(self, name: str, kind: dns.rdatatype.RdataType) -> dns.message.Message:
        query = dns.message.make_query(dns.name.from_text(name), kind)
        answer, _tcp = dns.query.udp_with_fallback(query, "127.0.0.1", timeout=2, port=self._port)
        return answer

    def _ask_services(self, domain: str) -> tuple[timedelta, tuple[Srv, ...] | LicensingError]:
        try:
            answer = self._query(f"_vlmcs._tcp.{domain}", dns.rdatatype.SRV)
        except (OSError, dns.exception.DNSException):
            return timedelta(0), LicensingError(DNS_ERROR_RCODE_SERVER_FAILURE)
        if answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN, dns.rcode.REFUSED):
            return timedelta(0), LicensingError(DNS_ERROR_RCODE_SERVER_FAILURE)
        # REFUSED: a domain this server does not have, which in the lab's closed network means no such name.
        if answer.rcode() != dns.rcode.NOERROR:
            return NEGATIVE_TTL, LicensingError(DNS_ERROR_RCODE_NAME_ERROR)
        records = tuple(
            Srv(rdata.priority, rdata.weight, rdata.port, rdata.target.to_text(omit_final_dot=True))
            for rrset in answer.answer
            for rdata in rrset
            if rrset.rdtype == dns.rdatatype.SRV
        )
        return (timedelta(seconds=answer.answer[0].ttl), records) if records else (NEGATIVE_TTL, LicensingError(DNS_INFO_NO_RECORDS))

    def _ask_addresses(self, name: str) -> tuple[timedelta, tuple[str, ...]]:
        found: list[str] = []
        for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
            try:
                answer = self._query(name, kind)
            except (OSError, dns.exception.DNSException):
                return timedelta(0), ()
            found += [rdata.address for rrset in answer.answer for rdata in rrset if rrset.rdtype == kind]
        return (timedelta(seconds=TTL) if found else NEGATIVE_TTL), tuple(found)
