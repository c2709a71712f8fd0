# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``activation_limits``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.redact import mask_keys
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._licensing.spending.limits import limits_of


def activation_limits(value: Any, name: str = "max_activations") -> dict[str, Any]:
    """Return the limits of a play for activations."""
    try:
        return make_unsafe(limits_of(value, name).as_dict())
    except ValueError as error:
        raise AnsibleFilterError(mask_keys(f"{error} Nothing was changed.")) from None


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"activation_limits": activation_limits}
