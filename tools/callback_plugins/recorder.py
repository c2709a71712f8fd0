# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the tasks of a run to a file, with the duration and the result of every machine. For demo and bench, not part of the tarball."""

from __future__ import annotations

import importlib
import json
import os
import time
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: recorder
type: aggregate
short_description: Write results and times of a run to a file
description:
  - Writes JSON to the file that the environment variable WINOPS_RECORD names.
  - Imports the modules that WINOPS_WARM names, separated by commas, before the first task.
author:
  - winops contributors (@winops)
"""


class CallbackModule(CallbackBase):  # type: ignore[misc, unused-ignore]
    """Collects the results of a playbook, and writes them when the playbook ends."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "recorder"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._tasks: list[dict[str, Any]] = []
        # Worker processes are forked from this process and do not import these modules again.
        for name in filter(None, os.environ.get("WINOPS_WARM", "").split(",")):
            importlib.import_module(name)

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:  # noqa: ARG002
        """Record the start of a task on all machines."""
        self._tasks.append({"name": task.get_name(), "action": task.action, "began": time.monotonic(), "ended": 0.0, "hosts": {}})

    def _record(self, result: Any, status: str) -> None:
        # Public names exist since ansible-core 2.19.
        values = result.result if hasattr(result, "result") else result._result
        host = result.host if hasattr(result, "host") else result._host
        task = self._tasks[-1]
        task["ended"] = time.monotonic()
        # A playbook that reports failures at its end gives the status of a task in its result.
        task["hosts"][host.get_name()] = {"status": values.get("task_status", status), **values}

    def v2_runner_on_ok(self, result: Any) -> None:
        """Record the result of a machine."""
        self._record(result, "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # noqa: ARG002
        """Record the result of a failed machine."""
        self._record(result, "failed")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Record an unreachable machine."""
        self._record(result, "unreachable")

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Write all results, and what AWX takes as the artifacts of the job."""
        target = Path(os.environ["WINOPS_RECORD"])
        artifacts = stats.custom.get("_run", {})
        target.write_text(json.dumps({"tasks": self._tasks, "artifacts": artifacts}, default=str), encoding="utf-8")
