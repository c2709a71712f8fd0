# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-rulebook for the stage `eda`, in a virtual environment of its own with what a decision environment has, and Java.

Only `make test` installs it. Uses only the standard library.
"""

from __future__ import annotations

import apt
from locked_venv import EDA
from project import APT_LINE

VENV = EDA.folder
BIN = EDA.bin


def why_missing() -> str | None:
    """Return what is missing for the tests and how to install it, or None."""
    if not apt.has_java():
        return f"needs Java (Debian: {APT_LINE} {' '.join(apt.JAVA_PACKAGES)})"
    return EDA.why_missing()


def install() -> None:
    """Install Java and the locked packages if possible. Otherwise print which tests are skipped, and continue."""
    apt.install_java()
    if apt.has_java():
        EDA.install()
