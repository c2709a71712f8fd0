# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``answer``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.redact import mask_keys
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._variables import answers


def answer(value: Any, default: Any = None) -> Any:
    """Return the value of a variable in the type of its default, and the default for an empty text."""
    try:
        found = answers.answer(value, default)
    except ValueError as wrong:
        raise AnsibleFilterError(mask_keys(f"answer: {wrong}")) from None
    # The default is part of the playbook, and can be a marker such as omit.
    return default if found is default else make_unsafe(found)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"answer": answer}
