# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes which modules the worker processes of a run imported: each of them pays for those anew."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection
from multiprocessing import util
from pathlib import Path

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: worker_imports
type: aggregate
short_description: Write what the worker processes imported
description:
  - Writes one file of JSON for each worker process to the folder that the environment variable WINOPS_IMPORTS names.
author:
  - winops contributors (@winops)
"""


class CallbackModule(CallbackBase):  # type: ignore[misc, unused-ignore]
    """Looks at the beginning and at the end of each process that is forked."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "worker_imports"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        util.register_after_fork(self, CallbackModule._watch)

    def _watch(self) -> None:
        util.Finalize(None, _write, args=(frozenset(sys.modules),), exitpriority=0)


def _write(known: Collection[str]) -> None:
    imported = sorted(name for name in sys.modules if name not in known)
    target = Path(os.environ["WINOPS_IMPORTS"]) / f"{os.getpid()}.json"
    part = target.with_suffix(".part")  # the end of the run may end this process
    part.write_text(json.dumps(imported), encoding="utf-8")
    part.rename(target)
