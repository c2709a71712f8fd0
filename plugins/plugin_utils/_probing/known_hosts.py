# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What registered results say of KMS hosts: whether the host of a name counts enough machines.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Results of ``activation_info``, ``activation_check`` and ``kms_host`` in, an answer for each name out. A result that is of no such
module, or of a machine that could not be read, says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...module_utils import _hosts as hosts
from .._licensing.catalog.thresholds import THRESHOLDS
from .._task_results import Result, kms_count, task_failure

_CLIENT_TYPES = ("client", "server")


def known_hosts(results: Sequence[Any], client_type: str) -> Mapping[str, tuple[bool, str]]:
    """By the short name of a KMS host whether it counts enough for machines of this kind, and the words for it."""
    found: dict[str, tuple[bool, str]] = {}
    for result in results:
        told = _told(result, client_type) if isinstance(result, Mapping) and task_failure(result) is None else None
        if told:
            name, is_enough, words = told
            found[_short(name)] = (is_enough, words)
    return found


def host_result(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """A result as it is, for the check of an option. Raises ValueError where a result of a KMS host is not as its module returned it."""
    try:
        for client_type in _CLIENT_TYPES:
            known_hosts([result], client_type)
    except (AttributeError, KeyError, TypeError, ValueError):
        pass
    else:
        return result
    name = result["machine"].get("computer_name")
    raise ValueError(f"the entry of {name} is not a result of activation_info, activation_check, or kms_host")


def look_up(known: Mapping[str, tuple[bool, str]], host: str) -> tuple[bool, str] | None:
    """What is known of the host of this name; nothing of one that is given by its address."""
    return None if hosts.is_address(host) else known.get(_short(host))


def counts_enough(host: Result, client_type: str) -> tuple[bool, str]:
    """Whether a KMS host that could be read activates machines of a kind now, and why or why not."""
    name = host["machine"]["computer_name"]
    keys = [product for product in host["products"] if product["channel"] == "csvlk" and product["application"] == "windows"]
    if not any(product["status"] == "licensed" for product in keys):
        return False, f"{name} is no activated KMS host for Windows"
    if client_type == "server" and host["machine"]["product_type"] == "client":
        return False, f"{name} runs a client Windows, and activates no servers"
    count, threshold = kms_count(host, "windows") or 0, THRESHOLDS[client_type]
    return count >= threshold, f"{name} counts {count} of {threshold} machines a {client_type} needs"


def _short(name: str) -> str:
    """The computer name: short in one place, whole in another."""
    return name.partition(".")[0].casefold()


def _told(result: Result, client_type: str) -> tuple[str, bool, str] | None:
    machine = result.get("machine")
    if not isinstance(machine, Mapping) or "products" not in result or not machine.get("computer_name"):
        return None
    is_enough, words = counts_enough(result, client_type)
    return str(machine["computer_name"]), is_enough, words
