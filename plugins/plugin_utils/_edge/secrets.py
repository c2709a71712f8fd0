# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The product keys of one task, and the mask over everything it says.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Ansible hides the no_log options of modules that run on the machine, not those of an action plugin. Two nets are drawn
here: what has the shape of a key is cut down to its last five characters wherever it comes from, and what the task gave
as a key is taken out in whatever form it comes back, even when a typing error has spoilt its shape. In the same pass every text
becomes safe to show: one line, no control characters, nothing unseen.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ...module_utils._visible import visible, visible_lines
from .redact import map_texts, mask_keys
from .secret_forms import SecretForms

try:  # ansible-core 2.22 and later mask registered secrets in all output of the controller
    from ansible.module_utils.secrets import register_secrets
except ImportError:
    register_secrets = None


_OWN_LINES = "diff"
"""The part of a result whose texts have several lines, written by this collection."""


_GIVEN = "_winops_volume_activation_arguments"
"""Stays with the task of a worker: what Ansible hands on of a task are its fields."""


class SecretMask:
    """Hides the secrets of one task; `secrets` are the texts that must not be shown."""

    def __init__(self, secrets: Collection[str]) -> None:
        self._forms = SecretForms(secrets)
        if register_secrets is not None and secrets:
            register_secrets(sorted(secrets, key=len, reverse=True))

    def apply(self, value: Any) -> Any:
        """The same value, a text or any structure of a task result, safe to show and without a full product key in it."""
        if isinstance(value, Mapping) and _OWN_LINES in value:
            rest = {name: part for name, part in value.items() if name != _OWN_LINES}
            return {**self.apply(rest), _OWN_LINES: self.apply_to_lines(value[_OWN_LINES])}
        return map_texts(value, lambda text: self._hidden(visible(text)))

    def apply_to_lines(self, value: Any) -> Any:
        """The same for texts that this collection wrote itself, whose line feeds stay."""
        return map_texts(value, lambda text: self._hidden(visible_lines(text)))

    def holds(self, value: Any) -> bool:
        """Whether there is a secret or a full product key in a value."""
        return bool(map_texts(value, self._hidden) != value)

    def _hidden(self, text: str) -> str:
        return mask_keys(self._forms.hide(text))


def loop_item_holds_key(variables: Mapping[str, Any], mask: SecretMask) -> bool:
    """Whether the item of the loop this task runs in has a secret of the task or a full key in it: Ansible prints it with the result."""
    name = variables.get("ansible_loop_var")
    return name is not None and mask.holds(variables.get(name))


def hidden_item_warning(host: str, module: str, result: Mapping[str, Any]) -> str:
    """What a person gets instead of the output of an item; a failure is not hidden with it."""
    failure = f" It failed: {result.get('msg')}" if result.get("failed") or result.get("unreachable") else ""
    return (
        f"{host}: the item of the loop holds a full product key or another secret, so the output of {module} is hidden."
        f" Loop over names and look the secret up by name instead.{failure}"
    )


def arguments_of(task: Any) -> dict[str, Any]:
    """What a task gives, with its keys, also after its own copy was masked: a task that Ansible repeats is given to a new plugin."""
    given: dict[str, Any] | None = getattr(task, _GIVEN, None)
    if given is None:
        given = dict(task.args)
        setattr(task, _GIVEN, given)
    return given


__all__ = ["SecretMask", "arguments_of", "hidden_item_warning", "loop_item_holds_key"]
