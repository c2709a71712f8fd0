# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two system packages a checkout may lack, on Debian and its kin."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from project import NAMED_APT_LINE, ToolError

POLICY = Path("/usr/sbin/policy-rc.d")


def has_named() -> bool:
    """Whether BIND's name server is there; Debian puts it where ordinary users have no PATH to."""
    return shutil.which("named", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") is not None


def install_named() -> None:
    """Install BIND when we may; otherwise say which line does it, and go on: not every command needs it."""
    try:
        install("bind9", needed_for="the lab's name server")
    except ToolError as error:
        print(f"{error}\n(only the commands that start the lab need it)", flush=True)


def install(*packages: str, needed_for: str) -> None:
    """Install packages, or raise ToolError with the line a person has to run."""
    line = NAMED_APT_LINE if packages == ("bind9",) else f"apt-get install {' '.join(packages)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise ToolError(f"{needed_for} missing. As root: {line}")
    print(f"{needed_for} missing: {line}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with services_kept_down():
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=quiet, stdin=subprocess.DEVNULL)
        command = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages]
        done = subprocess.run(command, check=False, env=quiet, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise ToolError(f"{needed_for}: exit code {done.returncode} from: {line}")


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
