# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide which machines of a run move from KMS to Active Directory, before one of them is changed, and prove it afterwards.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. If one machine cannot be activated by an object, no machine is changed, unless the run goes on without these machines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....module_utils._visible import visible
from ..._task_results import Result
from ..failover import unread_because
from ..machines import is_activated, natural
from ..messages import names, number
from .readiness import NOT_AFFECTED, READY, REFUSED, UNREAD, KnownForest, clients_of, readiness, title

NOT_RUN, NOT_YET, FAILED, PROVEN = "not_run", "not_yet", "failed", "proven"

_STOPPED = "Nothing was changed, because Active Directory cannot activate {} of the run: {}."
_GO_ON = "To move the other machines, set adba_skip_not_covered: true, or select other machines (--limit)."
_STAYS = "The machine was not changed, because adba_skip_not_covered is true."
_READ = "Read the events of the machine with activation_events_info: 8213 to 8215 contain why Active Directory did not activate it."
_BY = {"kms": "KMS", "token": "a token", "subscription": "a subscription"}


def plan(results: Mapping[str, Result], forest: KnownForest, application: str = "windows", *, skip: bool = False) -> dict[str, Any]:
    """Return the decision about each machine of a run, and whether no machine is changed.

    `results` are results of activation_check by the names of the machines, also of machines that could not be read. With `skip`, machines
    that no object covers stay with KMS, and the others move.
    """
    found = {name: readiness(results[name], forest, application) for name in sorted(results, key=natural)}
    refused = [name for name, each in found.items() if each["status"] == REFUSED]
    is_stopped = bool(refused) and not skip
    decided = {name: _decision(each, refused, skip=skip) for name, each in found.items()}
    return {
        "stopped": is_stopped,
        "machines": decided,
        "ready": [name for name, each in decided.items() if each["status"] == READY],
        "not_covered": refused,
        "not_affected": [name for name, each in found.items() if each["status"] == NOT_AFFECTED],
        "unread": [name for name, each in found.items() if each["status"] == UNREAD],
        "msg": _message(found, refused, is_stopped=is_stopped),
    }


def proof(machine: Result, application: str = "windows") -> dict[str, Any]:
    """Return whether Active Directory activated all KMS clients of a machine, as a decision, with the names of the objects.

    `machine` is a result of activation_info or activation_check that was read after the activation. `status` is proven, failed, or unread.
    """
    because = unread_because(machine)
    if because:
        return _decided(UNREAD, because)
    others = [each for each in clients_of(machine, application) if not (is_activated(each) and each.get("activated_by") == "ad")]
    if others:
        text = " ".join(f"{title(machine, each)} is {_how(each)}." for each in others)
        return _decided(FAILED, f"Active Directory did not activate the machine: {text}", _READ)
    objects = [str((each.get("ad") or {}).get("object_name") or "") for each in clients_of(machine, application)]
    shown = list(dict.fromkeys(filter(None, objects)))
    by = f"the activation object {names(list(map(visible, shown)))}" if shown else "Active Directory"
    return {**_decided(PROVEN, f"Activated by {by}."), "object_names": shown}


def _how(product: Result) -> str:
    if not is_activated(product):
        return f"not licensed ({str(product['status']).replace('_', ' ')})"
    return f"activated by {_BY.get(str(product.get('activated_by')), 'something else')}"


def _decision(found: Mapping[str, Any], refused: list[str], *, skip: bool) -> dict[str, Any]:
    """Return the decision about one machine: a machine that could move does not, if another one cannot."""
    if found["status"] == REFUSED and skip:
        return {**found, "status": NOT_YET, "message": f"{found['message']} {_STAYS}"}
    if found["status"] == READY and refused and not skip:
        return {**found, "status": NOT_RUN, "message": _STOPPED.format(number(len(refused)), names(refused)), "next_steps": [_GO_ON]}
    return dict(found)


def _message(found: Mapping[str, Mapping[str, Any]], refused: list[str], *, is_stopped: bool) -> str:
    ready = sum(each["status"] == READY for each in found.values())
    if not refused:
        return f"Active Directory can activate {number(ready)}."
    reasons = " ".join(f"{name}: {found[name]['message']}" for name in refused[:10])
    more = f" {len(refused) - 10} more." if len(refused) > 10 else ""
    head = "Nothing was changed. " if is_stopped else ""
    return f"{head}Active Directory cannot activate {number(len(refused))}. {reasons}{more}"


def _decided(status: str, message: str, *next_steps: str) -> dict[str, Any]:
    return {"status": status, "message": message, "next_steps": list(next_steps), "code": None, "object_names": []}


__all__ = ["FAILED", "NOT_RUN", "NOT_YET", "PROVEN", "plan", "proof"]
