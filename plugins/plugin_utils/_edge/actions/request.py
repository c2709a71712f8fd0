# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Base class of the action plugin for the module that requests confirmation IDs: it records the requests in the ledger.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from typing import Any

from ..._licensing.recording.entry import LedgerError
from .. import result as _result
from ..ledger.origin import origin_of
from ..ledger.recorder import LedgerRecorder, LedgerWriter, ledger_of
from ..ledger.requested import requested
from ..secrets import SecretMask
from .module import ModuleAction

_NAME = "mak_confirmation_id"


class RequestAction(ModuleAction):
    """Checks the ledger before the module runs, and records its requests afterwards, because the module can run on another host."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module. Without a ledger that can be written, the module does not run."""
        variables = task_vars or {}
        try:
            ledger = self._ledger(variables)
        except LedgerError as error:
            return _result.failure(error, str(self._task.delegate_to or variables.get("inventory_hostname", "this host")))
        result = super().run(tmp, task_vars)
        return self._recorded(ledger, result, variables) if ledger and not self._task.check_mode else result

    def _ledger(self, variables: dict[str, Any]) -> LedgerWriter | None:
        ledger = ledger_of(variables, self._templar, self._play_context.connection_lockfd)
        if ledger and self._task.async_val:
            steps = ("Remove async from the task, or set activation_ledger to an empty text for this task.",)
            raise LedgerError("The ledger cannot contain the requests of a task in the background (async).", steps)
        return ledger

    def _recorded(self, ledger: LedgerWriter, result: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        origin, warnings = {**origin_of(self._task, variables), "module": _NAME}, list(result.get("warnings", ()))
        for name, computer_name, entry in requested(result.get("records", ())):
            common = {**origin, "inventory_hostname": name, "computer_name": computer_name}
            LedgerRecorder(ledger, common.copy, SecretMask(()), warnings.append).end(entry)
        return {**result, "warnings": warnings} if warnings else result


__all__ = ["RequestAction"]
