# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few system packages a checkout may lack, on Debian and its kin."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from project import APT_LINE, ToolError

POLICY = Path("/usr/sbin/policy-rc.d")
ETC = Path("/etc")

CLIENT = {"wslenum": "wsl", "uuidgen": "uuid-runtime", "curl": "curl"}
"""A WS-Management client nobody here wrote and what it calls, by program: the contract tests let it talk to the lab."""


def has_named() -> bool:
    """Whether BIND's name server is there; Debian puts it where ordinary users have no PATH to."""
    return shutil.which("named", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") is not None


def may_install() -> bool:
    """Whether packages can be installed without asking anybody."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install_named() -> None:
    """Install BIND when we may; otherwise say which line does it, and go on: not every command needs it."""
    try:
        install("bind9", needed_for="the lab's name server")
    except ToolError as error:
        print(f"{error}\n(only what starts the lab needs it)", flush=True)


def install_client() -> None:
    """Install the client of the contract tests when we may; otherwise say what is left out, and go on."""
    missing = [package for program, package in CLIENT.items() if shutil.which(program) is None]
    if not missing:
        return
    try:
        install(*missing, needed_for="a WS-Management client for the contract tests")
    except ToolError as error:
        print(f"{error}\n(the tests that need it are skipped)", flush=True)


def install(*packages: str, needed_for: str) -> None:
    """Install packages, or raise ToolError with the line a person has to run."""
    line = f"{APT_LINE} {' '.join(packages)}"
    if not may_install():
        raise ToolError(f"Missing: {needed_for}. As root: {line}")
    print(f"Missing: {needed_for}. Running: {line}", flush=True)
    before = _started_with_the_machine()
    with services_kept_down():
        _apt_get("update", "-qq")
        # What is there stays in the version it has: this machine is somebody's.
        done = _apt_get("install", "-qq", "-y", "--no-install-recommends", "--no-upgrade", *packages)
    _keep_from_starting(before)
    if done.returncode:
        raise ToolError(f"{done.stdout}\n{needed_for}: exit code {done.returncode} from: {line}")


def _started_with_the_machine() -> set[Path]:
    """The links that make Debian start a service with the machine: those of System V and those of systemd."""
    return {*ETC.glob("rc[2-5].d/S*"), *ETC.glob("systemd/system/*.wants/*")}


def _keep_from_starting(before: set[Path]) -> None:
    """Undo what packages did so that the machine starts their services from now on; we want the programs only.

    What was started before stays as it is, whoever uses it.
    """
    for name in sorted({link.name[3:] for link in _started_with_the_machine() - before if link.parent.name.startswith("rc")}):
        _run("update-rc.d", name, "disable")
    # Sockets and timers, and services without a script of System V.
    units = {link for link in _started_with_the_machine() - before if link.parent.name.endswith(".wants")}
    if units and shutil.which("systemctl"):
        _run("systemctl", "disable", *sorted({link.name for link in units}))
    else:
        # A container has the units and often no systemd: its links are all there is to take away.
        for link in units:
            link.unlink()


def _apt_get(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Another apt may be at work, as on a machine that has just been started: wait for it.
    return _run("apt-get", "-o", "DPkg::Lock::Timeout=120", *arguments)


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run without a word: nobody wants to read how packages are unpacked, unless it goes wrong."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        command, check=False, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


@contextmanager
def services_kept_down() -> Iterator[None]:
    """Debian starts a service when its package is installed; we want the program, not a name server on port 53."""
    if POLICY.exists():
        yield
        return
    try:
        POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        POLICY.chmod(0o755)
        yield
    finally:
        POLICY.unlink(missing_ok=True)
