# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Base class of the action plugins for modules whose answers later tasks of the same run use again.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The module always runs, so that its options are validated in any case. It gets only the items that no earlier task has asked about.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from ansible import constants
from ansible.module_utils.parsing.convert_bool import boolean

from .module import ModuleAction
from .run_memory import RunMemory

Answers = Mapping[str, Any]


class RememberingAction(ModuleAction):
    """A subclass sets `ITEMS`, the name of the option with the list of items, and has the three methods below."""

    ITEMS: ClassVar[str]

    def _keys(self, arguments: Mapping[str, Any]) -> dict[str, str]:
        """Return a key for each item of the options; empty if the options are not valid, which the module explains."""
        raise NotImplementedError

    def _answers(self, result: Mapping[str, Any]) -> Answers:
        """Return the answers to keep by item, without errors."""
        raise NotImplementedError

    def _joined(self, result: Mapping[str, Any], items: list[str], known: Answers) -> dict[str, Any]:
        """Return the result with the answers that were known, for all items."""
        raise NotImplementedError

    def _execute(self, tmp: str | None, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        """Run the module for the items without an answer, and join both."""
        keys = {} if self._task.async_val else self._keys(self._task.args)
        if not keys:
            return super()._execute(tmp, task_vars)
        memory = RunMemory(Path(constants.DEFAULT_LOCAL_TMP), f"{self._task.resolved_action or self._task.action}")
        if not boolean(self._task.args.get("use_cache", True), strict=False):
            return self._asked(tmp, task_vars, keys, {}, memory)
        if not set(keys.values()) <= set(memory.read()):
            with memory.turn(keys.values()):
                kept = memory.read()
                if not set(keys.values()) <= set(kept):
                    return self._asked(tmp, task_vars, keys, kept, memory)
        return self._asked(tmp, task_vars, keys, memory.read(), memory)

    def _asked(
        self, tmp: str | None, task_vars: dict[str, Any] | None, keys: Mapping[str, str], kept: Answers, memory: RunMemory
    ) -> dict[str, Any]:
        known = {item: kept[key] for item, key in keys.items() if key in kept}
        self._task.args = {**self._task.args, self.ITEMS: [item for item in keys if item not in known]}
        result = super()._execute(tmp, task_vars)
        memory.keep({keys[item]: answer for item, answer in self._answers(result).items() if item in keys})
        return self._joined(result, list(keys), known)


__all__ = ["RememberingAction"]
