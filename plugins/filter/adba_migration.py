# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``adba_migration``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.redact import mask_deep
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._fleet.adba.migration import APPLICATIONS, migration
from ..plugin_utils._task_results import registered


def adba_migration(value: Any, batches: Any = None, application: str = "windows") -> Any:
    """Return how far the migration of these machines from KMS to Active Directory-based activation is."""
    if not isinstance(value, Mapping):
        raise AnsibleFilterError("adba_migration: the input must be a dictionary of results by the names of the machines.")
    wrong = [str(name) for name, result in value.items() if result is not None and not isinstance(result, Mapping)]
    if wrong:
        raise AnsibleFilterError(f"adba_migration: the result of {wrong[0]} is not a dictionary, as a task registers it.")
    if application not in APPLICATIONS:
        raise AnsibleFilterError(f"adba_migration: application is {application!r}, and must be one of {', '.join(APPLICATIONS)}.")
    found = {str(name): registered(result) for name, result in value.items()}
    return make_unsafe(mask_deep(migration(found, _checked(batches), application)))


def _checked(batches: Any) -> list[list[str]]:
    """Return the batches as lists of names. Raises AnsibleFilterError."""
    given = batches or []
    if not isinstance(given, list | tuple) or not all(isinstance(batch, list | tuple) for batch in given):
        raise AnsibleFilterError("adba_migration: batches must be a list of lists of names of machines.")
    named = [[str(name) for name in batch] for batch in given]
    twice = [name for name, count in Counter(name for batch in named for name in batch).items() if count > 1]
    if twice:
        raise AnsibleFilterError(f"adba_migration: batches contains {twice[0]} more than once.")
    return named


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"adba_migration": adba_migration}
