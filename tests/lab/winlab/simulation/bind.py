# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process of the estate's DNS server: a real BIND on a free port of 127.0.0.1.

Start-up as measured in dns.md section 1.1. The server is for the lab's own names only: no recursion, no transfers. Its zones are
dynamic; named writes their journals into its own folder, as whatever user the lab runs.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

from .update_log import LOGGING
from .zone import ADMINISTRATOR, ALGORITHM, HOSTS, Zone

START_SECONDS = 10.0
_LAUNCHER = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Becomes named after asking the kernel (PR_SET_PDEATHSIG) to end it when the lab dies without stopping it."""


class BindMissing(OSError):
    """There is no named on this computer."""


class BindFailed(OSError):
    """named did not start."""


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

    def __init__(self, directory: Path, zones: Sequence[Zone], keytab: Path | None = None) -> None:
        self._directory = directory.resolve()
        self._zones = zones
        self._keytab = keytab
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
        for left in [*self._directory.glob("*.jnl"), *self._directory.glob("*.log")]:
            left.unlink()  # a journal of an earlier run does not fit the zone files of this one
        # A copy, because AppArmor on some systems confines /usr/sbin/named to /etc/bind.
        copy = self._directory / "named"
        shutil.copy2(binary, copy)
        self.port = _free_port()
        config = self._write_config()
        nothing = asyncio.subprocess.DEVNULL
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", "-c", _LAUNCHER, str(copy), "-f", "-n", "1", "-d", "7", "-c", str(config),
            stdin=nothing, stdout=nothing, stderr=nothing, cwd=self._directory,
            env={**os.environ, "KRB5RCACHEDIR": str(self._directory)},  # otherwise it remembers tickets in /var/tmp
        )  # fmt: skip
        try:
            await self._wait()
        except BaseException:
            await self.stop()
            raise

    @property
    def log(self) -> Path:
        """Where the updates are written down (see update_log)."""
        return self._directory / "updates.log"

    def _write_config(self) -> Path:
        place = self._directory
        tickets = "" if self._keytab is None else f'tkey-gssapi-keytab "{self._keytab.resolve()}"; '
        lines = [f'key "{key.name}" {{ algorithm {ALGORITHM}; secret "{key.secret}"; }};' for key in (ADMINISTRATOR, HOSTS)]
        lines.append(
            f'options {{ directory "{place}"; listen-on port {self.port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};'
            f' {tickets}pid-file "{place}/named.pid"; session-keyfile "{place}/session.key"; recursion no; allow-transfer {{ none; }};'
            " notify no; dnssec-validation no; empty-zones-enable no; check-names primary ignore; };\ncontrols { };"
        )
        errors = f'channel errors {{ file "{place}/named.log"; severity info; }}; category default {{ errors; }};'
        lines.append(f"logging {{ {errors} {LOGGING.format(file=self.log)} }};")
        for number, zone in enumerate(self._zones):
            (place / f"zone{number}.db").write_text(zone.text(), "utf-8")
            lines.append(zone.statement(f"zone{number}.db"))
        config = place / "named.conf"
        config.touch(mode=0o600)
        config.write_text("\n".join(lines) + "\n", "utf-8")
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
