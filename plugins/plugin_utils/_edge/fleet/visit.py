# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read one machine, and make its record, in a thread.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from ..._cim.limits import MachineLimits, SharedMemory
from ..._cim.session import CimSession
from ..._cim.wsman import Session
from ..._errors import UnreachableError, VolumeActivationError
from ..._records.model import Record
from .. import result as _result
from .secrets import HostMask

Read = Callable[[CimSession], dict[str, Any]]
"""Reads a machine, and returns the result of a task on it."""


class NotReadError(VolumeActivationError):
    """The deadline of the task came before the machine was read."""

    error_code = "not_read"
    cause = "The machines need more time than the task allows."
    next_steps = ("Set deadline to more seconds, or read fewer machines in one task.",)
    transient = True


@dataclass(frozen=True)
class Visit:
    """What a thread needs to read one machine: the session, or the reason why there is none. `module` is the module whose result it is."""

    name: str
    module: str
    mask: HostMask
    session: Session | None = None
    read: Read | None = None
    problem: Exception | None = None


@dataclass(frozen=True)
class MachineRecord:
    """The record of a machine, and its line of a record file."""

    record: Record
    line: str

    @property
    def name(self) -> str:
        """Return the name of the machine in the inventory."""
        return self.record.inventory_hostname


def visit(target: Visit, limits: Callable[[], MachineLimits]) -> MachineRecord:
    """Read the machine. Every error becomes a record."""
    return answer(target, _result_of(target, limits))


def not_read(target: Visit, seconds: float, *, begun: bool) -> MachineRecord:
    """Return the record of a machine that was not read before the deadline."""
    problem = UnreachableError(f"the machine did not respond before the deadline of {seconds:g} seconds", NotReadError.next_steps)
    if begun:
        return answer(target, _result.unreachable(problem, target.name))
    return answer(target, _result.failure(NotReadError(f"not read before the deadline of {seconds:g} seconds."), target.name))


def answer(target: Visit, found: dict[str, Any]) -> MachineRecord:
    """Return the record of a result, without secrets."""
    return MachineRecord(*target.mask.record(target.name, found))


def _result_of(target: Visit, limits: Callable[[], MachineLimits]) -> dict[str, Any]:
    try:
        if target.problem is not None:
            raise target.problem
        return _read(target, limits())
    except UnreachableError as error:
        return _result.unreachable(error, target.name)
    except VolumeActivationError as error:
        return _result.failure(error, target.name)
    except Exception as error:  # noqa: BLE001 - one machine must not end the task
        return _result.unexpected(target.module, error, target.name)


def _read(target: Visit, limits: MachineLimits) -> dict[str, Any]:
    if target.session is None or target.read is None:
        return {}
    target.session.limit(limits)
    try:
        return target.read(target.session)
    finally:
        target.session.close()


def limits_for(seconds: float, left: float, weight: int, memory: SharedMemory) -> MachineLimits:
    """Return the limits of a machine whose requests begin now: `seconds`, but at most the seconds that are left of the task.

    `weight` is the maximum of its responses in bytes, and `memory` that of all machines.
    """
    allowed = min(seconds, left)
    return MachineLimits(monotonic() + allowed, allowed, weight, memory.room())


__all__ = ["MachineRecord", "NotReadError", "Read", "Visit", "limits_for", "not_read", "visit"]
