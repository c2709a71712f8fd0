# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-rulebook for the stage `eda`, in a virtual environment of its own with what a decision environment has.

Only `make test` installs it. Uses only the standard library.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

import apt
from project import APT_LINE, BUILD, ROOT, ToolError, must

VENV = BUILD / "eda"
BIN = VENV / "bin"
LOCK = ROOT / "requirements" / "eda.txt"
STAMP = VENV / ".winops-setup"


def fingerprint() -> str:
    """Return a value that changes whenever the virtual environment must be created again."""
    return hashlib.sha256(LOCK.read_bytes() + str(ROOT).encode()).hexdigest()


def is_installed() -> bool:
    """Return whether the locked packages are installed."""
    return STAMP.exists() and STAMP.read_text(encoding="utf-8") == fingerprint()


def why_missing() -> str | None:
    """Return what is missing for the tests and how to install it, or None."""
    if not apt.has_java():
        return f"needs Java (Debian: {APT_LINE} {' '.join(apt.JAVA_PACKAGES)})"
    return None if is_installed() else "needs ansible-rulebook: make test STAGES=eda installs it"


def install() -> None:
    """Install Java and the locked packages if possible. Otherwise print which tests are skipped, and continue."""
    apt.install_java()
    if is_installed() or not apt.has_java():
        return
    print("Installing ansible-rulebook in build/eda ...", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        must(Path(sys.executable), "-m", "venv", VENV)
        must(BIN / "python", "-m", "pip", "install", "-qq", "--require-hashes", "--only-binary", ":all:", "--requirement", LOCK)
    except ToolError as error:
        print(f"{error}\n(the tests that need ansible-rulebook are skipped)", flush=True)
        return
    STAMP.write_text(fingerprint(), encoding="utf-8")
