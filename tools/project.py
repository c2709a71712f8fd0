# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things are and how to run them: what every tool of this folder shares (standard library only)."""

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
"""What a collection may use at run time; only this is linked into an environment, so nothing else can creep in."""


class ToolError(Exception):
    """Something a person has to put right; the text says how."""


def environment(**extra: str) -> dict[str, str]:
    """The environment for every command: the virtual environment's programs, and nobody's own Ansible settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "MOLECULE_", "PYTHONPATH"))}
    kept.update(
        ANSIBLE_CONFIG=str(ROOT / "tools" / "ansible.cfg"),
        # Keeps ~/.ansible/collections, which would win over the checkout, out of the way.
        ANSIBLE_HOME=str(ROOT / ".ansible"),
        # Modules on localhost would leave ~/.ansible/tmp behind. As a variable for the shell, since Ansible quotes no path here.
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
    """Run a command in view of the person, or with its errors only, and return its exit code."""
    sys.stdout.flush()
    stdout = subprocess.DEVNULL if quiet else None
    return subprocess.run([str(part) for part in command], cwd=cwd, env=env or environment(), stdout=stdout, check=False).returncode


def must(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None, quiet: bool = False) -> None:
    """Run a command and raise ToolError when it fails."""
    code = run(*command, cwd=cwd, env=env, quiet=quiet)
    if code:
        raise ToolError(f"exit code {code} from: {shlex.join(str(part) for part in command)}")


def link_collection(site_packages: Path) -> None:
    """Link this checkout as a collection into a virtual environment, entry by entry."""
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
    """The site-packages folder of a virtual environment."""
    found = sorted(venv.glob("lib/python3*/site-packages"))
    if not found:
        raise ToolError(f"{venv} is no virtual environment: remove it and run the command again")
    return found[-1]
