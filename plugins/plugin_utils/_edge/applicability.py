# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task may ask that this collection cannot give, found before anything is sent.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Ansible itself ignores become in silence when an action starts no process on the machine; a person who wrote it meant
something by it, so it is refused.
"""

from __future__ import annotations

from typing import Any

from .._errors import VolumeActivationError


class UnsupportedKeywordError(VolumeActivationError):
    """The task asks for something that does not exist here; nothing was sent to the machine."""

    error_code = "not_applicable"
    cause = "The work is done on the controller, over the task's own connection; no process is started on the machine."


def reject_unsupported_keywords(module: str, task: Any, connection: Any) -> None:
    """Raise UnsupportedKeywordError for async and for become; a connection without WS-Management is refused where a session is opened."""
    if task.async_val:
        raise UnsupportedKeywordError(
            f"{module}: cannot run in the background, because no process runs on the machine that could go on alone.",
            ("Remove async and poll from the task.",),
        )
    if getattr(connection, "become", None) is not None:
        raise UnsupportedKeywordError(
            f"{module}: become does not apply, because no process is started on the machine under which another user could act.",
            ("Remove become, or give the task vars: {ansible_become: false} where the inventory sets it.", "Connect as an administrator."),
        )


__all__ = ["UnsupportedKeywordError", "reject_unsupported_keywords"]
