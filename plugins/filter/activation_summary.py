# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``activation_summary``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._fleet.summary import summarize
from ..plugin_utils._task_results import registered


def activation_summary(value: Mapping[str, Mapping[str, Any] | None], expiring_within_days: int = 30) -> dict[str, Any]:
    """Return the summary of the machines of a run."""
    if not isinstance(value, Mapping):
        raise AnsibleFilterError("activation_summary: the input must be a dictionary of results by the names of the machines.")
    wrong = [str(name) for name, result in value.items() if result is not None and not isinstance(result, Mapping)]
    if wrong:
        raise AnsibleFilterError(f"activation_summary: the result of {wrong[0]} is not a dictionary, as a task registers it.")
    found = {name: registered(result) for name, result in value.items()}
    return make_unsafe(summarize(found, _days(expiring_within_days)))


def _days(value: Any) -> int:
    # Templates of ansible-core before 2.19 pass numbers as text.
    text = str(value).strip()
    if isinstance(value, bool) or not text.isdecimal():
        raise AnsibleFilterError(f"activation_summary: expiring_within_days is {value!r}, and must be 0 or greater.")
    return int(text)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"activation_summary": activation_summary}
