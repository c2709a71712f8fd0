# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules of awx.awx for the tests with a simulated controller, in build/controller.

PyPI has awx.awx only in the package `ansible`, which takes 600 MB. This downloads its wheel (54 MB), compares its hash, keeps the folder of
awx.awx (1.3 MB), and does not install the package. Uses only the standard library and pip.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import zipfile
from hashlib import sha256
from pathlib import Path

from project import BUILD, ROOT, ToolError, must

LOCK = ROOT / "requirements" / "controller.txt"
FOLDER = BUILD / "controller"
"""A path of collections with awx.awx, and nothing else."""
CONTENT = "ansible_collections/awx/awx/"
_STAMP = FOLDER / ".winops-setup"


def fingerprint() -> str:
    """Return a value that changes whenever the modules must be extracted again."""
    return sha256(LOCK.read_bytes()).hexdigest()


def is_installed() -> bool:
    """Return whether the modules of the locked wheel are there."""
    return _STAMP.exists() and _STAMP.read_text(encoding="utf-8") == fingerprint()


def why_missing() -> str | None:
    """Return how to get the modules if they are missing, or None."""
    return None if is_installed() else "needs the modules of awx.awx: make test STAGES=controller extracts them"


def extract(wheel: Path, target: Path) -> None:
    """Extract the folder of awx.awx from the wheel of `ansible`. Raises ToolError if the wheel does not have it."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.startswith(CONTENT)]
        if not names:
            raise ToolError(f"{wheel.name} does not contain {CONTENT}.")
        archive.extractall(target, names)


def install() -> None:
    """Get the modules if possible. Otherwise print which tests are skipped, and continue."""
    if is_installed():
        return
    print("Extracting the modules of awx.awx to build/controller ...", flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    # The wheel is only read, so that it does not matter which Python it is for.
    options = ("--no-deps", "--only-binary", ":all:", "--require-hashes", "--ignore-requires-python", "-qq")
    try:
        with tempfile.TemporaryDirectory() as folder:
            must(Path(sys.executable), "-m", "pip", "download", *options, "--dest", folder, "--requirement", LOCK)
            (wheel,) = Path(folder).glob("ansible-*.whl")
            extract(wheel, FOLDER)
    except ToolError as error:
        print(f"{error}\n(the tests that need the modules of awx.awx are skipped)", flush=True)
        return
    _STAMP.write_text(fingerprint(), encoding="utf-8")
