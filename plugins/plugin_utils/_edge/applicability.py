# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks for keywords and for a connection that a module does not support, before a request is sent.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Ansible ignores become without a warning if an action does not start a process on the machine. Because the user expects an effect, the
task fails. If a module in Python runs on Windows, Ansible searches for a Python there, and its message does not say what to change.
"""

from __future__ import annotations

from typing import Any

from .._errors import VolumeActivationError


class UnsupportedKeywordError(VolumeActivationError):
    """The task has a keyword that the modules do not support; no request was sent."""

    error_code = "not_applicable"
    cause = "The module runs on the controller and uses the connection of the task. It does not start a process on the machine."


class WindowsTargetError(VolumeActivationError):
    """A module that needs Python would run on Windows; nothing was sent to the machine."""

    error_code = "not_applicable"
    cause = "The module is written in Python and runs on the target of the task. Windows machines do not have the Python that it needs."


def reject_windows_target(module: str, host: str, connection: Any, *, is_delegated: bool) -> None:
    """Raise WindowsTargetError if the connection leads to Windows. `host` is the target, after delegation if `is_delegated`.

    A connection to Windows prefers modules in PowerShell: `winrm` and `psrp` always do, and `ssh` does with a shell of Windows.
    """
    if ".ps1" not in connection.module_implementation_preferences:
        return
    problem = f"{module} does not run on Windows, and the connection is {connection.transport}."
    local = "ansible_connection: local, ansible_shell_type: sh, and ansible_python_interpreter: '{{ ansible_playbook_python }}'"
    if is_delegated:
        raise WindowsTargetError(
            problem,
            (
                f"If {host} is the controller, it inherits the settings for Windows: set {local} in the vars of the task.",
                "Otherwise, delegate the task to localhost or to another Unix machine.",
            ),
        )
    raise WindowsTargetError(
        problem,
        (
            "Add delegate_to: localhost to the task.",
            f"If localhost inherits ansible_connection from group variables, also set {local} in the vars of the task.",
        ),
    )


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


__all__ = ["UnsupportedKeywordError", "WindowsTargetError", "reject_unsupported_keywords", "reject_windows_target"]
