# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a task ends that did not succeed: it fails, its machine cannot be reached, or a playbook collects this and reports it at its end.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

AnsibleConnectionFailure ends a task even if it has `until` or `failed_when`, but contains only a text. The exception of a failed action
can have its own result, and Ansible marks the host as unreachable if the result contains "unreachable". The member that Ansible reads
changed in ansible-core 2.19 and 2.21.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.release import __version__ as ansible_version

COLLECT = "__volume_activation_collect"
"""Variable of a task or play. If it is true, a failed task, or a machine that cannot be reached, does not end the play for the machine."""

_DROPS_WARNINGS = tuple(int(number) for number in ansible_version.split(".")[:2]) >= (2, 19)


def show_warnings(display: Any, result: Mapping[str, Any]) -> None:
    """Show the warnings of a result, because ansible-core 2.19 and later drop the warnings in the result of an exception."""
    if _DROPS_WARNINGS:
        for warning in result.get("warnings", ()):
            display.warning(warning)


def collected(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of a task with the status as `task_status`, so that Ansible does not print it and end the play for the machine."""
    status = next((name for name in ("unreachable", "failed") if result.get(name)), None)
    return {name: value for name, value in result.items() if name not in ("unreachable", "failed")} | (
        {"task_status": status} if status else {}
    )


class StoppedActionError(AnsibleActionFail):  # type: ignore[misc]
    """Ends the task with the given result, without the text of the exception and the lines of the playbook around the task."""

    omit_exception_key = True

    def __init__(self, result: Mapping[str, Any]) -> None:
        self._task_result = dict(result)
        super().__init__(self._task_result["msg"])

    @property
    def omit_failed_key(self) -> bool:
        """Whether the machine cannot be reached, which is not a failure for Ansible."""
        return bool(self._task_result.get("unreachable"))

    @property
    def result(self) -> dict[str, Any]:
        """Return the result for ansible-core up to 2.18."""
        return dict(self._task_result)

    @result.setter
    def result(self, value: Mapping[str, Any]) -> None:
        """Ignore the result of a failed task, which the parent class sets up to 2.18."""

    @property
    def result_contribution(self) -> dict[str, Any]:
        """Return the result for ansible-core 2.19 and 2.20."""
        return dict(self._task_result)

    def as_task_result(self, utr: Any) -> Any:
        """Return the result for ansible-core 2.21 and later, as its own type."""
        return type(utr).from_action_result_dict(dict(self._task_result))


class UnreachableActionError(StoppedActionError):
    """Ends the task with the given result, and marks the host as unreachable."""

    omit_exception_key = False
