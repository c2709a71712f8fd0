# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The importer of Galaxy, without its limit of 180 seconds for ansible-lint: TARBALL

ansible-lint needs about 40 seconds of CPU time, which takes longer than the limit if other tests keep the computer busy. Runs with the
Python of build/packaging.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from galaxy_importer import main
from galaxy_importer.loaders import collection


class Patient(subprocess.Popen[str]):
    """A process without a limit in time."""

    def communicate(self, input: str | None = None, timeout: float | None = None) -> tuple[Any, Any]:  # noqa: A002, ARG002 - the interface
        """Wait for the process."""
        return super().communicate(input)


assert collection.Popen is subprocess.Popen
collection.Popen = Patient
sys.exit(main.main())
