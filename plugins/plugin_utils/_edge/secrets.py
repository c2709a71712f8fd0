# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The product keys of one task, and the mask that hides them in its output.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Ansible hides the no_log options of modules that run on the machine, but not those of an action plugin. This file has two methods:
every text with the pattern of a key is reduced to its last five characters, and every key in the options of the task is hidden in any
form, even with a typing error. In the same pass, every text becomes safe to show: one line, without control characters and invisible
characters.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from ...module_utils._visible import visible, visible_lines
from .redact import map_texts, mask_keys
from .secret_forms import HIDDEN, SecretForms

try:  # ansible-core 2.22 and later mask registered secrets in all output of the controller
    from ansible.module_utils.secrets import register_secrets
except ImportError:
    register_secrets = None


_OWN_LINES = "diff"
"""The key of a result whose texts have several lines, which this collection writes."""


_SHORT = 100
_MOST_REMEMBERED = 4096
"""Number of short texts whose safe form is kept. The same names and values are in the results of all machines."""


_PASSWORD_HASHES = re.compile("[0-9A-Fa-f]{32}:[0-9A-Fa-f]{32}")
"""LM hash and NT hash of a password, which are as good as the password for a logon over NTLM, and which the session uses in its place."""


_GIVEN = "_winops_volume_activation_arguments"
"""Attribute of a task that exists only in the worker, because Ansible passes only the fields of a task on."""


class SecretMask:
    """Replaces secrets in task results. `secrets` are the texts to hide, in any order; letter case is ignored."""

    def __init__(self, secrets: Collection[str]) -> None:
        self._forms = SecretForms(secrets)
        self._short = lru_cache(maxsize=_MOST_REMEMBERED)(self._safe)
        if register_secrets is not None and secrets:
            register_secrets(sorted(secrets, key=len, reverse=True))

    def apply(self, value: Any) -> Any:
        """Return the same value, a text or any structure of a task result, safe to show and without secrets or full product keys."""
        if isinstance(value, Mapping) and _OWN_LINES in value:
            rest = {name: part for name, part in value.items() if name != _OWN_LINES}
            return {**self.apply(rest), _OWN_LINES: self.apply_to_lines(value[_OWN_LINES])}
        return map_texts(value, self._remembered)

    def apply_to_lines(self, value: Any) -> Any:
        """Return the same as `apply`, but keep line feeds, for texts that this collection wrote."""
        return map_texts(value, lambda text: self._hidden(visible_lines(text)))

    def has_secret(self, value: Any) -> bool:
        """Return whether a value contains a secret or a full product key."""
        return bool(map_texts(value, self._hidden) != value)

    def _remembered(self, text: str) -> str:
        # Not the texts of Ansible: an equal text of a machine would get their tags, such as the trust in templates.
        return self._short(text) if text.__class__ is str and len(text) <= _SHORT else self._safe(text)

    def _safe(self, text: str) -> str:
        return self._hidden(visible(text))

    def _hidden(self, text: str) -> str:
        if _PASSWORD_HASHES.search(text):
            text = _PASSWORD_HASHES.sub(HIDDEN, text)
        return mask_keys(self._forms.hide(text))


def loop_item_holds_key(variables: Mapping[str, Any], mask: SecretMask) -> bool:
    """Return whether the loop item of this task contains a secret of the task or a full key; Ansible prints the item with the result."""
    name = variables.get("ansible_loop_var")
    return name is not None and mask.has_secret(variables.get(name))


def hidden_item_warning(host: str, module: str, result: Mapping[str, Any]) -> str:
    """Return the warning that replaces the output of an item; it contains the message of a failure."""
    failure = f" It failed: {result.get('msg')}" if result.get("failed") or result.get("unreachable") else ""
    return (
        f"{host}: the loop item contains a full product key or another secret, so the output of {module} is hidden."
        f" Loop over names, and look up the secret by name.{failure}"
    )


def arguments_of(task: Any) -> dict[str, Any]:
    """Return the options of a task with its keys, even after the task was masked: Ansible repeats a task with a new plugin object."""
    given: dict[str, Any] | None = getattr(task, _GIVEN, None)
    if given is None:
        given = dict(task.args)
        setattr(task, _GIVEN, given)
    return given


__all__ = ["SecretMask", "arguments_of", "hidden_item_warning", "loop_item_holds_key"]
