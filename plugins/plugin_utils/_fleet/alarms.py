# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alarms of the management pack for KMS of System Center Operations Manager, from the results of the machines of a run.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The alarms are the monitors of the pack (Volume Activation Operations Guide; "Understanding Management Pack Operations" of the pack).
Most of them need events of the KMS host, which only activation_check reads. An alarm whose facts were not read is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .._licensing.catalog.findings import FINDINGS
from .._licensing.catalog.thresholds import THRESHOLDS
from .._task_results import kms_count
from .counting import has_host_key, is_kms_host
from .machines import Machine

_FEWEST = min(THRESHOLDS.values())
_EVENTS_NOT_READ = "events_not_read"
_SILENT = "no_kms_activity"


@dataclass(frozen=True)
class KmsAlarm:
    """One monitor of the pack. `finding` is the finding of activation_check with the same meaning.

    `judge` returns whether a KMS host without the finding is in order: False if it is not, and None if it is not known.
    """

    monitor: str
    finding: str
    judge: Callable[[Machine], bool | None]

    @property
    def severity(self) -> str:
        """Return the severity of the finding."""
        return FINDINGS[self.finding].value


def kms_alarms(machines: Sequence[Machine]) -> list[dict[str, Any]]:
    """Return each alarm with the KMS hosts for which it is raised, those that are in order, and those for which it is not known.

    The alarm about the service is raised for the clients to which their KMS host does not respond.
    """
    hosts = [machine for machine in machines if is_kms_host(machine)]
    return [_alarm(alarm, machines, hosts) for alarm in ALARMS]


def _alarm(alarm: KmsAlarm, machines: Sequence[Machine], hosts: Sequence[Machine]) -> dict[str, Any]:
    judged = {host.name: None if _has(host, alarm.finding) else alarm.judge(host) for host in hosts}
    raised = [each.name for each in machines if _has(each, alarm.finding) or judged.get(each.name) is False]
    rest = [host.name for host in hosts if host.name not in raised]
    return {
        "monitor": alarm.monitor,
        "finding_id": alarm.finding,
        "severity": alarm.severity,
        "machines": raised,
        "ok_machines": [name for name in rest if judged[name]],
        "not_known_machines": [name for name in rest if not judged[name]],
    }


def _has(machine: Machine, finding_id: str) -> bool:
    return any(finding["id"] == finding_id for finding in machine.result.get("findings") or ())


def _events_are_known(machine: Machine) -> bool | None:
    """Return True if a check read the events of the KMS host, which it does if a KMS host key is activated, or else None."""
    was_read = "findings" in machine.result and has_host_key(machine) and not _has(machine, _EVENTS_NOT_READ)
    return True if was_read else None


def _has_responded(machine: Machine) -> bool | None:
    """Return True if the KMS host received requests lately, or else None: other machines can have failed to reach it."""
    return True if _events_are_known(machine) and not _has(machine, _SILENT) else None


def _has_enough(machine: Machine) -> bool | None:
    """Return whether all counts of the KMS host have reached the number that it requires, or None if no count is known."""
    required = machine.service.get("required_count") or _FEWEST
    counts = ((kms_count(machine.result, "windows"), required), (kms_count(machine.result, "office"), THRESHOLDS["office"]))
    known = [count >= needed for count, needed in counts if count is not None]
    return all(known) if known else None


ALARMS = (
    KmsAlarm("KMS Windows Service", "kms_host_not_responding", _has_responded),
    KmsAlarm("Initialization Failure", "kms_host_failed_to_start", _events_are_known),
    KmsAlarm("Renewal Timer Failure", "renewal_timer_failed", _events_are_known),
    KmsAlarm("DNS Publishing", "dns_publishing_failed", _events_are_known),
    KmsAlarm("KMS Low Activation Count", "count_below_threshold", _has_enough),
    KmsAlarm("KMS Idle Time", _SILENT, _events_are_known),
)
"""The monitors of the pack, with their names in it. Later releases of the pack added the last one."""

__all__ = ["ALARMS", "KmsAlarm", "kms_alarms"]
