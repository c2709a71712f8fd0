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

from .._probing.known_hosts import counts_enough
from .._task_results import Result
from .failover import unread_because

READY, NOT_YET, NOT_AFFECTED, UNREAD = "ready", "not_yet", "not_affected", "unread"


def readiness(machine: Result, hosts: Sequence[Result]) -> dict[str, Any]:
    """The status of one machine and why; `hosts` are the results of activation_info for the KMS hosts, unreachable ones too."""
    because = unread_because(machine)
    if because:
        return _told(UNREAD, because)
    primary = next((product for product in machine["products"] if product["primary"]), None)
    if primary is None or primary["channel"] != "mak":
        return _told(NOT_AFFECTED, "it has no MAK")
    client_type = "client" if machine["machine"]["product_type"] == "client" else "server"
    found = [_host_words(host, client_type) for host in hosts]
    ready = next((words for is_ready, words in found if is_ready), None)
    if ready:
        return _told(READY, f"{ready}, so it moves from the MAK ending in {primary['partial_product_key']} to KMS")
    whole = "; ".join(words for _is_ready, words in found) or "no KMS host was given"
    return _told(NOT_YET, f"it keeps the MAK ending in {primary['partial_product_key']}: {whole}")


def _host_words(host: Result, client_type: str) -> tuple[bool, str]:
    because = unread_because(host)
    return (False, f"a KMS host could not be read ({because})") if because else counts_enough(host, client_type)


def _told(status: str, message: str) -> dict[str, Any]:
    return {"status": status, "message": message}
