# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths, environment, and processes for all tools of this folder. Uses only the standard library."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
BUILD = ROOT / "build"
NAMESPACE = "winops"
NAME = "volume_activation"
FQCN = f"{NAMESPACE}.{NAME}"
APT_LINE = "apt-get install --no-install-recommends"
NAMED_APT_LINE = f"{APT_LINE} bind9"

LINKED = ("galaxy.yml", "README.md", "meta", "plugins", "roles", "playbooks")
"""The parts of the collection that are needed at run time. Only these are linked into an environment."""


class ToolError(Exception):
    """An error that the user must correct. The text contains the solution."""


def environment(**extra: str) -> dict[str, str]:
    """Return the environment of every command: the programs of the virtual environment, without the user's settings of Ansible."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "MOLECULE_", "PYTHONPATH"))}
    kept.update(
        ANSIBLE_CONFIG=str(ROOT / "tools" / "ansible.cfg"),
        # Excludes ~/.ansible/collections, which would have precedence over the checkout.
        ANSIBLE_HOME=str(ROOT / ".ansible"),
        # Otherwise modules on localhost create ~/.ansible/tmp. A variable for the shell, because Ansible does not quote this path.
        ANSIBLE_REMOTE_TMP="$ANSIBLE_HOME/tmp",
        LC_ALL="C.UTF-8",
        PATH=f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        PYTHONNOUSERSITE="1",
        VIRTUAL_ENV=str(VENV),
    )
    if not sys.stdout.isatty():
        kept["NO_COLOR"] = "1"
    kept.update(extra)
    return kept


def run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None, quiet: bool = False) -> int:
    """Run a command and return its exit code. The terminal shows the output, or only the errors if `quiet`."""
    sys.stdout.flush()
    stdout = subprocess.DEVNULL if quiet else None
    return subprocess.run([str(part) for part in command], cwd=cwd, env=env or environment(), stdout=stdout, check=False).returncode


def must(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None, quiet: bool = False) -> None:
    """Run a command. Raises ToolError if it fails."""
    code = run(*command, cwd=cwd, env=env, quiet=quiet)
    if code:
        raise ToolError(f"exit code {code} from: {shlex.join(str(part) for part in command)}")


def link_collection(site_packages: Path) -> None:
    """Link the parts of this checkout as a collection into a virtual environment."""
    target = site_packages / "ansible_collections" / NAMESPACE / NAME
    target.mkdir(parents=True, exist_ok=True)
    for name in LINKED:
        link = target / name
        source = os.path.relpath(ROOT / name, target)
        if link.is_symlink() and str(link.readlink()) == source:
            continue
        if link.is_symlink():
            link.unlink()
        link.symlink_to(source)


def site_packages(venv: Path) -> Path:
    """Return the site-packages folder of a virtual environment."""
    found = sorted(venv.glob("lib/python3*/site-packages"))
    if not found:
        raise ToolError(f"{venv} is not a virtual environment. Remove it, and run the command again.")
    return found[-1]
