# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab with the batch activation service for each test file."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .batch_lab import BatchLab, lab_with_batch

NETWORK = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BatchLab]:
    """The lab of a test file, with the SETTINGS of that file."""
    options = getattr(request.module, "SETTINGS", "several_requests: false")
    with lab_with_batch(tmp_path_factory.mktemp("batch"), NETWORK, options) as lab:
        yield lab


@pytest.fixture
def batch_lab(running: BatchLab) -> Iterator[BatchLab]:
    """The same without faults, and with empty logs."""
    running.client.reset_counters()
    yield running
    running.client.clear_faults()
