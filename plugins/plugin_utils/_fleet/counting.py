# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compute what KMS hosts can count of the machines of a run, and read what the KMS hosts among the machines count now.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .._licensing.catalog.thresholds import THRESHOLDS, maximum_count
from .._licensing.state.model import Channel
from .._task_results import kms_count
from .duplicates import SharedCmid
from .machines import Machine, is_activated, same_machines

_APPLICATIONS = {"client": "windows", "server": "windows", "office": "office"}


class Counting:
    """The machines that use KMS hosts, counted as a KMS host does: by CMID, before and after the duplicates are rearmed."""

    def __init__(self, machines: Sequence[Machine], shared: Iterable[SharedCmid]) -> None:
        self._single = [names[0] for names in same_machines(machines)]
        sets = list(shared)
        self._rearmed = {machine.name for each in sets for machine in each.machines_to_rearm}
        self._rearmed_locally = {machine.name for each in sets for machine in each.local}
        # Computed once, because a report about many machines can have many KMS hosts.
        self._clients = {client_type: self._kms_clients(client_type) for client_type in THRESHOLDS}
        self._counts = {
            (application, rearmed): len(set(self._ids(application, rearmed)))
            for application in set(_APPLICATIONS.values())
            for rearmed in (False, True)
        }

    def thresholds(self) -> list[dict[str, Any]]:
        """Return a row for each client type, also for types without machines."""
        return [self._threshold(client_type) for client_type in THRESHOLDS]

    def gained(self, application: str) -> int:
        """Return by how much the count of an application rises after the duplicates are rearmed."""
        return self._counts[application, True] - self._counts[application, False]

    def maximum_count(self, application: str, *required: int | None) -> int:
        """Return the maximum count of a KMS host for these machines; `required` are counts that the host reports, None if not known."""
        needed = (
            THRESHOLDS[client_type] for client_type, owner in _APPLICATIONS.items() if owner == application and self._clients[client_type]
        )
        return maximum_count([*needed, *(number for number in required if number)])

    def _threshold(self, client_type: str) -> dict[str, Any]:
        application, required = _APPLICATIONS[client_type], THRESHOLDS[client_type]
        now, after = self._counts[application, False], self._counts[application, True]
        return {
            "client_type": client_type,
            "application": application,
            "required_count": required,
            "asking": len(self._clients[client_type]),
            "count": now,
            "reached": now >= required,
            "missing_count": max(0, required - now),
            "count_after_rearm": after,
            "reached_after_rearm": after >= required,
        }

    def _kms_clients(self, client_type: str) -> list[Machine]:
        asking = [machine for machine in self._single if _APPLICATIONS[client_type] in machine.kms_applications]
        return asking if client_type == "office" else [machine for machine in asking if machine.client_type == client_type]

    def _ids(self, application: str, rearmed: bool) -> Iterator[tuple[str, str]]:
        """Yield what identifies each machine: its CMID, or its name if the CMID was not read or a rearm will change it.

        A machine with Office in two licensing services has a CMID in each of them, and a KMS host counts both.
        """
        for machine in self._single:
            if application in machine.kms_applications_by_cmid:
                is_known = machine.cmid and not (rearmed and machine.name in self._rearmed)
                yield ("cmid", str(machine.cmid)) if is_known else ("name", machine.name)
            if application == "office" and machine.has_office_client:
                is_known = machine.office_cmid and not (rearmed and machine.name in self._rearmed_locally)
                yield ("cmid", str(machine.office_cmid)) if is_known else ("office of", machine.name)


def hosts(machines: Sequence[Machine], counting: Counting) -> list[dict[str, Any]]:
    """Return a row with the counts for each KMS host among the machines."""
    return [_host(machine, counting) for machine in machines if is_kms_host(machine)]


def is_kms_host(machine: Machine) -> bool:
    """Whether a machine is a KMS host: it has an activated KMS host key, or Windows reports it as one."""
    return has_host_key(machine) or bool(machine.service.get("is_kms_host"))


def has_host_key(machine: Machine) -> bool:
    """Whether a machine has an activated KMS host key."""
    return bool(_host_keys(machine))


def _host_keys(machine: Machine) -> list[Any]:
    """Return the activated KMS host keys. A key that is only installed, for example by mistake, does not make a KMS host."""
    return [each for each in machine.products if each["channel"] == Channel.CSVLK.value and is_activated(each)]


def _host(machine: Machine, counting: Counting) -> dict[str, Any]:
    count, office = (kms_count(machine.result, application) for application in ("windows", "office"))
    required = machine.service.get("required_count")
    limit = counting.maximum_count("windows", required)
    # If the count is higher than the machines of this run explain, other clients use the host, and they can require a higher count.
    limit = limit if count is None or count <= limit else maximum_count(THRESHOLDS.values())
    counters = machine.service.get("request_counters") or {}
    return {
        "machine": machine.name,
        "computer_name": machine.computer_name,
        "licensed": has_host_key(machine),
        "current_count": count,
        "required_count": required,
        "maximum_count": limit,
        "count_after_rearm": None if count is None else max(count, min(limit, count + counting.gained("windows"))),
        "office_count": office,
        "request_count": counters.get("total"),
        "failed_request_count": counters.get("failed"),
        "finding_ids": [finding["id"] for finding in machine.result.get("findings") or ()],
    }
