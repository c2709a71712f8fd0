# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate that the servers of these tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from .servers import certificate


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the address of the server."""
    return certificate(tmp_path_factory.mktemp("tls"))
