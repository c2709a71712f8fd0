# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out whether a machine with a MAK can move to KMS now.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A machine with a MAK does not use a KMS host and is not counted before it moves, so other machines must reach the threshold. The
thresholds, and the rule that a KMS host on a client edition does not activate servers, are from Microsoft's volume activation
documentation. Office has its own count, and a host key of Office is for certain releases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._licensing.office.names import parse
from .._probing.known_hosts import counts_enough
from .._task_results import Result
from .failover import unread_because

READY, NOT_YET, NOT_AFFECTED, UNREAD = "ready", "not_yet", "not_affected", "unread"


def readiness(machine: Result, hosts: Sequence[Result], application: str = "windows") -> dict[str, Any]:
    """Return the status of one machine with the reason; `hosts` are results of activation_info for the KMS hosts, also unreachable ones.

    `application` is windows, office, or all. In the returned dictionary, it is the application that can move now, or None.
    """
    because = unread_because(machine)
    if because:
        return _row(UNREAD, because)
    rows = [row for name, row in (("windows", _windows), ("office", _office)) if application in (name, "all")]
    return _combined([row(machine, hosts) for row in rows])


def _windows(machine: Result, hosts: Sequence[Result]) -> dict[str, Any]:
    primary = next((product for product in machine["products"] if product["primary"]), None)
    if primary is None or primary["channel"] != "mak":
        return _row(NOT_AFFECTED, "The machine does not have a MAK.")
    client_type = "client" if machine["machine"]["product_type"] == "client" else "server"
    return _move("The machine", f"MAK ending in {primary['partial_product_key']}", client_type, "windows", hosts)


def _office(machine: Result, hosts: Sequence[Result]) -> dict[str, Any]:
    """Return whether the Office products with a MAK can move.

    A MAK beside a licensed GVLK of the same product is not in use, and neither is one of a product that is not installed.
    """
    found = [product for product in machine["products"] if product["application"] == "office"]
    moved = {_identity(product) for product in found if product["channel"] == "gvlk" and product["status"] == "licensed"}
    unused = [product for product in found if product["channel"] == "mak" and _identity(product) not in moved]
    maks = [product for product in unused if _is_installed(machine, product)]
    if not maks:
        which = " of an installed product" if unused else ""
        return _row(NOT_AFFECTED, f"Office does not have a MAK{which}.")
    rows = [_move("Office", _name(mak), "office", "office", hosts, _release(mak)) for mak in maks]
    # The products of a machine move together.
    waiting = [row["message"] for row in rows if row["status"] == NOT_YET]
    return _row(NOT_YET, " ".join(waiting)) if waiting else _row(READY, " ".join(row["message"] for row in rows), "office")


def _is_installed(machine: Result, mak: Result) -> bool:
    """Return whether the product of a MAK is one of the installed ones, or whether this is not known."""
    installed = {(each["product"], each["release"]) for each in machine.get("office_installations") or ()}
    return not installed or parse(str(mak["name"])) is None or _identity(mak) in installed


def _name(mak: Result) -> str:
    name = parse(str(mak["name"]))
    return f"MAK ending in {mak['partial_product_key']}{f' of {name.product} {name.release}' if name else ''}"


def _release(mak: Result) -> str | None:
    name = parse(str(mak["name"]))
    return name.release if name else None


def _identity(product: Result) -> tuple[str, str]:
    name = parse(str(product["name"]))
    return (name.product, name.release) if name else (str(product["activation_id"]), "")


def _move(
    subject: str, keys: str, client_type: str, application: str, hosts: Sequence[Result], release: str | None = None
) -> dict[str, Any]:
    found = [_host_readiness(host, client_type, release) for host in hosts]
    ready = next((message for is_ready, message in found if is_ready), None)
    if ready:
        return _row(READY, f"{ready}. {subject} moves from the {keys} to KMS.", application)
    reasons = "; ".join(message for _is_ready, message in found) or "no KMS host was specified"
    return _row(NOT_YET, f"{subject} keeps the {keys}: {reasons}.")


def _combined(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return one row: a machine is ready if one of its applications can move."""
    status = next((each for each in (READY, NOT_YET) if any(row["status"] == each for row in rows)), NOT_AFFECTED)
    ready = [row["application"] for row in rows if row["application"]]
    return _row(status, " ".join(row["message"] for row in rows), "all" if len(ready) > 1 else next(iter(ready), None))


def _host_readiness(host: Result, client_type: str, release: str | None) -> tuple[bool, str]:
    because = unread_because(host)
    return (False, f"a KMS host could not be read ({because.rstrip('.')})") if because else counts_enough(host, client_type, release)


def _row(status: str, message: str, application: str | None = None) -> dict[str, Any]:
    return {"status": status, "message": message, "application": application}
