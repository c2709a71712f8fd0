# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the other tests of this folder rest on: with honest answers each job does its work, and a replay of it is the same run."""

from __future__ import annotations

from pathlib import Path

import pytest

from .in_process import CHANGERS, JOBS, Direct, Job, Lab, Replay, run


@pytest.mark.parametrize("job", JOBS, ids=str)
def test_a_job_ends_well_and_its_replay_says_the_same(job: Job, tmp_path: Path) -> None:
    transport = Direct(Lab(tmp_path).endpoint(job.machine))
    result = run(job, transport)
    assert not result.get("failed"), result["msg"]
    assert not result.get("unreachable"), result["msg"]
    assert result["changed"] == (job in CHANGERS)
    assert bool(transport.tape.writes) == (job in CHANGERS)
    replay = Replay(transport.tape, lambda _number, _message, answer: answer)
    assert run(job, replay) == result
    assert replay.requests == len(transport.tape.order)


@pytest.mark.parametrize("job", CHANGERS, ids=str)
def test_check_mode_predicts_a_change_and_sends_no_write(job: Job, tmp_path: Path) -> None:
    transport = Direct(Lab(tmp_path).endpoint(job.machine))
    assert run(job, transport, check=True)["changed"] is True
    assert transport.tape.writes == 0
