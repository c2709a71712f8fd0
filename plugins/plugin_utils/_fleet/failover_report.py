# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report which clients of a failed KMS host are verified, and when a KMS host will have counted enough machines.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. All Windows machines share one count, and Office has its own count. The threshold depends on the type of the client
(Microsoft's volume activation documentation: 5 servers, 25 clients, 5 Office).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...module_utils._hosts import with_port
from .._licensing.catalog.thresholds import THRESHOLDS
from .._task_results import Result, kms_count
from .failover import NOT_AFFECTED, UNREACHABLE, UNREAD, UNVERIFIED, VERIFIED, extended_pids, is_one_of, unread_because, verify_client
from .failover_office import PLANNED, WAITING, combined, verify_office
from .messages import names
from .outcomes.grouping import TableRow, grouped
from .outcomes.grouping import lines as table_of

STATUSES = (VERIFIED, WAITING, PLANNED, UNVERIFIED, UNREAD, UNREACHABLE, NOT_AFFECTED)

_ORDER = (NOT_AFFECTED, VERIFIED, PLANNED, WAITING, UNVERIFIED, UNREAD, UNREACHABLE)
"""The statuses in the order of the table: those that require an action come last."""

_LABELS = {WAITING: "waiting for the count", UNVERIFIED: "not verified", UNREAD: "not read", UNREACHABLE: "not reached"}

_PENDING = (UNVERIFIED, UNREACHABLE, UNREAD, PLANNED)
"""Clients that have not sent a request to a KMS host that works."""

_RENEWAL_MINUTES = 10080
_DAY = 1440
_AFTER_TTL = "Run the playbook again after the TTL of the old record has expired."
_CLEAR_APPLICATION = "Set kms_failover_clear_application_settings: true, and run the playbook again."
_GROUP_POLICY = "If the registry values return, remove them from the Group Policy preferences that set them."
_ROW = ("machine", "status", "verified", "kms_host", "kms_port", "expires", "message", "next_steps")


def forecast(client_type: str, count: int | None, pending: int | None, renewal_minutes: int = _RENEWAL_MINUTES) -> dict[str, Any]:
    """Return when a KMS host will activate machines of one type.

    `count` is None before the first request. `pending` is the number of machines that have not requested activation yet, None if it is not
    known. Licensed machines send a request at the latest after their renewal interval. `missing` is what the count lacks now, `shortfall`
    what it will lack after all requests, None if it is not known.
    """
    required, counted = THRESHOLDS[client_type], count or 0
    missing = max(0, required - counted)
    shortfall = None if pending is None else max(0, missing - pending)
    return {
        "client_type": client_type,
        "required_count": required,
        "current_count": counted,
        "missing_count": missing,
        "pending": pending,
        "shortfall": shortfall,
        "reached": missing == 0,
        "message": f"{client_type}: {_when(missing, pending, shortfall, renewal_minutes)} ({counted} counted, {required} required)",
    }


def _when(missing: int, pending: int | None, shortfall: int | None, renewal_minutes: int) -> str:
    if missing == 0:
        return "threshold reached"
    if pending is None or shortfall is None:
        return f"{_machines(missing)} missing, and the number of remaining machines is not known"
    if shortfall:
        return f"{_machines(shortfall)} missing{f', even if the remaining {_machines(pending)} request activation' if pending else ''}"
    return f"reached after {missing} of the remaining {_machines(pending)} request activation, within {_span(renewal_minutes)}"


def _machines(number: int) -> str:
    return "1 machine" if number == 1 else f"{number} machines"


def _span(minutes: int) -> str:
    return f"{minutes // _DAY} days" if minutes % _DAY == 0 else f"{minutes} minutes"


@dataclass(frozen=True)
class ClientResults:
    """The results of one client: `read`, and those of kms_client if Windows and Office were asked to activate again."""

    read: Result | None
    asked: Result | None = None
    office_asked: Result | None = None


def client_row(
    name: str, results: ClientResults, working_hosts: Sequence[Result], failed_hosts: Sequence[str], application: str = "windows"
) -> dict[str, Any]:
    """Return the row of one client; `application` is windows, office, or all."""
    read = results.read
    windows = _windows_row(read, results.asked, working_hosts, failed_hosts) if application != "office" else None
    office = _office_row(read, results.office_asked, working_hosts, failed_hosts) if application != "windows" else None
    return {"machine": name, **combined(windows, office)}


def _office_row(read: Result | None, asked: Result | None, working_hosts: Sequence[Result], failed_hosts: Sequence[str]) -> dict[str, Any]:
    found = {**verify_office(read or {}, working_hosts, failed_hosts), "next_steps": _next_steps(read)}
    if found["failed_host_scope"] == "application":
        found["next_steps"] = [_CLEAR_APPLICATION, _GROUP_POLICY]
    if found["status"] != UNVERIFIED or not asked or asked.get("skipped"):
        return found
    steps, activations = _next_steps(asked), asked.get("activations") or []
    if asked.get("unreachable") or not activations:
        status = UNREACHABLE if asked.get("unreachable") else UNVERIFIED
        return {**found, "status": status, "message": str(asked.get("msg") or found["message"]), "next_steps": steps}
    outcomes = [activation["outcome"] for activation in activations]
    if PLANNED in outcomes:
        return {**found, "status": PLANNED, "message": f"The products would be activated again. {found['message']}"}
    after = {**verify_office(asked, working_hosts, failed_hosts), "next_steps": steps}
    if WAITING in outcomes and not asked.get("failed"):
        waiting = activations[outcomes.index(WAITING)]
        counts = f"Its count of Office is {waiting['current_count']} of {waiting['required_count']}."
        return {**after, "status": WAITING, "message": f"The KMS host counted the request. {counts}", "next_steps": []}
    return {**after, "message": asked["msg"]} if asked.get("failed") else after


def _windows_row(read: Result | None, asked: Result | None, working_hosts: Sequence[Result], failed_hosts: Sequence[str]) -> dict[str, Any]:
    found = {**verify_client(read or {}, working_hosts, failed_hosts), "next_steps": _next_steps(read)}
    if found["failed_host_scope"] == "application":
        found["next_steps"] = [_CLEAR_APPLICATION, _GROUP_POLICY]
    # The result of a client that did not have to be activated again only contains that the task was skipped.
    if found["status"] == UNVERIFIED and asked and not asked.get("skipped"):
        found = _after_asking(found, asked, working_hosts, failed_hosts)
    return found


def _next_steps(result: Result | None) -> list[str]:
    """Return the next steps of a failed task."""
    return list(((result or {}).get("error") or {}).get("next_steps") or ())


def _after_asking(before: Result, asked: Result, working_hosts: Sequence[Result], failed_hosts: Sequence[str]) -> dict[str, Any]:
    outcome, steps = (asked.get("activation") or {}).get("outcome"), _next_steps(asked)
    after = {**verify_client(asked, working_hosts, failed_hosts), "client_type": before["client_type"], "next_steps": steps}
    if asked.get("unreachable") or outcome is None:
        # The task was refused, or the connection was lost. The state that was read before is still valid.
        status = UNREACHABLE if asked.get("unreachable") else UNVERIFIED
        return {**before, "status": status, "message": str(asked.get("msg") or before["message"]), "next_steps": steps}
    if outcome == PLANNED:
        return {**before, "status": PLANNED, "message": f"The client would be activated again. {before['message']}"}
    if after["verified"]:
        return {**after, "next_steps": []}
    if outcome == WAITING:
        activation = asked["activation"]
        message = f"The KMS host counted the request. Its count is {activation['current_count']} of {activation['required_count']}."
        return {**after, "status": WAITING, "message": message, "next_steps": []}
    return {**after, **_failure(asked, failed_hosts)} if asked.get("failed") else after


def _failure(asked: Result, failed_hosts: Sequence[str]) -> dict[str, Any]:
    if not _uses_failed_host(asked, failed_hosts):
        return {"message": asked["msg"]}
    return {"message": f"{asked['msg']} The client still uses the failed KMS host from a cached DNS response.", "next_steps": [_AFTER_TTL]}


def _uses_failed_host(asked: Result, failed_hosts: Sequence[str]) -> bool:
    """Whether a client sent its request to the failed host. It caches a DNS response until the TTL has expired."""
    return is_one_of(asked["activation"]["kms_host"], failed_hosts)


def lost_by(name: str, role: str, installed: Result | None) -> list[dict[str, Any]]:
    """Return the activations that a KMS host lost with its new key, from the result of kms_host, with the variable that allowed it."""
    steps = (installed or {}).get("steps") or ()
    return [
        {"machine": name, "loses": step["loses"], "done": step["done"], "allowed_by": f"{role}_lose_activation"}
        for step in steps
        if step.get("loses")
    ]


def report(clients: Sequence[Result], working_hosts: Mapping[str, Result], lost: Sequence[Result] = ()) -> dict[str, Any]:
    """Return the status of every client, and the count and the forecast of every KMS host that works.

    `clients` are rows of :func:`client_row`, `working_hosts` results of activation_info by name, `lost` rows of :func:`lost_by`.
    """
    machines = {status: [row["machine"] for row in clients if row["status"] == status] for status in STATUSES}
    found: dict[str, Any] = {
        "complete": not any(machines[status] for status in STATUSES if status not in (VERIFIED, NOT_AFFECTED)),
        "machines": machines,
        "kms_hosts": [_host_row(name, result, clients) for name, result in working_hosts.items()],
        "rows": [{key: row[key] for key in _ROW} for row in clients],
        "lost_activations": list(lost),
    }
    beside = [line for host in found["kms_hosts"] for line in _host_lines(host)] + [_loss_line(row) for row in lost]
    groups, summary = grouped(map(_table_row, found["rows"])), _summary(machines, len(clients))
    table = table_of(groups)
    return {
        **found,
        "summary": summary,
        "lines": [*beside, *(_client_line(row) for row in found["rows"])],
        "groups": groups,
        "table": table,
        "shown": [*(beside and [*beside, ""]), *table, summary],
    }


def _table_row(row: Result) -> TableRow:
    """Return the row of a client for the table: its KMS host, and what is to do."""
    host = f"KMS host {with_port(row['kms_host'], row['kms_port'])}." if row["kms_host"] else "No KMS host."
    message = (row["message"] or "").removeprefix(row["machine"] + ": ")
    steps = [str(step) for step in row["next_steps"]]
    text = message if message and row["status"] in (UNREACHABLE, UNREAD, NOT_AFFECTED) else f"{host} {message}".strip()
    for step in steps[:1]:
        before, _step, after = text.partition(step)
        text = f"{before.removesuffix('Next: ')}{after.lstrip()}".rstrip()
    status = row["status"]
    label = _LABELS.get(status, status.replace("_", " "))
    return TableRow(row["machine"], _ORDER.index(status), label, text.removesuffix(f" [{status}]"), next(iter(steps), ""))


def _loss_line(row: Result) -> str:
    verb = "lost" if row["done"] else "would lose"
    return f"{row['machine']} {verb} {row['loses']} ({row['allowed_by']}: true)"


def _host_lines(host: Result) -> list[str]:
    if not host["reachable"]:
        unknown = "The KMS host could not be read, so its count is not known, and clients that it activated might not be verified."
        return [f"{host['machine']}: {unknown} {host['message']}"]
    return [f"{host['machine']}, {row['message']}" for row in host["forecast"]]


def _client_line(row: Result) -> str:
    label = with_port(row["kms_host"], row["kms_port"]) if row["kms_host"] else "no KMS host"
    known = [label, f"until {row['expires']}" if row["expires"] else "no expiry", row["status"].replace("_", " ")]
    message = "" if row["message"] is None else f": {row['message'].removeprefix(row['machine'] + ': ')}"
    step = row["next_steps"][0] if row["next_steps"] else ""
    return f"{row['machine']}: {', '.join(known)}{message}{f' Next: {step}' if step and step not in message else ''}"


def _host_row(name: str, result: Result, clients: Sequence[Result]) -> dict[str, Any]:
    windows, office = (kms_count(result, application) for application in ("windows", "office"))
    service = result.get("service") or {}
    renewal = service.get("renewal_interval") or _RENEWAL_MINUTES
    # Clients that wait were counted already, and verified clients sent a request to their own host.
    pending = sum(row["windows_status"] in _PENDING for row in clients)
    with_office = [row["office"]["status"] for row in clients if row["office"]]
    known = {row["client_type"] for row in clients if row["client_type"] in ("server", "client")} or {"server", "client"}
    unread = unread_because(result)
    # The count of a host that could not be read is not known, and is not 0.
    rows = [] if unread else [forecast(one, windows, pending, renewal) for one in ("server", "client") if one in known]
    if _hosts_office(result):
        of_office = sum(status in _PENDING for status in with_office) if with_office else None
        rows.append(forecast("office", office, of_office, renewal))
    return {
        "machine": name,
        "reachable": unread is None,
        "message": unread,
        "extended_pids": sorted(extended_pids([result])),
        "current_count": windows,
        "forecast": rows,
    }


def _hosts_office(result: Result) -> bool:
    return any(product["channel"] == "csvlk" and product["application"] == "office" for product in result.get("products", ()))


def _summary(machines: Mapping[str, Sequence[str]], total: int) -> str:
    concerned = total - len(machines[NOT_AFFECTED])
    parts = [f"{len(machines[VERIFIED])} of {concerned} KMS clients are verified to use a KMS host that works"]
    named = {
        "waiting for the count": machines[WAITING],
        "would be activated again": machines[PLANNED],
        "not verified": [*machines[UNVERIFIED], *machines[UNREAD]],
        "could not be reached": machines[UNREACHABLE],
        "do not use a KMS host": machines[NOT_AFFECTED],
    }
    parts += [f"{label}: {names(found)}" for label, found in named.items() if found]
    return "; ".join(parts) + "."
