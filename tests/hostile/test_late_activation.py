# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An activation that takes longer than the timeout of WinRM: Windows continues it, or ends it (W-015). No test waits for real."""

from __future__ import annotations

from pathlib import Path

import pytest

from .in_process import Clock, Direct, Job, Lab, run
from .late import LateActivation

LATE = [
    Job("kms_client", "SERVER", {"kms_host": "kms1.corp.lab"}, "late"),
    Job("mak_client", "SERVER", {"product_key": "MMMMM-KKKKK-MMMMM-22222-66666"}, "late"),
]


@pytest.mark.parametrize("job", LATE, ids=str)
def test_a_late_activation_is_waited_for_if_it_continues(tmp_path: Path, job: Job) -> None:
    lab = Lab(tmp_path)
    clock = Clock()
    transport = LateActivation(lab.endpoint("SERVER"), clock, continues=True, seconds=90.0)
    result = run(job, transport, clock)
    assert not result.get("failed"), result["msg"]
    assert result["activation"]["outcome"] == "activated"
    assert len(transport.activations) == 1
    assert clock.seconds < 60 + 120


@pytest.mark.parametrize("job", LATE, ids=str)
def test_a_late_activation_that_ended_is_reported_as_unknown_and_is_not_repeated(tmp_path: Path, job: Job) -> None:
    lab = Lab(tmp_path)
    clock = Clock()
    transport = LateActivation(lab.endpoint("SERVER"), clock, continues=False)
    result = run(job, transport, clock)
    assert (result["failed"], result["error"]["code"]) == (True, "0x80338029")
    assert "activation_info" in result["error"]["next_steps"][0]
    assert len(transport.activations) == 1
    assert clock.seconds < 300
    again = run(job, Direct(lab.endpoint("SERVER")), Clock())
    assert not again.get("failed"), again["msg"]
    assert again["activation"]["outcome"] == "activated"
