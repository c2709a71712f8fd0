# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab from outside: a client for its control API, and the lab as a child process that always ends."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

_START_SECONDS = 60.0
_STOP_SECONDS = 15.0
_PACKAGE_PARENT = Path(__file__).resolve().parent.parent


class LabError(Exception):
    """The lab refused a request or did not start; the text says why."""


def _sentence(answer: bytes) -> str:
    """What an answer of the control API says went wrong."""
    try:
        return str(json.loads(answer)["error"])
    except (ValueError, KeyError, TypeError):
        return answer.decode(errors="replace")


class LabClient:
    """The control API of a running lab. Machines are named as in the estate; "*" means all."""

    def __init__(self, control_url: str, timeout: float = 30.0) -> None:
        self.url = control_url
        self._timeout = timeout
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def _call(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise LabError(f"{method} {path}: {_sentence(error.read())}") from None

    def machines(self) -> list[dict[str, Any]]:
        """Name, address, ports and tags of every machine."""
        machines: list[dict[str, Any]] = self._call("GET", "/machines")
        return machines

    def machine(self, name: str) -> dict[str, Any]:
        """Everything about one machine: products, service, registry, events, KMS counts."""
        machine: dict[str, Any] = self._call("GET", f"/machines/{name}")
        return machine

    def counters(self, name: str | None = None) -> dict[str, Any]:
        """What one machine has served, or a mapping of all machines to that."""
        counters: dict[str, Any] = self._call("GET", "/counters" if name is None else f"/counters/{name}")
        return counters

    def reset_counters(self) -> None:
        """Start counting from zero, and the history of DNS updates anew."""
        self._call("POST", "/counters/reset", {})

    def clock(self) -> datetime:
        """The estate's time, UTC."""
        return datetime.fromisoformat(self._call("GET", "/clock")["now"])

    def advance(self, minutes: float) -> datetime:
        """Move the estate's time forward; returns the new time."""
        return datetime.fromisoformat(self._call("POST", "/clock/advance", {"minutes": minutes})["now"])

    def set_fault(self, machine: str, fault: str, **options: Any) -> None:
        """Switch a fault on; raises LabError for an unknown machine, fault or option."""
        self._call("POST", "/faults", {"machine": machine, "fault": fault, "options": options})

    def clear_faults(self) -> None:
        """Switch all faults off, everywhere."""
        self._call("DELETE", "/faults")

    def crash(self, name: str) -> None:
        """A machine dies: neither WinRM nor KMS answers, it publishes nothing. Raises LabError for an unknown machine."""
        self._call("POST", f"/machines/{name}/crash", {})

    def power_on(self, name: str) -> None:
        """A crashed machine is there again as it was."""
        self._call("POST", f"/machines/{name}/power_on", {})

    def rebuild(self, name: str) -> None:
        """A machine is installed anew under its name and address: no key of its own, another CMID, the firewall closed."""
        self._call("POST", f"/machines/{name}/rebuild", {})

    def change_hardware(self, name: str) -> None:
        """Hardware of a machine is replaced: other installation IDs, and a MAK has to be activated again within 30 days."""
        self._call("POST", f"/machines/{name}/change_hardware", {})

    def install_update(self, name: str, update: str) -> None:
        """Install an update ("KB824345") on a machine and restart it. Raises LabError for what is no update."""
        self._call("POST", f"/machines/{name}/install_update", {"name": update})

    def leave_domain(self, name: str) -> None:
        """A machine leaves its domain. Its licensing service notices when it starts the next time."""
        self._call("POST", f"/machines/{name}/leave_domain", {})

    def join_domain(self, name: str, domain: str) -> None:
        """A machine joins a domain that has a directory. Raises LabError for another one."""
        self._call("POST", f"/machines/{name}/join_domain", {"domain": domain})

    def directory(self, domain: str) -> dict[str, Any]:
        """Where the directory of a domain is, its activation objects, and what was asked of it since the start or the last reset."""
        directory: dict[str, Any] = self._call("GET", f"/directories/{domain}")
        return directory

    def stop_directory(self, domain: str) -> None:
        """The domain controller does not answer any more. Raises LabError for one that the lab does not run."""
        self._call("POST", f"/directories/{domain}/stop", {})

    def start_directory(self, domain: str) -> None:
        """It answers again, with everything it had."""
        self._call("POST", f"/directories/{domain}/start", {})

    def set_directory_clock(self, domain: str, minutes: float) -> None:
        """The clock of the domain controller is so much ahead, as its rootDSE shows."""
        self._call("POST", f"/directories/{domain}/clock", {"minutes": minutes})

    def phone(self, installation_id: str) -> str:
        """The confirmation ID Microsoft's telephone service gives for an installation ID, at the price of one activation.

        Blanks and hyphens do not matter. Raises LabError with what the service says when it refuses.
        """
        return str(self._call("POST", "/phone", {"installation_id": installation_id})["confirmation_id"])

    def batch(self) -> dict[str, Any]:
        """The batch activation service: url, ca, proxies, most_at_once, and per product key what was counted; LabError without one.

        Entries of keys: partial_key, channel, fits, activations, used, remaining, remaining_asked, questions (by installation ID: asked,
        answered).
        """
        found: dict[str, Any] = self._call("GET", "/batch")
        return found

    def batch_requests(self) -> list[dict[str, Any]]:
        """Every HTTP request the batch activation service got since the start or the last reset_counters, in order and without keys."""
        requests: list[dict[str, Any]] = self._call("GET", "/batch/requests")
        return requests

    def batch_proxy(self) -> list[dict[str, Any]]:
        """Every request the HTTP proxies got since the start or the last reset_counters: port, method, target, status, user, bytes."""
        connections: list[dict[str, Any]] = self._call("GET", "/batch/proxy")
        return connections

    def http_proxies(self) -> list[dict[str, Any]]:
        """Every request the proxies on the way to machines got since the last reset_counters, as :meth:`batch_proxy` has them."""
        connections: list[dict[str, Any]] = self._call("GET", "/http_proxies")
        return connections

    def dns(self) -> dict[str, Any]:
        """The DNS server: server, port, zones and the key for updates (key_name, key_secret, key_algorithm); None without one."""
        dns: dict[str, Any] = self._call("GET", "/dns")
        return dns

    def srv_records(self, domain: str) -> list[dict[str, Any]]:
        """The SRV records of _vlmcs._tcp the domain has now: priority, weight, port, host; raises LabError for an unknown domain."""
        records: list[dict[str, Any]] = self._call("GET", f"/dns/records/{domain}")
        return records

    def dns_updates(self) -> list[dict[str, Any]]:
        """Every accepted dynamic update since the start or the last reset_counters, in order.

        Entries: zone, kind (add, delete), owner, data (None when a deletion found nothing), key, time (UTC of this computer), changed.
        """
        updates: list[dict[str, Any]] = self._call("GET", "/dns/updates")
        return updates

    def stop(self) -> None:
        """Ask the lab to end; it does so within a second or two."""
        self._call("POST", "/stop", {})


def _wait_until_ready(process: subprocess.Popen[bytes], ready: Path, log: Path, seconds: float) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while not ready.exists():
        if process.poll() is not None:
            raise LabError(f"the lab ended with status {process.returncode}: {log.read_text().strip()}")
        if time.monotonic() > deadline:
            raise LabError(f"the lab was not ready after {seconds:.0f} s")
        time.sleep(0.02)
    content: dict[str, Any] = json.loads(ready.read_text())
    return content


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def peak_memory_mib(process: int) -> float:
    """The most memory a process has held so far, in MiB (VmHWM of Linux)."""
    lines = Path(f"/proc/{process}/status").read_text("utf-8").splitlines()
    return next(round(int(line.split()[1]) / 1024, 1) for line in lines if line.startswith("VmHWM"))


@contextlib.contextmanager
def running_lab(
    estate: str | Path,
    *,
    run_dir: str | Path | None = None,
    python: str = sys.executable,
    start_seconds: float = _START_SECONDS,
    keytab: Path | None = None,
) -> Iterator[tuple[LabClient, Path]]:
    """Serve an estate file in a process of its own; yields the client and the path of the inventory, always stops the process.

    `keytab` has the keys with which the machines accept Kerberos.
    `run_dir` keeps the lab's files; without it they go to a temporary folder that is removed at the end. Raises
    :class:`LabError` with the lab's own words when it does not start, and at the end when it complained of an error of its own.
    """
    with contextlib.ExitStack() as stack:
        folder = (
            Path(run_dir).resolve() if run_dir is not None else Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="winlab-")))
        )
        folder.mkdir(parents=True, exist_ok=True)
        ready, inventory, log = folder / "ready.json", folder / "inventory.yml", folder / "lab.log"
        ready.unlink(missing_ok=True)
        command = [python, "-m", "winlab", "serve", "--exit-with-parent", str(os.getpid()), "--estate", str(Path(estate).resolve())]
        command += ["--ready", str(ready), "--inventory", str(inventory), "--run-dir", str(folder)]
        command += [] if keytab is None else ["--keytab", str(keytab.resolve())]
        with log.open("wb") as errors:
            process = subprocess.Popen(command, cwd=_PACKAGE_PARENT, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
        with contextlib.ExitStack() as running:
            running.callback(_end, process)
            content = _wait_until_ready(process, ready, log, start_seconds)
            yield LabClient(content["control"]), inventory
        complaint = log.read_text().strip()
        if complaint:
            raise LabError(f"the lab complained: {complaint}")
