# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab for each test file that needs one, with the estate the file names. Files may run side by side: each estate has its addresses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from winlab.client import LabClient, running_lab

from .in_process import JOBS, Direct, Tape, run
from .in_process import Lab as LabInProcess
from .listeners import NETWORK


@pytest.fixture(scope="module")
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabClient]:
    """The lab with the estate that the test file names as ESTATE."""
    original = Path(__file__).with_name(request.module.ESTATE)
    folder = tmp_path_factory.mktemp(original.stem)
    estate = folder / original.name
    estate.write_text(original.read_text(encoding="utf-8").replace("127.41.", f"127.{NETWORK}."), encoding="utf-8")
    with running_lab(estate, run_dir=folder / "lab") as (client, _):
        yield client


@pytest.fixture(scope="module")
def tapes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tape]:
    """One recorded run of each job."""
    found = {}
    for job in JOBS:
        transport = Direct(LabInProcess(tmp_path_factory.mktemp("lab")).endpoint(job.machine))
        run(job, transport)
        found[str(job)] = transport.tape
    return found
