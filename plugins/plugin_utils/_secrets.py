# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The product keys of one task, and the veil over everything it says.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Ansible hides the no_log options of modules that run on the machine, not those of an action plugin. Two nets are drawn
here: what has the shape of a key is cut down to its last five characters wherever it comes from, and what the task gave
as a key is taken out even when a typing error has spoilt its shape.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from ._redact import mask_deep

try:  # ansible-core 2.22 and later mask registered secrets in all output of the controller
    from ansible.module_utils.secrets import register_secrets
except ImportError:
    register_secrets = None


_HIDDEN = "(hidden)"


class Veil:
    """Hides the secrets of one task; `secrets` are the texts that must not be shown."""

    def __init__(self, secrets: Collection[str]) -> None:
        longest_first = sorted(secrets, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if longest_first else None
        if register_secrets is not None and longest_first:
            register_secrets(longest_first)

    def over(self, value: Any) -> Any:
        """The same value, a text or any structure of a task result, without a full product key in it."""
        masked = mask_deep(value)
        return masked if self._secrets is None else _struck(masked, self._secrets)


def _struck(value: Any, secrets: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return secrets.sub(_HIDDEN, value)
    if isinstance(value, Mapping):
        return {_struck(key, secrets): _struck(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_struck(item, secrets) for item in value]
    return value


def loop_item_holds_key(variables: Mapping[str, Any]) -> bool:
    """Whether the item of the loop this task runs in has a full key in it, which Ansible would print with the result."""
    name = variables.get("ansible_loop_var")
    if name is None:
        return False
    item = variables.get(name)
    return bool(mask_deep(item) != item)


__all__ = ["Veil", "loop_item_holds_key"]
