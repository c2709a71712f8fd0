# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``activation_merge``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.secrets import SecretMask
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._fleet.machines import natural
from ..plugin_utils._records.merge import MergedRecords, merge
from ..plugin_utils._records.model import InvalidRecordError
from ..plugin_utils._records.texts import records_in


def activation_merge(value: Mapping[str, str], stale_after_days: Any = None) -> dict[str, Any]:
    """Return the newest result of each machine in the contents of record files."""
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
        raise AnsibleFilterError("activation_merge: the input must be a dictionary with the contents of record files by their names.")
    merged = _merged(value, _days(stale_after_days))
    found = {
        "results": {record.inventory_hostname: record.result for record in merged.records},
        "stale_machines": sorted(merged.stale, key=natural),
        "several_files": [{"machine": name, "sources": list(found)} for name, found in merged.sources.items()],
    }
    shown: dict[str, Any] = SecretMask(()).apply(found)
    return make_unsafe(shown)


def _merged(contents: Mapping[str, str], days: int | None) -> MergedRecords:
    name = ""

    def of(text: str, own: str) -> Any:
        nonlocal name
        name = own
        yield from records_in(text)

    try:
        return merge({str(own): of(text, str(own)) for own, text in contents.items()}, datetime.now(timezone.utc), days)
    except InvalidRecordError as error:
        problem = str(error)
    raise AnsibleFilterError(f"activation_merge: {name}, {problem}")


def _days(value: Any) -> int | None:
    # Templates of ansible-core before 2.19 pass numbers as text.
    text = "" if value is None else str(value).strip()
    if isinstance(value, bool) or not (text == "" or text.isdecimal()):
        raise AnsibleFilterError(f"activation_merge: stale_after_days is {value!r}, and must be 0 or greater.")
    return int(text) if text else None


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"activation_merge": activation_merge}
