# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Ansible is told that a machine could not be asked, and why.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

AnsibleConnectionFailure ends a task whatever `until` and `failed_when` say, but takes nothing along besides a text. A failed action
may bring a result of its own, and one that says "unreachable" is treated as such. Which of its members Ansible reads changed with
ansible-core 2.19, and again with 2.21.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.release import __version__ as ansible_version

_DROPS_WARNINGS = tuple(int(number) for number in ansible_version.split(".")[:2]) >= (2, 19)


def show_warnings(display: Any, told: Mapping[str, Any]) -> None:
    """Since ansible-core 2.19 a result that an exception brings loses its warnings; those that the display takes are put into it."""
    if _DROPS_WARNINGS:
        for warning in told.get("warnings", ()):
            display.warning(warning)


class UnreachableActionError(AnsibleActionFail):  # type: ignore[misc]
    """Ends the task with `told` as its result, and the host as unreachable."""

    omit_failed_key = True

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._told = dict(told)
        super().__init__(self._told["msg"])

    @property
    def result(self) -> dict[str, Any]:
        """What ansible-core reads up to 2.18."""
        return dict(self._told)

    @result.setter
    def result(self, value: Mapping[str, Any]) -> None:
        """The parent sets it up to 2.18, to that of a failed task."""

    @property
    def result_contribution(self) -> dict[str, Any]:
        """What ansible-core reads in 2.19 and 2.20."""
        return dict(self._told)

    def as_task_result(self, utr: Any) -> Any:
        """What ansible-core reads since 2.21: its own kind of result, made of a plain one."""
        return type(utr).from_action_result_dict(dict(self._told))
