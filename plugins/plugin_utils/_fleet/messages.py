# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Format the summary as short sentences, the worst first. Long lists of machines are shortened; the data contains all of them.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ...module_utils._visible import visible
from .clocks import FINDING as CLOCK_FINDING

Found = Mapping[str, Any]

_SHOWN = 8
_CLIENT_TYPES = {"client": "clients", "server": "servers", "office": "Office"}
_KINDS = {
    "kms": "KMS",
    "ad": "Active Directory",
    "token": "a token",
    "subscription": "a subscription",
    "mak": "a MAK",
    "csvlk": "a KMS host key of their own",
    "other": "another key",
}
_UNREAD = {
    "unreachable": "could not be reached",
    "failed": "could not be read",
    "skipped": "were skipped",
    "not_run": "were not part of this run",
}


def names(machines: Sequence[str]) -> str:
    """Return the first names, and the number of the other names."""
    more = len(machines) - _SHOWN
    # "and 1 more" would not be shorter than the name.
    return ", ".join(machines) if more <= 1 else f"{', '.join(machines[:_SHOWN])} and {more} more"


def number(count: int, one: str = "machine") -> str:
    """Return a number with its noun, in the plural if required."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def lines(found: Found) -> list[str]:
    """Return the lines that are printed at the end of a run."""
    return [line for part in (_unread, _not_licensed, _findings, *_of_all_machines()) for line in part(found)]


def lines_beside_table(found: Found) -> list[str]:
    """Return the lines about all machines together, which a table of the machines does not contain."""
    return [line for part in (_clock, *_of_all_machines()) for line in part(found)]


def _of_all_machines() -> tuple[Callable[[Found], Iterator[str]], ...]:
    return (_duplicates, _counts, _expiring, _hosts, _activated_by, _adba, _office, _maks, _esu)


def summary(found: Found) -> str:
    """Return the summary in one sentence."""
    machines = found["machines"]
    parts = [f"{len(found['licensed_machines'])} of {number(found['machine_count'])} licensed"]
    parts += [f"{len(found['not_licensed_machines'])} not licensed"] if found["not_licensed_machines"] else []
    parts += [f"{len(machines[state])} {text}" for state, text in _UNREAD.items() if machines[state]]
    failing = {name for row in found["findings"] if row["severity"] == "error" for name in row["machines"]}
    parts += [f"{len(failing)} with errors"] if failing else []
    parts += ["the clock of the controller is probably wrong"] if found["controller_clock"] else []
    actions = ("machines_to_rearm", "machines_to_rearm_locally", "no_rearms_left")
    sets = [each for each in found["duplicate_cmids"] if any(each[name] for name in actions)]
    parts += [f"{number(len(sets), 'set')} of duplicate CMIDs"] if sets else []
    parts += (
        [f"{number(len(found['expiring']), 'license')} expiring within {number(found['expiring_within_days'], 'day')}"]
        if found["expiring"]
        else []
    )
    return "; ".join(parts) + "."


def _unread(found: Found) -> Iterator[str]:
    machines = found["machines"]
    for state, text in _UNREAD.items():
        if machines[state]:
            yield f"{number(len(machines[state]))} of {found['machine_count']} {_agree(text, machines[state])}: {names(machines[state])}."


def _agree(text: str, machines: Sequence[str]) -> str:
    return text.replace("were ", "was ") if len(machines) == 1 else text


def _not_licensed(found: Found) -> Iterator[str]:
    if found["not_licensed_machines"]:
        yield f"{number(len(found['not_licensed_machines']))} not licensed: {names(found['not_licensed_machines'])}."


def _findings(found: Found) -> Iterator[str]:
    clock = found["controller_clock"]
    for row in found["findings"]:
        machines = row["machines"]
        if clock and row["id"] == CLOCK_FINDING:
            yield _controller_clock(clock, row["severity"])
            machines = [name for name in machines if name not in clock["machines"]]
        if machines:
            step = f" Next: {row['next_steps'][0]}" if row["next_steps"] else ""
            yield f"{row['severity'].capitalize()} {row['id']} on {number(len(machines))}: {names(machines)}.{step}"


def _clock(found: Found) -> Iterator[str]:
    clock = found["controller_clock"]
    yield from (_controller_clock(clock, row["severity"]) for row in found["findings"] if clock and row["id"] == CLOCK_FINDING)


def _controller_clock(clock: Found, severity: str) -> str:
    """Return one line instead of the names of most machines, none of which has to be changed."""
    minutes = clock["difference_minutes"]
    way = f"about {number(abs(minutes), 'minute')} {'ahead of' if minutes > 0 else 'behind'} the clock of the controller"
    return (
        f"{severity.capitalize()} {CLOCK_FINDING} on {len(clock['machines'])} of {number(clock['compared_count'])}: their clocks are {way},"
        " so the clock of the controller is probably wrong. Next: Synchronize the clock of the controller. If it is correct, correct the"
        " time source of the machines (w32tm /query /source)."
    )


def _duplicates(found: Found) -> Iterator[str]:
    sets = sorted(found["duplicate_cmids"], key=lambda each: -len(each["machines"]))
    for each in sets[:_SHOWN]:
        service = " of the licensing service of Office" if each["licensing_service"] == "office" else ""
        head = f"CMID {each['cmid']}{service} is on {number(len(each['machines']))}: {names(each['machines'])}"
        steps = [f"Rearm {names(each['machines_to_rearm'])}."] if each["machines_to_rearm"] else []
        steps += [f"Run OSPPREARM.EXE on {names(local)}."] if (local := each["machines_to_rearm_locally"]) else []
        steps += [f"No rearm is left on {names(each['no_rearms_left'])}: reinstall Windows there."] if each["no_rearms_left"] else []
        yield " ".join([f"{head}.", each["message"], *steps])
    if len(sets) > _SHOWN:
        yield f"{number(len(sets) - _SHOWN, 'more CMID')} {'is' if len(sets) == _SHOWN + 1 else 'are'} on several machines."


def _counts(found: Found) -> Iterator[str]:
    for application, name in (("windows", "Windows"), ("office", "Office")):
        rows = [row for row in found["kms_counts"] if row["application"] == application and row["asking"]]
        if rows:
            asking, first = sum(row["asking"] for row in rows), rows[0]
            use = "uses KMS hosts and counts" if asking == 1 else "use KMS hosts and count"
            results = ", ".join(_threshold(row) for row in rows)
            more = f"; {first['count_after_rearm']} after the duplicates are rearmed" if first["count_after_rearm"] > first["count"] else ""
            yield f"{name}: {number(asking)} of this run {use} as {first['count']}, {results}{more}."


def _threshold(row: Found) -> str:
    result = "enough" if row["reached"] else f"{row['missing_count']} too few"
    return f"{result} for {_CLIENT_TYPES[row['client_type']]} ({row['required_count']})"


def _expiring(found: Found) -> Iterator[str]:
    if found["expiring"]:
        rows, first = found["expiring"], found["expiring"][0]
        hosts = list(dict.fromkeys(row["machine"] for row in rows))
        expire = "expires" if len(rows) == 1 else "expire"
        head = f"{number(len(rows), 'license')} {expire} within {number(found['expiring_within_days'], 'day')}"
        yield f"{head}, the first on {first['machine']} in {number(first['days_left'], 'day')}: {names(hosts)}."


def _hosts(found: Found) -> Iterator[str]:
    for host in found["kms_hosts"]:
        required = f" of {host['required_count']} required" if host["required_count"] else ""
        parts = [f"KMS host {host['machine']} counts {host['current_count'] or 0}{required}, and at most {host['maximum_count']}"]
        if host["current_count"] is not None and host["count_after_rearm"] > host["current_count"]:
            parts.append(f"up to {host['count_after_rearm']} after the duplicates are rearmed and use it")
        parts += [f"{host['office_count']} for Office"] if host["office_count"] is not None else []
        parts += (
            [f"{host['failed_request_count']} of {number(host['request_count'], 'request')} failed"] if host["failed_request_count"] else []
        )
        yield "; ".join(parts) + "."


def _activated_by(found: Found) -> Iterator[str]:
    counts = {text: len(found["machines_by_activation"][kind]) for kind, text in _KINDS.items()}
    parts = [f"by {text}: {count}" for text, count in counts.items() if count]
    if parts:
        yield f"Machines activated {', '.join(parts)}."


def _adba(found: Found) -> Iterator[str]:
    adba = found["adba"] or {"objects": [], "earliest_expiry": None}
    for row in adba["objects"][:_SHOWN]:
        yield f"Activation object {visible(str(row['object_name'] or row['object_dn']))} activated {number(row['count'])}."
    if len(adba["objects"]) > _SHOWN:
        yield f"{number(len(adba['objects']) - _SHOWN, 'more activation object')} activated machines."
    first = adba["earliest_expiry"]
    if first:
        count, days = number(len(adba["machines_by_kms"])), number(first["days_left"], "more day")
        yield f"KMS still activates {count}: the first license is valid for {days}, on {first['machine']}."


def _office(found: Found) -> Iterator[str]:
    rows = found["office_products"]
    parts = [_product(row) for row in rows[:_SHOWN]]
    more = [f"{len(rows) - _SHOWN} more products"] if len(rows) > _SHOWN else []
    if parts:
        yield f"Office: {'; '.join([*parts, *more])}."


def _product(row: Found) -> str:
    name = f"{row['product']} {row['release']}" if row["release"] else row["product"]
    kind = "" if row["kind"] == "volume" else f" ({row['kind']})"
    unlicensed = f", not activated on {len(row['not_licensed_machines'])}" if row["not_licensed_machines"] else ""
    return f"{name}{kind} on {number(row['count'])}{unlicensed}"


def _maks(found: Found) -> Iterator[str]:
    for row in found["maks"]:
        used = "" if row["activations_used"] is None else f", {number(row['activations_used'], 'activation')} used in this run"
        unlicensed = f", {len(row['not_licensed_machines'])} not activated" if row["not_licensed_machines"] else ""
        yield (
            f"MAK ending in {row['partial_product_key']} ({row['programme'] or row['application']}):"
            f" {number(len(row['licensed_machines']))} activated{unlicensed}{used}."
            " The Microsoft 365 admin center shows how many activations are left."
        )


def _esu(found: Found) -> Iterator[str]:
    for row in found["esu"]:
        unlicensed = f", not activated on {names(row['not_licensed_machines'])}" if row["not_licensed_machines"] else ""
        licensed = number(len(row["licensed_machines"]))
        yield f"Extended Security Updates {row['programme']} (until {row['ends']}): activated on {licensed}{unlicensed}."
