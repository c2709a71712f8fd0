# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install the system packages that a checkout needs, on Debian and related distributions."""

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
"""An independent WS-Management client and the programs that it runs, with their packages. The contract tests use it against the lab."""


BROWSER, BROWSER_PACKAGES = Path("/usr/bin/chromium"), ("chromium", "fonts-noto-cjk")
"""The browser of the report tests and of the pictures, with a font for Japanese."""

PROMTOOL, PROMTOOL_PACKAGE = "promtool", "prometheus"
"""The program that checks metrics and alert rules. Debian has it in the package of the server, which is not started."""

JAVA_PACKAGES = ("default-jre-headless",)
"""The Java of Debian, 17 or later, in which the rule engine of ansible-rulebook runs."""


def has_named() -> bool:
    """Return whether the name server of BIND is installed. Debian installs it in a folder that is not in the PATH of ordinary users."""
    return shutil.which("named", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") is not None


def may_install() -> bool:
    """Return whether this process can install packages without a prompt."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install_named() -> None:
    """Install BIND if possible. Otherwise print the command that installs it and continue, because not every command needs it."""
    try:
        install("bind9", needed_for="the lab's name server")
    except ToolError as error:
        print(f"{error}\n(only commands that start the lab need it)", flush=True)


def install_client() -> None:
    """Install the client of the contract tests if possible. Otherwise print which tests are skipped, and continue."""
    missing = [package for program, package in CLIENT.items() if shutil.which(program) is None]
    if not missing:
        return
    try:
        install(*missing, needed_for="a WS-Management client for the contract tests")
    except ToolError as error:
        print(f"{error}\n(the tests that need it are skipped)", flush=True)


def install_browser() -> None:
    """Install the browser of the report tests if possible. Otherwise print which tests are skipped, and continue."""
    if BROWSER.exists():
        return
    try:
        install(*BROWSER_PACKAGES, needed_for="a browser for the tests of reports")
    except ToolError as error:
        print(f"{error}\n(the tests that need it are skipped)", flush=True)


def install_promtool() -> None:
    """Install promtool for the report tests if possible. Otherwise print which tests are skipped, and continue."""
    if shutil.which(PROMTOOL):
        return
    try:
        install(PROMTOOL_PACKAGE, needed_for="promtool for the tests of metrics")
    except ToolError as error:
        print(f"{error}\n(the tests that need it are skipped)", flush=True)


def install_java() -> None:
    """Install the Java that ansible-rulebook needs if possible. Otherwise print which tests are skipped, and continue."""
    if has_java():
        return
    try:
        install(*JAVA_PACKAGES, needed_for="Java for ansible-rulebook")
    except ToolError as error:
        print(f"{error}\n(the tests that need it are skipped)", flush=True)


def has_java() -> bool:
    """Return whether Java is installed."""
    return shutil.which("java") is not None


def install(*packages: str, needed_for: str) -> None:
    """Install packages. Raises ToolError with the command to run as root."""
    line = f"{APT_LINE} {' '.join(packages)}"
    if not may_install():
        raise ToolError(f"Missing: {needed_for}. As root: {line}")
    print(f"Missing: {needed_for}. Running: {line}", flush=True)
    before = _started_with_the_machine()
    with services_kept_down():
        _apt_get("update", "-qq")
        # Installed packages keep their version: this machine has other uses.
        done = _apt_get("install", "-qq", "-y", "--no-install-recommends", "--no-upgrade", *packages)
    _keep_from_starting(before)
    if done.returncode:
        raise ToolError(f"{done.stdout}\n{needed_for}: exit code {done.returncode} from: {line}")


def _started_with_the_machine() -> set[Path]:
    """Return the links that make Debian start a service with the machine, of System V and of systemd."""
    return {*ETC.glob("rc[2-5].d/S*"), *ETC.glob("systemd/system/*.wants/*")}


def _keep_from_starting(before: set[Path]) -> None:
    """Disable the services that packages enabled, because only the programs are needed.

    Services that were enabled before are not changed.
    """
    for name in sorted({link.name[3:] for link in _started_with_the_machine() - before if link.parent.name.startswith("rc")}):
        _run("update-rc.d", name, "disable")
    # Sockets and timers, and services without a script of System V.
    units = {link for link in _started_with_the_machine() - before if link.parent.name.endswith(".wants")}
    if units and shutil.which("systemctl"):
        _run("systemctl", "disable", *sorted({link.name for link in units}))
    else:
        # A container often has the units but no systemd. In this case, remove the links.
        for link in units:
            link.unlink()


def _apt_get(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Another apt might run, for example on a machine that was just started: wait for it.
    return _run("apt-get", "-o", "DPkg::Lock::Timeout=120", *arguments)


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command and keep its output, which is needed only after a failure."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        command, check=False, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


@contextmanager
def services_kept_down() -> Iterator[None]:
    """Prevent Debian from starting the service of a package that is being installed, such as a name server on port 53."""
    if POLICY.exists():
        yield
        return
    try:
        POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        POLICY.chmod(0o755)
        yield
    finally:
        POLICY.unlink(missing_ok=True)
