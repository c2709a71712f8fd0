# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a machine that is activated with a MAK can move to KMS now.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A machine with a MAK asks no KMS host, so that it is not counted before it moves: the host has to count enough others.
Microsoft's volume activation documentation has the thresholds, and that a host on a client Windows activates no servers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._registered import Result, kms_count
from .failover import unread_because
from .failover_statement import forecast

READY, NOT_YET, LEFT_ALONE, UNREAD = "ready", "not_yet", "left_alone", "unread"


def readiness(machine: Result, hosts: Sequence[Result]) -> dict[str, Any]:
    """The state of one machine and why; `hosts` are the results of activation_info for the KMS hosts, unreachable ones too."""
    because = unread_because(machine)
    if because:
        return _told(UNREAD, because)
    primary = next((product for product in machine["products"] if product["primary"]), None)
    if primary is None or primary["channel"] != "mak":
        return _told(LEFT_ALONE, "it has no MAK")
    kind = "client" if machine["host"]["product_type"] == "client" else "server"
    found = [host_words(host, kind) for host in hosts]
    ready = next((words for is_ready, words in found if is_ready), None)
    if ready:
        return _told(READY, f"{ready}, so it moves from the MAK ending {primary['partial_product_key']} to KMS")
    whole = "; ".join(words for _is_ready, words in found) or "no KMS host was given"
    return _told(NOT_YET, f"it keeps the MAK ending {primary['partial_product_key']}: {whole}")


def _told(state: str, why: str) -> dict[str, Any]:
    return {"state": state, "why": why}


def host_words(host: Result, kind: str) -> tuple[bool, str]:
    """Whether a KMS host activates machines of a kind now, and why or why not."""
    because = unread_because(host)
    if because:
        return False, f"a KMS host could not be read ({because})"
    name = host["host"]["computer_name"]
    keys = [product for product in host["products"] if product["channel"] == "csvlk" and product["application"] == "windows"]
    if not any(product["status"] == "licensed" for product in keys):
        return False, f"{name} is no activated KMS host for Windows"
    if kind == "server" and host["host"]["product_type"] == "client":
        return False, f"{name} runs a client Windows, and activates no servers"
    met = forecast(kind, kms_count(host, "windows"), None)
    return bool(met["met"]), f"{name} counts {met['count']} of {met['threshold']} machines a {kind} needs"
