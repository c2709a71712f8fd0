# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugin needs for changes: how they are made, and the keys of the result after a failure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._edge.actions.windows import WindowsAction
from .._licensing.plan.account import Account
from .._licensing.plan.timer import RetryTimer
from .changing.outcome import left_behind
from .changing.run import Changing


def changing_of(options: Mapping[str, Any], action: WindowsAction, show: Callable[[str], None], *, check: bool) -> Changing | None:
    """Return how to change a machine by the options of the task, or None if it must not be changed."""
    if not options["allow_changes"]:
        return None
    return Changing(
        computer_names=tuple(options["computer_names"]),
        restore_path=options["restore_path"],
        account=action.account,
        timer=RetryTimer(action.clock, action.sleep),
        show=lambda text: show(f"windows_conformance {text}."),
        check_mode=bool(check),
    )


def known_changes(account: Account, changing: Changing | None) -> dict[str, Any]:
    """Return the keys of the result of a failed task: what was done, and what is not restored."""
    left = changing.left if changing and not changing.check_mode else ()
    path = str(changing.record.path) if changing and changing.record and left else None
    return {**account.as_dict(), "changes_left": left_behind(left), "restore_path": path}


__all__ = ["changing_of", "known_changes"]
