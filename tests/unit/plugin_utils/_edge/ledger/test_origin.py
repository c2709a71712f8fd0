# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All workers of one run have one run ID, and two runs have two."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.ledger import origin
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.ledger.origin import origin_of, run_id

FORK = multiprocessing.get_context("fork")


def _report(queue: Any) -> None:
    queue.put(run_id())


def _workers(queue: Any) -> None:
    """A run: a process with three workers."""
    for _number in range(3):
        worker = FORK.Process(target=_report, args=(queue,))
        worker.start()
        worker.join()


@pytest.mark.parametrize("has_proc", [True, False])
def test_workers_of_a_run_share_its_id(has_proc: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if not has_proc:
        monkeypatch.setattr(origin, "_PROCESSES", tmp_path)
    queue = FORK.Queue()
    found = []
    for _number in range(2):
        run = FORK.Process(target=_workers, args=(queue,))
        run.start()
        found.append({queue.get(timeout=30) for _worker in range(3)})
        run.join()
    (first,), (second,) = found
    assert first != second
    assert len(first) == 16


def test_job_and_user_of_awx_are_named() -> None:
    task = SimpleNamespace(_parent=None)
    found = origin_of(task, {"awx_job_id": 4711, "awx_user_name": "erika", "ansible_play_name": "Convert"})
    assert (found["job_id"], found["user"], found["play"], found["playbook"]) == ("4711", "erika", "Convert", None)
    found = origin_of(task, {"tower_job_id": "12", "tower_user_name": "max"})
    assert (found["job_id"], found["user"], found["play"]) == ("12", "max", None)
    found = origin_of(task, {"awx_job_id": ["no"]})
    assert (found["job_id"], found["controller"]) == (None, os.uname().nodename)


def test_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert origin_of(SimpleNamespace(_parent=None), {})["user"] == "4000000000"
