# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments below build/, for tools whose packages do not go together with those of .venv, or which only one stage needs.

Only `make test` installs them. Uses only the standard library.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from project import BUILD, ROOT, ToolError, must


@dataclass(frozen=True)
class LockedVenv:
    """The virtual environment build/NAME with the packages of requirements/NAME.txt. `contents` is its purpose in messages."""

    name: str
    contents: str

    @property
    def folder(self) -> Path:
        return BUILD / self.name

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    @property
    def _lock(self) -> Path:
        return ROOT / "requirements" / f"{self.name}.txt"

    @property
    def _stamp(self) -> Path:
        return self.folder / ".winops-setup"

    def fingerprint(self) -> str:
        """Return a value that changes whenever the virtual environment must be created again."""
        return hashlib.sha256(self._lock.read_bytes() + str(ROOT).encode()).hexdigest()

    def is_installed(self) -> bool:
        """Return whether the locked packages are installed."""
        return self._stamp.exists() and self._stamp.read_text(encoding="utf-8") == self.fingerprint()

    def why_missing(self) -> str | None:
        """Return how to install the packages if they are missing, or None."""
        return None if self.is_installed() else f"needs {self.contents}: make test STAGES={self.name} installs it"

    def install(self) -> None:
        """Install the locked packages if possible. Otherwise print which tests are skipped, and continue."""
        if self.is_installed():
            return
        print(f"Installing {self.contents} in build/{self.name} ...", flush=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            must(Path(sys.executable), "-m", "venv", self.folder)
            pip = (self.bin / "python", "-m", "pip", "install", "-qq", "--require-hashes", "--only-binary", ":all:")
            must(*pip, "--requirement", self._lock)
        except ToolError as error:
            print(f"{error}\n(the tests that need {self.contents} are skipped)", flush=True)
            return
        self._stamp.write_text(self.fingerprint(), encoding="utf-8")


PACKAGING = LockedVenv("packaging", "galaxy-importer, ansible-builder, and ansible-lint")
EDA = LockedVenv("eda", "ansible-rulebook")
