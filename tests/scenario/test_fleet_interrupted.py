# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One task for many machines, some of which are slow, and a run that ends before: no process stays, and the older record file does."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import uuid
from pathlib import Path

import pytest
import yaml

from playbook import PROGRAMS
from processes import left_behind
from project import ROOT, environment

from .harness import FQCN, Lab
from .interrupt import MARK, kill, settings

ESTATE = "ending.yml"
OLDER = "older\n"
SECONDS = 5
"""Time in which a run must end. The slow machines need a minute."""


@pytest.fixture
def book(lab: Lab, tmp_path: Path) -> Path:
    """A playbook that writes a record file, which exists already, about fast and slow machines."""
    for number in range(1, 11):
        lab.client.set_fault(f"desk-{number:02d}", "delay", milliseconds=60_000)
    (tmp_path / "records.jsonl").write_text(OLDER, encoding="ascii")
    read = {f"{FQCN}.activation_fleet_info": {"record_path": str(tmp_path / "records.jsonl")}, "delegate_to": "localhost"}
    path = tmp_path / "book.yml"
    path.write_text(yaml.safe_dump([{"hosts": "fleet", "gather_facts": False, "tasks": [{"name": "Read", **read}]}]), encoding="utf-8")
    return path


@pytest.mark.smoke
@pytest.mark.parametrize(
    ("number", "is_group"),
    [(signal.SIGINT, True), (signal.SIGINT, False), (signal.SIGTERM, True), (signal.SIGTERM, False), (signal.SIGKILL, False)],
    ids=["terminal", "int", "container", "term", "kill"],
)
def test_a_run_that_is_ended_ends_the_task_within_seconds_and_leaves_the_older_file(
    lab: Lab, book: Path, number: signal.Signals, is_group: bool
) -> None:
    lab.client.reset_counters()
    mark = uuid.uuid4().hex
    env = environment(**settings(lab), **{MARK: mark})
    command = [str(PROGRAMS / "ansible-playbook"), "-i", str(lab.inventory), str(book)]
    log = book.parent / "output.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_for_slow_machines(lab)
        (os.killpg if is_group else os.kill)(process.pid, number)
        process.wait(SECONDS)
        assert left_behind(mark, grace_seconds=SECONDS, name=MARK) == []
    finally:
        kill([process], mark)
        lab.client.clear_faults()
    assert sorted(path.name for path in book.parent.iterdir()) == ["book.yml", "output.txt", "records.jsonl"]
    assert (book.parent / "records.jsonl").read_text(encoding="ascii") == OLDER
    assert "Traceback" not in log.read_text(encoding="utf-8")


def wait_for_slow_machines(lab: Lab) -> None:
    """Return when the task has read the other machines, and waits for the responses of the slow ones."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        counts = lab.client.counters()
        if counts["desk-10"]["tcp_connections"] and counts["mak-12"]["requests"] >= 2:
            time.sleep(1)
            return
        time.sleep(0.1)
    raise AssertionError("the task did not begin")
