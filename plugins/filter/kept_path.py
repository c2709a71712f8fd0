# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``kept_path``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge import kept_path as _kept_path
from ..plugin_utils._edge.file_host.places import copy_of
from ..plugin_utils._edge.unsafe import make_unsafe


def kept_path(value: Any, file_host: Any = "") -> Any:
    """Return the absolute path of a file that a playbook writes on the controller, or of the copy of a file of a file host."""
    try:
        return make_unsafe(copy_of(str(file_host).strip(), value) if file_host else _kept_path.resolved(value))
    except _kept_path.UnsafePathError as error:
        raise AnsibleFilterError(f"kept_path: {error}") from None


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"kept_path": kept_path}
