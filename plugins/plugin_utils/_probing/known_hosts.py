# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out from registered results whether a KMS host counts enough machines.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The input are results of ``activation_info``, ``activation_check``, and ``kms_host``. Results of other modules, and of machines that
could not be read, are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...module_utils import _hosts as hosts
from .._licensing.catalog.thresholds import THRESHOLDS
from .._licensing.office.names import parse
from .._task_results import Result, kms_count, task_failure

_CLIENT_TYPES = ("client", "server", "office")


def known_hosts(results: Sequence[Any], client_type: str, release: str | None = None) -> Mapping[str, tuple[bool, str]]:
    """Return, by the short name of each KMS host, whether it counts enough for a client of this type, and a message.

    `release` is the release of Office, or None for Windows.
    """
    found: dict[str, tuple[bool, str]] = {}
    for result in results:
        known = _count_of(result, client_type, release) if isinstance(result, Mapping) and task_failure(result) is None else None
        if known:
            name, is_enough, message = known
            found[_short(name)] = (is_enough, message)
    return found


def host_result(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the result unchanged, as the validator of an option. Raises ValueError for an incomplete result of a KMS host."""
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
    """Return what is known about the KMS host with this name, or None. An address is not in the results."""
    return None if hosts.is_address(host) else known.get(_short(host))


def counts_enough(host: Result, client_type: str, release: str | None = None) -> tuple[bool, str]:
    """Return whether a KMS host that could be read activates clients of this type now, and the reason.

    `release` is the release of Office, or None for Windows, and if it is not known.
    """
    name, application = host["machine"]["computer_name"], "office" if client_type == "office" else "windows"
    keys = [product for product in host["products"] if product["channel"] == "csvlk" and product["application"] == application]
    if not any(product["status"] == "licensed" and _activates(str(product.get("name") or ""), release) for product in keys):
        return False, f"{name} is not an activated KMS host for {application.capitalize()}{f' {release}' if release else ''}"
    if client_type == "server" and host["machine"]["product_type"] == "client":
        return False, f"{name} runs a client edition of Windows, and does not activate servers"
    count, threshold = kms_count(host, application) or 0, THRESHOLDS[client_type]
    kind = "an Office client" if client_type == "office" else f"a {client_type}"
    return count >= threshold, f"{name} counts {count} of the {threshold} machines that {kind} requires"


def _activates(key_name: str, release: str | None) -> bool:
    """Return whether the host key with this license name activates a release of Office. Windows decides for a name that is not known.

    A key of Office 2016 or later also activates the releases before it, down to 2016. A key of Office 2010 or 2013 is for its own release.
    """
    known = parse(key_name)
    return known is None or release is None or known.release == release or "2016" <= release < known.release


def _short(name: str) -> str:
    """Return the name without its domain, because results contain short names and options contain full names."""
    return name.partition(".")[0].casefold()


def _count_of(result: Result, client_type: str, release: str | None) -> tuple[str, bool, str] | None:
    machine = result.get("machine")
    if not isinstance(machine, Mapping) or "products" not in result or not machine.get("computer_name"):
        return None
    is_enough, message = counts_enough(result, client_type, release)
    return str(machine["computer_name"]), is_enough, message
