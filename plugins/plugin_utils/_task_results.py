# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values in the registered result of a task that several filters read.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure: results of ``activation_info`` and the like in, plain values out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Result = Mapping[str, Any]


WHY_NOT_RUN = "why_not_run"
"""Key of a result that a role sets for a machine on which it did not run the task, with the reason."""


def is_collected(result: Any) -> bool:
    """Return whether a registered result is that of a task that did not succeed, and whose playbook reports this at its end."""
    return isinstance(result, Mapping) and result.get("task_status") in ("failed", "unreachable")


def registered(result: Any) -> Any:
    """Return a registered result with `failed` or `unreachable`, which `task_status` stands for if the playbook collects failures."""
    return {**result, str(result["task_status"]): True} if is_collected(result) else result


def task_failure(result: Any, default: str = "the module failed") -> tuple[str, str] | None:
    """Return the status and the message of a failed task, or None if the task succeeded or did not run."""
    if not result:
        return None
    result = registered(result)
    message = str(result.get("msg") or "").removeprefix("Task failed: ")  # the prefix of ansible-core 2.19 and later
    if result.get("unreachable"):
        return "unreachable", message or "it could not be reached"
    return ("failed", message or default) if result.get("failed") else None


def is_begun(*results: Result | None) -> bool:
    """Return whether one of the results has a step that was done, or that was sent and might have been done."""
    return any(step.get("done") or step.get("uncertain") for each in results for step in (each or {}).get("steps") or ())


def begun(hostvars: Mapping[str, Mapping[str, Any]], machines: Iterable[str], *names: str) -> list[str]:
    """Return those of the machines on which a task began to change something; `names` are the variables with the results of the tasks."""
    known = ((name, hostvars[name]) for name in machines if name in hostvars)
    return [name for name, own in known if is_begun(*(own.get(each) for each in names))]


def bare_message(result: Result, message: str) -> str:
    """Return the message of a failed task without its next steps and its code at the end, which are in `error` too."""
    error = result.get("error") or {}
    steps, text = [str(step) for step in error.get("next_steps") or ()], message.removesuffix(f" [{error.get('code')}]")
    for ending in (f" Next: {steps[0]}", f" {' '.join(steps)}", f" {steps[0]}") if steps else ():
        text = text.removesuffix(ending)
    return text or message


def client_type(result: Result) -> str | None:
    """Return "server" (KMS activation threshold 5) or "client" (25), or None if the result does not contain the product type."""
    found = (result.get("machine") or {}).get("product_type")
    return None if found is None else "client" if found == "client" else "server"


def kms_count(result: Result, application: str) -> int | None:
    """Return the current count of the KMS host keys of an application, or that of the service if no product has a count."""
    keys = [product for product in result.get("products") or () if product["channel"] == "csvlk" and product["application"] == application]
    # A record of another release can lack the count.
    counts = [(key.get("host_role") or {}).get("current_count") for key in keys]
    known = [count for count in counts if count is not None]
    if known:
        return int(max(known))
    return (result.get("service") or {}).get("current_count") if application == "windows" else None
