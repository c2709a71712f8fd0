# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks for keywords of a task that the modules do not support, before a request is sent.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Ansible ignores become without a warning if an action does not start a process on the machine. Because the user expects an effect, the
task fails.
"""

from __future__ import annotations

from typing import Any

from .._errors import VolumeActivationError


class UnsupportedKeywordError(VolumeActivationError):
    """The task has a keyword that the modules do not support; no request was sent."""

    error_code = "not_applicable"
    cause = "The module runs on the controller and uses the connection of the task. It does not start a process on the machine."


def reject_unsupported_keywords(module: str, task: Any, connection: Any) -> None:
    """Raise UnsupportedKeywordError for async and for become; opening a session rejects connections without WS-Management."""
    if task.async_val:
        raise UnsupportedKeywordError(
            f"{module} does not support async, because no process runs on the machine that could continue in the background.",
            ("Remove async and poll from the task.",),
        )
    if getattr(connection, "become", None) is not None:
        raise UnsupportedKeywordError(
            f"{module} does not support become, because it does not start a process on the machine.",
            (
                "Remove become, or set vars: {ansible_become: false} in the task if the inventory sets become.",
                "Connect as an administrator.",
            ),
        )


__all__ = ["UnsupportedKeywordError", "reject_unsupported_keywords"]
