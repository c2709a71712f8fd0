# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule for every task that ends badly, whatever the module: its error has all its fields, and its line says the most of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NEVER_EMPTY = ("code", "meaning", "cause", "next_steps", "category")
MAY_BE_NULL = ("symbol", "source")
REPEATS = "winops.volume_activation.machine_outcome"
"""The module that ends the play for a machine with one line about an earlier task, which is explained."""


def assert_explained(result: Mapping[str, Any]) -> None:
    """Fail unless this result of a failed or unreachable task explains itself, as data and in its line for people."""
    assert "error" in result, f"no error beside: {result.get('msg')}"
    error, line = result["error"], result["msg"]
    empty = [name for name in NEVER_EMPTY if not error.get(name)]
    assert not empty, f"{empty} of the error are empty or missing beside: {line}"
    missing = [name for name in MAY_BE_NULL if name not in error]
    assert not missing, f"{missing} of the error are missing beside: {line}"
    assert isinstance(error["transient"], bool), line
    assert isinstance(error["next_steps"], list), line
    assert error["code"] in line, f"the line does not tell the code {error['code']}: {line}"
    assert error["next_steps"][0] in line, f"the line does not tell the first step {error['next_steps'][0]!r}: {line}"
    # A code that hides another one is told by what is behind it.
    meanings = (error["meaning"], (error.get("underlying") or error)["meaning"])
    assert any(meaning.rstrip(".") in line for meaning in meanings), f"the line does not tell the meaning {meanings[0]!r}: {line}"


def assert_failures_explained(action: str, results: Mapping[str, Mapping[str, Any]]) -> None:
    """The same of all machines of a task, items of loops included, when it is a task of this collection."""
    if not action.startswith("winops.volume_activation.") or action == REPEATS:
        return
    for result in results.values():
        for single in result.get("results", [result]):
            if single.get("failed") or single.get("unreachable") or single.get("task_status"):
                assert_explained(single)
