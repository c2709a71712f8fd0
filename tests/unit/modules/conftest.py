# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-doc prints, once for all files: it takes seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from .documented_modules import ALL_MODULES


@pytest.fixture(scope="session")
def printed() -> dict[str, Any]:
    """What ansible-doc prints of every module, fragments included."""
    names = [f"winops.volume_activation.{name}" for name in ALL_MODULES]
    command = [sys.executable, "-m", "ansible", "doc", "-j", *names]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stderr == ""
    pages: dict[str, Any] = json.loads(done.stdout)
    assert set(pages) == set(names)
    return {name.rpartition(".")[2]: page for name, page in pages.items()}
