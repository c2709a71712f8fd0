# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running ansible-playbook for the demo and the bench."""

from __future__ import annotations

from pathlib import Path

import pytest

import playbook
from project import ToolError


def test_a_run_that_does_not_go_through_tells_what_ansible_said_also_when_its_output_is_in_a_file(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    with log.open("w", encoding="utf-8") as output, pytest.raises(ToolError) as failed:
        playbook.run_playbook(tmp_path / "missing.yml", tmp_path / "inventory.yml", tmp_path / "record.json", output=output)
    assert "missing.yml could not be found" in str(failed.value)
    assert str(log) in str(failed.value)
