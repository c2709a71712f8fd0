# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The running lab that several contract tests connect to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from winlab.client import running_lab
from winlab.simulation.bind import find_named

from .lab_types import Lab

ESTATE = Path(__file__).parent / "lab_machines.yml"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The lab, and what its inventory says about each machine."""
    if find_named() is None:
        pytest.skip("needs named (Debian: bind9)")
    folder = tmp_path_factory.mktemp("lab")
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    network = str((int(os.environ.get("WINOPS_TEST_NETWORK", "41")) + 50 * worker) % 255)
    estate = folder / ESTATE.name
    estate.write_text(ESTATE.read_text(encoding="utf-8").replace("127.41.", f"127.{network}."), encoding="utf-8")
    with running_lab(estate, run_dir=folder / "run") as (client, inventory):
        groups = yaml.safe_load(inventory.read_text(encoding="utf-8"))["all"]["children"]
        yield client, groups["windows"]["hosts"]
