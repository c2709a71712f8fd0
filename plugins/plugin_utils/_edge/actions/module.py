# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Base class of the action plugins for modules that run on the host of the task: it makes results safe to show and hides secrets.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The module hides the values of its secret options if their names are correct. The action plugin also hides values of misspelled options,
secrets in other options, and secrets in the arguments that Ansible passes to callbacks and rescue blocks. Texts of name servers become
one line of visible characters. A task whose target is Windows fails before Ansible connects to the machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from ansible.plugins.action.normal import ActionModule as NormalAction

from ..._errors import InvalidOptionsError
from ..._variables.answers import kinds_of
from .. import result as _result
from ..answers import is_task_of_role, understood
from ..applicability import WindowsTargetError, reject_windows_target
from ..file_host.places import named_if_copied
from ..misplaced import SHORTEST_SECRET, misplaced_secrets, texts_in
from ..option_check import check_standard_input
from ..secret_forms import HIDDEN
from ..secrets import SecretMask, arguments_of, hidden_item_warning, loop_item_holds_key
from ..spec import ModuleSpec

_SHARED_KEY = re.compile(r"(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z])(?:[A-Za-z0-9+/]{4}){5,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
"""A TSIG key in base64, which might be set as the name of the key by mistake."""

_URL_PASSWORD = re.compile(r"://[^/@\s]*?:([^/@\s]+)@")
"""The password in a URL, which has an option of its own."""


class ModuleAction(NormalAction):  # type: ignore[misc]
    """A subclass sets `OPTIONS`, the argument spec of its module."""

    OPTIONS: ClassVar[Mapping[str, Mapping[str, Any]]]

    @classmethod
    def main(cls) -> None:
        """Check the options in the standard input, for ansible-lint."""
        check_standard_input(ModuleSpec.from_argument_spec(cls.__module__.rpartition(".")[2], cls.OPTIONS))

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module, and hide secrets in its result."""
        host = str(self._task.delegate_to or (task_vars or {}).get("inventory_hostname", "this host"))
        arguments = arguments_of(self._task)
        mask = SecretMask(frozenset(self._secrets(arguments)))
        self._task.args = dict(arguments)  # the arguments of a repeated task are masked
        try:
            result: dict[str, Any] = mask.apply(named_if_copied(self._refusal(host, task_vars or {}) or self._execute(tmp, task_vars)))
        finally:
            self._task.args = mask.apply({name: HIDDEN if self._is_secret(name) else value for name, value in arguments.items()})
        if self._task.loop and loop_item_holds_key(task_vars or {}, mask):
            self._display.warning(hidden_item_warning(host, str(self._task.action), result))
            self._task.no_log = True  # see WindowsAction
            return {**result, "_ansible_no_log": True}
        return result

    def _refusal(self, host: str, variables: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the result of a task whose target is Windows, or whose role passes an empty secret, or None."""
        module = str(self._task.action).rpartition(".")[2]
        try:
            reject_windows_target(module, host, self._connection, is_delegated=bool(self._task.delegate_to))
            if is_task_of_role(variables):
                self._task.args = understood(module, self._task.args, kinds_of(self.OPTIONS))
        except (WindowsTargetError, InvalidOptionsError) as error:
            return _result.failure(error, host)
        return None

    def _execute(self, tmp: str | None, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        """Run the module with the arguments of the task."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        return result

    def _is_secret(self, name: str) -> bool:
        return bool(self.OPTIONS.get(name, {}).get("no_log"))

    def _secrets(self, arguments: Mapping[str, Any]) -> Iterator[str]:
        own = (text for name, value in arguments.items() if self._is_secret(name) for text in texts_in(value))
        swapped = (text for text in texts_in(arguments) if _SHARED_KEY.fullmatch(text))
        in_urls = (found for text in texts_in(arguments) for found in _URL_PASSWORD.findall(text))
        for text in (*own, *swapped, *in_urls, *misplaced_secrets(arguments, self.OPTIONS)):
            if len(text) >= SHORTEST_SECRET:
                yield text


__all__ = ["ModuleAction"]
