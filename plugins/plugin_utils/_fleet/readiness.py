# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out whether a machine with a MAK can move to KMS now.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A machine with a MAK does not use a KMS host and is not counted before it moves, so other machines must reach the threshold. The
thresholds, and the rule that a KMS host on a client edition does not activate servers, are from Microsoft's volume activation
documentation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._probing.known_hosts import counts_enough
from .._task_results import Result
from .failover import unread_because

READY, NOT_YET, NOT_AFFECTED, UNREAD = "ready", "not_yet", "not_affected", "unread"


def readiness(machine: Result, hosts: Sequence[Result]) -> dict[str, Any]:
    """Return the status of one machine with the reason; `hosts` are results of activation_info for the KMS hosts, also unreachable ones."""
    because = unread_because(machine)
    if because:
        return _row(UNREAD, because)
    primary = next((product for product in machine["products"] if product["primary"]), None)
    if primary is None or primary["channel"] != "mak":
        return _row(NOT_AFFECTED, "The machine does not have a MAK.")
    client_type = "client" if machine["machine"]["product_type"] == "client" else "server"
    found = [_host_readiness(host, client_type) for host in hosts]
    ready = next((message for is_ready, message in found if is_ready), None)
    if ready:
        return _row(READY, f"{ready}. The machine moves from the MAK ending in {primary['partial_product_key']} to KMS.")
    reasons = "; ".join(message for _is_ready, message in found) or "no KMS host was specified"
    return _row(NOT_YET, f"The machine keeps the MAK ending in {primary['partial_product_key']}: {reasons}.")


def _host_readiness(host: Result, client_type: str) -> tuple[bool, str]:
    because = unread_because(host)
    return (False, f"a KMS host could not be read ({because.rstrip('.')})") if because else counts_enough(host, client_type)


def _row(status: str, message: str) -> dict[str, Any]:
    return {"status": status, "message": message}
