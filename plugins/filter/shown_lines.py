# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``shown_lines``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError
from ansible.plugins.loader import callback_loader

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..module_utils._visible import visible
from ..plugin_utils._edge.unsafe import make_unsafe


def shown_lines(value: Sequence[str]) -> Any:
    """Return lines as a text if Ansible prints results as YAML, and as a list otherwise."""
    lines = [visible(str(line)) for line in value]
    return make_unsafe("\n".join(lines) if _is_yaml() else lines)


def _is_yaml() -> bool:
    """Return whether the callback plugin that prints the results prints them as YAML. Other plugins than Ansible's own have JSON."""
    name = constants.config.get_config_value("DEFAULT_STDOUT_CALLBACK")
    try:
        plugin = callback_loader.get(name, class_only=True)
        found = constants.config.get_config_value("result_format", plugin_type="callback", plugin_name=plugin._load_name)
    except (AnsibleError, AttributeError):
        found = None
    return str(name).endswith("yaml") or found == "yaml"


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"shown_lines": shown_lines}
