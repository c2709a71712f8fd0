# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Warm starts of ansible-playbook: a run that wants no settings of its own is forked from a process that has loaded it already.

A start takes a tenth of the time. What must not differ from a real one is held by the tests that start for real: files with REAL_STARTS,
runs with more verbosity or an environment of their own, every other stage, and all of them with WINOPS_REAL_STARTS=1.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from playbook import PROGRAMS, Ended, new_process
from project import FQCN, ROOT, site_packages

SERVER = Path(__file__).with_name("warm_server.py")
COLLECTION = site_packages(PROGRAMS.parent) / "ansible_collections" / FQCN.replace(".", "/") / "plugins"
RECORD, CURRENT = "WINOPS_RECORD", "PYTEST_CURRENT_TEST"
"""The variables that differ from run to run, of which the second is for people. All others may be read when Ansible is imported."""

INVENTORIES = {"ANSIBLE_INVENTORY_ENABLED": "yaml"}
"""Those of the lab are YAML, and no other plugin has to read them to the end to find that out."""


class WarmStarts:
    """Starts for the runs of a test session, one after the other."""

    def __init__(self) -> None:
        self._settings: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def _open(self, settings: dict[str, str]) -> None:
        self._settings = settings
        # Keeps messages apart, and ends when one side hangs up.
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, str(SERVER), str(theirs.fileno()), str(PROGRAMS / "ansible-playbook"), str(COLLECTION)],
                cwd=ROOT, env={**settings, **INVENTORIES}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()], start_new_session=True,
            )  # fmt: skip

    def _answer(self) -> dict[str, Any]:
        text = self._channel.recv(4096)
        assert text, "the server of warm starts has ended"
        answer: dict[str, Any] = json.loads(text)
        return answer

    def __call__(self, command: Sequence[str], settings: Mapping[str, str], output: IO[str] | None) -> Ended:
        """Run a command of ansible-playbook; in a new process when its environment is not that of the server."""
        shared = {name: value for name, value in settings.items() if name not in {RECORD, CURRENT}}
        if self._process is None:
            self._open(shared)
        if output is None or shared != self._settings:
            return new_process(command, settings, output)
        order = {"command": list(command), "environment": {RECORD: settings[RECORD]}}
        socket.send_fds(self._channel, [json.dumps(order).encode()], [output.fileno()])
        child = self._answer()["pid"]
        try:
            end = self._answer()
        except KeyboardInterrupt:
            os.kill(child, signal.SIGKILL)
            raise
        return Ended(os.waitstatus_to_exitcode(end["status"]), end["maxrss"] / 1024, end["cpu"])

    def close(self) -> None:
        """Hang up, whereupon the server ends."""
        if self._process is not None:
            self._channel.close()
            self._process.wait()
