# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``misspelled_variables``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.redact import mask_keys
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._variables.catalog import is_known, scope_of
from ..plugin_utils._variables.misspelled import messages, misspelled, names_by_machine, to_look_at

_NO_MACHINES: Mapping[str, Any] = MappingProxyType({})


def misspelled_variables(
    value: Iterable[str],
    content: str,
    hostvars: Mapping[str, Any] = _NO_MACHINES,
    machines: Sequence[str] = (),
    batch: Sequence[str] = (),
    machine: str = "",
) -> Any:
    """Return messages about variables whose names resemble an option of a role or playbook, as a list that is usually empty."""
    try:
        scope = scope_of(str(content))
    except KeyError:
        raise AnsibleFilterError(f"misspelled_variables: {content} is not a role or a playbook of this collection.") from None
    looked_at = to_look_at(list(dict.fromkeys(map(str, machines))), list(map(str, batch)), str(machine))
    by_name = names_by_machine(hostvars, looked_at, scope.prefixes)
    found = misspelled(map(str, value), by_name, len(looked_at), scope, is_known)
    # A product key in the wrong place is masked.
    return make_unsafe([mask_keys(message) for message in messages(found, scope.prefixes)])


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"misspelled_variables": misspelled_variables}
