# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show what a check found on each machine of a run: the findings of each machine, or how it is activated if there are none.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Machines with the same findings share a row, whose message is that of the first machine, because messages contain names of products,
times, and counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ....module_utils._visible import visible
from ..._task_results import Result, bare_message, task_failure
from ..clocks import FINDING as CLOCK_FINDING
from ..machines import READ, Machine, natural
from .grouping import TableRow, shortened

_RANKS: Mapping[str, tuple[int, str]] = {
    "passed": (0, "passed"),
    "warning": (1, "warning"),
    "error": (2, "error"),
    "skipped": (3, "skipped"),
    "failed": (4, "not read"),
    "unreachable": (5, "not reached"),
    "not_run": (6, "not run"),
}
_SEVERITIES = ("error", "warning")
_SHOWN = 2
"""Number of findings of a machine that a row names; the other findings are counted."""

_CLOCK = "The clock of the controller is probably wrong."
_SET_CLOCK = "Synchronize the clock of the controller."

States = Mapping[str, tuple[str, str | None]]


def rows(results: Mapping[str, Result | None], states: States, controller_clock: Mapping[str, Any] | None = None) -> Iterator[TableRow]:
    """Yield a row for each machine; `states` are those of :func:`state_of`, `controller_clock` is that of the summary."""
    of_controller = frozenset((controller_clock or {}).get("machines") or ())
    messages: dict[tuple[Any, ...], tuple[str, str]] = {}
    for name in sorted(states, key=natural):
        state, reason = states[name]
        result = results[name] or {}
        if state != READ:
            yield _unread(name, state, result, reason)
            continue
        given = [_of_controller(each) if name in of_controller else each for each in result.get("findings") or ()]
        found = [finding for severity in _SEVERITIES for finding in given if finding["severity"] == severity]
        if not found:
            yield TableRow(name, *_RANKS["passed"], _activated_by(Machine(name, result)))
            continue
        key = tuple((finding["id"], (finding.get("error") or {}).get("code")) for finding in found)
        reason, step = messages.setdefault(key, (_reason(found), _step(found)))
        yield TableRow(name, *_RANKS[found[0]["severity"]], reason, step, Machine(name, result).computer_name)


def failures(results: Mapping[str, Result | None]) -> dict[str, str]:
    """Return one short line for each machine whose check failed or could not be made."""
    stopped = ((name, result or {}, task_failure(result)) for name, result in results.items())
    return {name: shortened(bare_message(result, failure[1]).removeprefix(f"{name}: ")) for name, result, failure in stopped if failure}


def _of_controller(finding: Any) -> Any:
    """Return the finding about a clock that is right, if the one of the controller is wrong."""
    return finding if finding["id"] != CLOCK_FINDING else {**finding, "message": _CLOCK, "next_steps": [_SET_CLOCK], "error": None}


def _unread(name: str, state: str, result: Result, reason: str | None) -> TableRow:
    error = result.get("error") or {}
    steps = list(map(str, error.get("next_steps") or ()))
    text = str(error.get("meaning") or bare_message(result, reason or ""))
    return TableRow(name, *_RANKS[state], text, steps[0] if steps else "")


def _reason(found: list[Any]) -> str:
    shown = [f"{_message(finding)} [{finding['id']}]" for finding in found[:_SHOWN]]
    more = len(found) - _SHOWN
    return " ".join([*shown, *([f"{more} more finding{'s' if more > 1 else ''}."] if more > 0 else [])])


def _message(finding: Any) -> str:
    """Return the message of a finding, in which Windows stands for each of its editions."""
    product, message = str(finding.get("product_name") or ""), str(finding["message"])
    return message.replace(product, "Windows") if product.startswith("Windows(R)") else message


def _step(found: list[Any]) -> str:
    return next((str(step) for finding in found for step in finding.get("next_steps") or ()), "")


def _activated_by(machine: Machine) -> str:
    for product in machine.leading[:1]:
        status, channel = str(product["status"]).replace("_", " "), str(product["channel"])
        kms = product.get("kms") or {}
        by = f"KMS host {kms['kms_host']}" if channel == "gvlk" and kms.get("kms_host") else channel.upper()
        ad = product.get("ad") or {}
        by = f"activation object {visible(str(ad['object_name']))}" if product.get("activated_by") == "ad" and ad.get("object_name") else by
        by = f"MAK ending in {product.get('partial_product_key')}" if channel == "mak" else by
        return f"{status.capitalize()}: {by}."
    return "No product key."


__all__ = ["failures", "rows"]
