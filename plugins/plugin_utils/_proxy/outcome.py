# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the rows of the report from the results of the modules on each machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from ...module_utils import _phone as phone
from .._task_results import WHY_NOT_RUN, Result, task_failure
from .deposit import MISSING, NO_KEY, READY, WAITING
from .model import ProxyRecord
from .problems import ProxyError
from .register import Register, numbered
from .report import ReportRow, row
from .requested import error_fields, status_of
from .results import asked_for, computer_name, error_of, outcome, record_from

_ABOUT_ITS_FORM = frozenset(f"0x{code:08X}" for code in phone.ABOUT_ITS_FORM)

_CORRECT = (
    "Compare group {} with the confirmation ID from Microsoft, correct it in the file, and run the playbook again. A wrong confirmation ID"
    " does not use an activation."
)
_NOT_RUN = "the task did not run on the machine"
_NO_MACHINE = "no machine in the inventory has this name, and no machine of this run shows this installation ID"


class Rows:
    """Rows about the machines of a run, and about records without a machine. Decisions refer to records by their numbers in the file."""

    def __init__(
        self, records: Sequence[ProxyRecord], machines: Sequence[str], application: str, requested: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        self._file = records
        self._records = [record for record in records if record.application == application]
        self._numbers = numbered(records)
        self._register = Register(records, machines)
        self._application = application
        self._names = {name.casefold() for name in machines}
        self._used: set[ProxyRecord] = set()
        self._errors = {str(result.get("installation_id")): result for result in requested if result.get("error")}
        self._planned = {str(result.get("installation_id")) for result in requested if result.get("status") == "planned"}

    def collected(self, machine: str, result: Result | None, *, check_mode: bool = False) -> ReportRow:
        """Return the outcome of the collection on a machine; `check_mode` if the file is not written."""
        stopped = task_failure(result)
        if stopped:
            return self._failure(machine, *stopped, result)
        if not result or result.get("skipped"):
            reason = str((result or {}).get(WHY_NOT_RUN) or _NOT_RUN)
            return self._of_record(machine, self._register.of(machine, None, self._application), "not_run", reason)
        if outcome(result) == "already_licensed":
            return self._row(machine, "already_licensed")
        if check_mode and asked_for(result) is None:
            return self._row(machine, "planned")
        return self._asked(machine, result, check_mode=check_mode)

    def _asked(self, machine: str, result: Result, *, check_mode: bool) -> ReportRow:
        try:
            found = record_from(machine, result, "")
        except ProxyError as error:
            return self._row(machine, "failed", str(error))
        if found is None:
            return self._row(machine, "failed", "the machine does not show an installation ID")
        same = self._register.with_id(found.application, found.installation_id)
        own = [record for record in same if record.machine.casefold() == machine.casefold()] or same
        return self._of_record(machine, own, *(("planned", None) if check_mode else ("failed", "the file has no record of the machine")))

    def _of_record(self, machine: str, records: Iterable[ProxyRecord], status: str, reason: str | None) -> ReportRow:
        """Return a row for the newest of these records, or a row with this status if there is none."""
        best = max(records, key=lambda record: (record.age, record.answered), default=None)
        if best is None:
            return self._row(machine, status, reason)
        return self._row(machine, "ready" if best.answered else "waiting", None, best)

    def deposited(
        self,
        machine: str,
        decision: Mapping[str, Any] | None,
        result: Result | None,
        collected: Result | None = None,
        *,
        check_mode: bool = False,
    ) -> ReportRow:
        """Return the outcome of the deposit on a machine, from its decision, and from the result of mak_client if it ran.

        `collected` is the result of the collection in the same run. It is the reason why a machine has no record.
        """
        if not decision:
            return self._row(machine, "not_run", _NOT_RUN)
        record = self._file[int(decision["record_number"]) - 1] if decision["record_number"] else None
        if record:
            self._used.add(record)
        if decision["status"] in (MISSING, NO_KEY) and collected and (check_mode or _is_stopped(collected)):
            return self.collected(machine, collected, check_mode=check_mode)
        if decision["status"] != READY:
            return self._not_ready(machine, decision, record)
        stopped = task_failure(result)
        if stopped:
            return self._failure(machine, *stopped, result, record)
        status = outcome(result)
        if status in ("activated", "already_licensed", "planned"):
            return self._row(machine, status, None, record, other_ready=int(decision.get("other_ready") or 0))
        return self._row(machine, "not_run", "the confirmation ID was not sent", record)

    def _not_ready(self, machine: str, decision: Mapping[str, Any], record: ProxyRecord | None) -> ReportRow:
        if decision["status"] == WAITING and record and record.installation_id in self._errors:
            return self._without_answer(machine, record)
        if decision["status"] == WAITING and record and record.installation_id in self._planned:
            return self._row(machine, "planned", None, record)  # check mode: the run would request the confirmation ID
        return self._row(machine, decision["status"], decision["message"], record)

    def _without_answer(self, machine: str, record: ProxyRecord) -> ReportRow:
        """Return a row for a record whose confirmation ID was requested from Microsoft in vain."""
        result = self._errors[record.installation_id]
        error = result["error"]
        return self._row(machine, status_of(result), str(error["meaning"]), record, **error_fields(error))

    def of_no_machine(self, reads: Mapping[str, Result | None], inventory: Container[str]) -> list[ReportRow]:
        """Return a row for every record that does not belong to a machine of the run; `reads` are the results of activation_info."""
        names = self._names | {computer_name(read).casefold() for read in reads.values()} - {""}
        foreign = [record for record in self._records if not {record.machine.casefold(), record.computer_name.casefold()} & names]
        return [self._foreign(record, inventory) for record in foreign if record not in self._used]

    def _foreign(self, record: ProxyRecord, inventory: Container[str]) -> ReportRow:
        if record.machine in inventory:
            return self._row(record.machine, "not_in_run", None, record)
        return self._row(record.machine, "unknown", _NO_MACHINE, record)

    def _failure(self, machine: str, status: str, reason: str, result: Result | None, record: ProxyRecord | None = None) -> ReportRow:
        """Return a row for a failed task, with the next steps of its error, and the groups of the record with wrong check digits."""
        error = {} if status == "unreachable" else error_of(result)
        code, stale = error.get("code"), error.get("code") == phone.STALE
        wrong = phone.invalid_groups(record.confirmation_id) if record and error and not stale else ()
        # If the key was installed and the installation ID did not match, the module removed the key. The usual next steps apply.
        steps = [] if stale else list(error.get("next_steps") or ())
        if wrong and code in _ABOUT_ITS_FORM:
            steps = [_CORRECT.format(", ".join(wrong))]
        return self._row(
            machine,
            "stale" if stale else status,
            _error_text(error) or reason.removeprefix(f"{machine}: "),
            record,
            code=code,
            invalid_groups=wrong,
            **({"next_steps": tuple(map(str, steps))} if steps else {}),
        )

    def _row(self, machine: str, status: str, reason: str | None = None, record: ProxyRecord | None = None, **more: Any) -> ReportRow:
        return row(machine, status, reason, record, self._numbers.get(record) if record else None, **more)


def _is_stopped(collected: Result) -> bool:
    return task_failure(collected) is not None or WHY_NOT_RUN in collected


def _error_text(error: Result) -> str:
    """Return an error in one sentence, without the code of a refusal."""
    code = f"{error['code']} {error['symbol']}: " if error.get("symbol") else ""
    return f"{code}{error['meaning']}" if error.get("meaning") else ""
