# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a failover has proven, and when a KMS host will have counted enough machines.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Windows machines of all kinds make up one count, Office has one of its own; the thresholds differ by who asks
(Microsoft's volume activation documentation: 5 servers, 25 clients, 5 Office).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._licensing.catalog.thresholds import THRESHOLDS
from .._registered import Result, kms_count
from .failover import LEFT_ALONE, PROVEN, UNPROVEN, UNREACHABLE, UNREAD, client_proof, extended_pids, is_one_of, unread_because

WAITING, PLANNED = "waiting_for_count", "planned"

_RENEWAL_MINUTES = 10080
_DAY = 1440


def forecast(kind: str, count: int | None, still_to_ask: int | None, renewal_minutes: int = _RENEWAL_MINUTES) -> dict[str, Any]:
    """When a host will activate machines of a kind.

    `count` is None before the first request. `still_to_ask` are machines that will ask and have not yet, None when nobody
    knows; licensed ones ask at the latest after their renewal interval. `missing` is what the count lacks now, `too_few` what
    it will lack when all have asked, None when nobody knows.
    """
    threshold, counted = THRESHOLDS[kind], count or 0
    missing = max(0, threshold - counted)
    too_few = None if still_to_ask is None else max(0, missing - still_to_ask)
    return {
        "kind": kind,
        "threshold": threshold,
        "count": counted,
        "missing": missing,
        "still_to_ask": still_to_ask,
        "too_few": too_few,
        "met": missing == 0,
        "words": f"{kind}: {_when(missing, still_to_ask, too_few, renewal_minutes)} ({counted} of {threshold} counted)",
    }


def _when(missing: int, still_to_ask: int | None, too_few: int | None, renewal_minutes: int) -> str:
    if missing == 0:
        return "met now"
    if still_to_ask is None or too_few is None:
        return f"met when {missing} more have asked, and this run does not know how many there are"
    if too_few:
        return f"{_machines(too_few)} too few, even when the {still_to_ask} that have not asked yet have done so"
    return f"met when {missing} more of {_machines(still_to_ask)} have asked, at the latest after {_span(renewal_minutes)}"


def _machines(number: int) -> str:
    return "1 machine" if number == 1 else f"{number} machines"


def _span(minutes: int) -> str:
    return f"{minutes // _DAY} days" if minutes % _DAY == 0 else f"{minutes} minutes"


def client_row(name: str, read: Result | None, asked: Result | None, living: Sequence[Result], failed: Sequence[str]) -> dict[str, Any]:
    """One client of the statement; `asked` is the result of kms_client when it was asked again."""
    proof = client_proof(read or {}, living, failed)
    # One that was not to be asked has a result that only says so.
    if proof["state"] == UNPROVEN and asked and not asked.get("skipped"):
        proof = _after_asking(proof, asked, living, failed)
    return {"name": name, **proof}


def _after_asking(before: Result, asked: Result, living: Sequence[Result], failed: Sequence[str]) -> dict[str, Any]:
    outcome = (asked.get("activation") or {}).get("outcome")
    after = {**client_proof(asked, living, failed), "kind": before["kind"]}
    if asked.get("unreachable") or outcome is None:
        # Refused or lost before anything was known: what was read last still holds.
        state = UNREACHABLE if asked.get("unreachable") else UNPROVEN
        return {**before, "state": state, "why": str(asked.get("msg") or before["why"])}
    if outcome == PLANNED:
        return {**before, "state": PLANNED, "why": f"would be asked again: {before['why']}"}
    if after["proven"]:
        return after
    if outcome == WAITING:
        activation = asked["activation"]
        return {
            **after,
            "state": WAITING,
            "why": f"its request was counted; the host has {activation['current_count']} of {activation['required_count']}",
        }
    return {**after, "why": f"{asked['msg']}{_stale(asked, failed)}" if asked.get("failed") else after["why"]}


def _stale(asked: Result, failed: Sequence[str]) -> str:
    """A client that looks in DNS keeps an answer until its TTL is over, and asks whoever it names."""
    host = asked["activation"]["kms_host"]
    if not host or not is_one_of(host, failed):
        return ""
    return " It still asks the failed host, which it knows from DNS: run the playbook again when the TTL of the old record is over."


def lost_by(name: str, role: str, installed: Result | None) -> list[dict[str, Any]]:
    """The activations that a host lost with its new key, from the result of kms_host, and the variable of the role that accepted it."""
    steps = (installed or {}).get("steps") or ()
    return [
        {"host": name, "activation": step["loses"], "done": step["done"], "accepted_by": f"{role}_lose_activation"}
        for step in steps
        if step.get("loses")
    ]


def statement(clients: Sequence[Result], living: Mapping[str, Result], lost: Sequence[Result] = ()) -> dict[str, Any]:
    """What is proven of every client, and of every living host its count with the forecast.

    `clients` are rows of :func:`client_row`, `living` activation_info results by name, `lost` rows of :func:`lost_by`. `unproven`
    names those that are not proven although they were reached, or should have been asked, and nothing is left to wait for.
    """
    states = (PROVEN, WAITING, PLANNED, LEFT_ALONE, UNREACHABLE)
    by_state = {state: [row["name"] for row in clients if row["state"] == state] for state in states}
    unproven = [row["name"] for row in clients if row["state"] in (UNPROVEN, UNREAD)]
    found = {
        "complete": not (by_state[WAITING] or by_state[PLANNED] or by_state[UNREACHABLE] or unproven),
        "proven": by_state[PROVEN],
        "waiting_for_count": by_state[WAITING],
        "planned": by_state[PLANNED],
        "unproven": unproven,
        "unreachable": by_state[UNREACHABLE],
        "left_alone": by_state[LEFT_ALONE],
        "hosts": [_host_row(name, result, clients) for name, result in living.items()],
        "clients": [{key: row[key] for key in ("name", "state", "kms_host", "expires", "proven", "why")} for row in clients],
        "lost": list(lost),
    }
    return {**found, "summary": _summary(found, len(clients)), "lines": _lines(found)}


def _lines(found: Mapping[str, Any]) -> list[str]:
    """The statement for people: the count of every host, then every client."""
    hosts = [line for host in found["hosts"] for line in _host_lines(host)]
    hosts += map(_loss_line, found["lost"])
    return hosts + [_client_line(row) for row in found["clients"]]


def _loss_line(row: Result) -> str:
    verb = "lost" if row["done"] else "would lose"
    return f"{row['host']} {verb} {row['activation']} ({row['accepted_by']}: true)"


def _host_lines(host: Result) -> list[str]:
    if not host["reachable"]:
        return [f"{host['name']}: its count and whom it serves are not known: {host['why']}"]
    return [f"{host['name']}, {row['words']}" for row in host["forecast"]]


def _client_line(row: Result) -> str:
    known = [row["kms_host"] or "no KMS host", f"until {row['expires']}" if row["expires"] else "no expiry", row["state"].replace("_", " ")]
    return f"{row['name']}: {', '.join(known)}{'' if row['why'] is None else ': ' + row['why']}"


def _host_row(name: str, result: Result, clients: Sequence[Result]) -> dict[str, Any]:
    windows, office = (kms_count(result, application) for application in ("windows", "office"))
    service = result.get("service") or {}
    renewal = service.get("renewal_interval") or _RENEWAL_MINUTES
    # Whoever waits has been counted, whoever is proven has asked its own host.
    still_to_ask = sum(row["state"] in (UNPROVEN, UNREACHABLE, UNREAD, PLANNED) for row in clients)
    known = {row["kind"] for row in clients if row["kind"]} or {"server", "client"}
    trouble = unread_because(result)
    # Zero would be a made-up count of a host that nobody could ask.
    rows = [] if trouble else [forecast(kind, windows, still_to_ask, renewal) for kind in ("server", "client") if kind in known]
    if _hosts_office(result):
        rows.append(forecast("office", office, None, renewal))
    return {
        "name": name,
        "reachable": trouble is None,
        "why": trouble,
        "extended_pids": sorted(extended_pids([result])),
        "count": windows,
        "forecast": rows,
    }


def _hosts_office(result: Result) -> bool:
    return any(product["channel"] == "csvlk" and product["application"] == "office" for product in result.get("products", ()))


def _summary(found: Mapping[str, Any], total: int) -> str:
    concerned = total - len(found["left_alone"])
    words = [f"{len(found['proven'])} of {concerned} KMS clients are proven to be served by a living host"]
    names = (
        ("waiting_for_count", "waiting for the count"),
        ("planned", "would be asked again"),
        ("unproven", "not proven"),
        ("unreachable", "could not be reached"),
        ("left_alone", "ask no KMS host"),
    )
    words += [f"{label}: {', '.join(found[key])}" for key, label in names if found[key]]
    return "; ".join(words) + "."
