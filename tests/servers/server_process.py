# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that is a process of its own: started on a free port of 127.0.0.1, waited for, and ended with the tests."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rdatatype

import dns_servers

LOOPBACK = "127.0.0.1"
START_SECONDS = 20.0
STOP_SECONDS = 10.0
_LAUNCHER = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Becomes the server after asking the kernel (PR_SET_PDEATHSIG) to end it when the tests die without stopping it."""


# PR_SET_PDEATHSIG means the thread that starts a process, so all are started by one that lasts.
_STARTER = ThreadPoolExecutor(max_workers=1)


def in_starter(work: Callable[[], None]) -> None:
    """Do something in the thread that starts processes; raises what it raises."""
    _STARTER.submit(work).result()


class ServerFailed(Exception):
    """A server did not start; the text has the end of what it wrote."""


def program(name: str) -> str:
    """The path of an installed program; the fixtures have skipped before when it is missing."""
    found = dns_servers.find(name)
    assert found is not None, name
    return found


def free_port() -> int:
    """A port free for both UDP and TCP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
            stream.bind((LOOPBACK, 0))
            port: int = stream.getsockname()[1]
            try:
                datagram.bind((LOOPBACK, port))
            except OSError:
                continue
            return port


def run(command: Sequence[str], env: Mapping[str, str] | None = None, text: str | None = None, *, only_output: bool = False) -> str:
    """Run a server's own tool to its end, and return what it wrote, if `only_output` without its errors. Raises ServerFailed."""
    stdin: dict[str, object] = {"stdin": subprocess.DEVNULL} if text is None else {"input": text}
    errors = subprocess.PIPE if only_output else subprocess.STDOUT
    done = subprocess.run(command, check=False, env=env, stdout=subprocess.PIPE, stderr=errors, text=True, timeout=300, **stdin)
    if done.returncode:
        raise ServerFailed(f"exit code {done.returncode} from {' '.join(command)}\n{(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


class Process:
    """One running program that writes what it says into a file of its folder."""

    def __init__(self, folder: Path, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self._said = folder / "output.txt"
        self._command = [sys.executable, "-I", "-S", "-c", _LAUNCHER, *command]
        self._env = env
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The number of the running process, for what happens to it in the middle of a run."""
        assert self._process is not None
        return self._process.pid

    def start(self, answers: Callable[[], bool]) -> None:
        """Start, and return when `answers` says yes; an OSError or DNS error of it means not yet."""
        with self._said.open("ab") as output:
            self._process = _STARTER.submit(
                subprocess.Popen,
                self._command,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._said.parent,
            ).result()
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if answers():
                    return
            except (OSError, dns.exception.DNSException):
                pass
            time.sleep(0.02)
        code = self._process.poll()
        self.stop()
        raise ServerFailed(f"{self._command[5]}: exit code {code}, said: {self._said.read_text(encoding='utf-8')[-2000:]}")

    def stop(self) -> None:
        """End it, by force when it does not go."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def copied(name: str, folder: Path) -> str:
    """A copy of a program: on Ubuntu AppArmor lets the original read its own folders only."""
    return str(shutil.copy2(program(name), folder / name))


def answers(port: int, zone: str) -> Callable[[], bool]:
    """Whether a name server says who is the authority for a zone."""
    query = dns.message.make_query(zone, dns.rdatatype.SOA)
    return lambda: bool(dns.query.tcp(query, LOOPBACK, timeout=1, port=port).answer)
