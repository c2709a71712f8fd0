# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``from_activation_ledger``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.redact import mask_deep
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._fleet.ledger.model import combine
from ..plugin_utils._fleet.ledger.read import parse_ledger
from ..plugin_utils._fleet.ledger.table import as_data


def from_activation_ledger(value: Any) -> Any:
    """Return the entries of ledgers, the use of each key, and a table."""
    contents = value if isinstance(value, (list, tuple)) else [value]
    if not all(isinstance(content, str) for content in contents):
        raise AnsibleFilterError("from_activation_ledger: the input is not the content of a ledger, or a list of contents.")
    ledgers = [parse_ledger(content.encode("utf-8", "surrogateescape").splitlines(keepends=True)) for content in contents]
    return make_unsafe(mask_deep(as_data(combine(ledgers))))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"from_activation_ledger": from_activation_ledger}
