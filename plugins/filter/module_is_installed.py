# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``module_is_installed``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.plugins.loader import module_loader

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more


def module_is_installed(value: str) -> bool:
    """Whether Ansible finds a module of this full name."""
    return bool(module_loader.find_plugin_with_context(str(value)).resolved)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"module_is_installed": module_is_installed}
