# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``to_activation_records``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.secrets import SecretMask
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._records.texts import text_of


def to_activation_records(value: Mapping[str, Mapping[str, Any] | None]) -> str:
    """Return the content of a record file for the registered results of machines."""
    if not isinstance(value, Mapping):
        raise AnsibleFilterError("to_activation_records: the input must be a dictionary of results by the names of the machines.")
    wrong = [str(name) for name, result in value.items() if result is not None and not isinstance(result, Mapping)]
    if wrong:
        raise AnsibleFilterError(f"to_activation_records: the result of {wrong[0]} is not a dictionary, as a task registers it.")
    mask = SecretMask(())
    return make_unsafe(text_of({name: mask.apply(result) for name, result in value.items()}, datetime.now(timezone.utc)))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"to_activation_records": to_activation_records}
