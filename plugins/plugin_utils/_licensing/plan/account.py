# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account of a task: what it has done to a machine so far, to be read whatever ends the task.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Whoever writes adds a ledger to the account before the first write and keeps it up to date. An exception therefore carries nothing along:
what was done is in the account, also when the exception is one that nobody foresaw.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from ..._cim.session import CimInstance, CimPath, CimResult, CimSession, CimUnknownOutcomeError, CimValue
from ..._errors import VolumeActivationError
from .step import ACTIVATE, ACTIVATE_AGAIN, REARM, REBOOT, RESTART_SERVICE, StepResult


class Ledger(Protocol):
    """The steps of one plan, as far as they have come."""

    @property
    def has_changed(self) -> bool:
        """Whether the machine took a write of these steps, or may have taken one."""

    @property
    def rolled_back(self) -> bool:
        """Whether the machine has its former key again."""

    def results(self) -> tuple[StepResult, ...]:
        """Every step with whether it was done."""


class Account:
    """What one task has done, over all plans it carries out."""

    def __init__(self) -> None:
        self._ledgers: list[Ledger] = []
        self._later: tuple[StepResult, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether a plan has begun, or is about to."""
        return bool(self._ledgers or self._later)

    def add(self, ledger: Ledger) -> None:
        """Take a plan in that begins now."""
        self._ledgers.append(ledger)

    def expect(self, later: Iterable[StepResult]) -> None:
        """The steps of plans that have not begun, behind those that have."""
        self._later = tuple(later)

    @property
    def steps(self) -> tuple[StepResult, ...]:
        """Every step of the task in order."""
        return (*(step for ledger in self._ledgers for step in ledger.results()), *self._later)

    @property
    def changed(self) -> bool:
        """Whether the machine was changed, or may have been."""
        return any(ledger.has_changed for ledger in self._ledgers)

    @property
    def rolled_back(self) -> bool:
        """Whether a key gave way to the one before."""
        return any(ledger.rolled_back for ledger in self._ledgers)

    @property
    def activations_used(self) -> int:
        """Activations of a MAK or a KMS host key."""
        return sum(1 for step in self.steps if step.action in (ACTIVATE, ACTIVATE_AGAIN) and step.consumes and step.done)

    @property
    def rearms_used(self) -> int:
        """Rearms of Windows, of an application or of a product."""
        return sum(1 for step in self.steps if step.action == REARM and step.done)

    @property
    def rebooted(self) -> bool:
        """Whether the machine was rebooted."""
        return any(step.action == REBOOT and step.done for step in self.steps)

    @property
    def service_restarted(self) -> bool:
        """Whether the licensing service was restarted."""
        return any(step.action == RESTART_SERVICE and step.done for step in self.steps)

    @property
    def reboot_required(self) -> bool | None:
        """Whether a rearm waits, or may wait, for the restart that makes it take effect; None when the machine was not read."""
        if not self.is_open:
            return None
        rearms = [step for step in self.steps if step.action == REARM]
        restarts = [step for step in self.steps if step.action == REBOOT]
        is_waiting = not rearms or any(step.done or step.uncertain for step in (*rearms, *restarts))
        return is_waiting and not any(step.done for step in restarts)

    def losses(self) -> tuple[str, ...]:
        """One warning for each activation that is lost with a step, or may be."""
        steps = [step for step in self.steps if step.loses and (step.done or step.uncertain)]
        return tuple(f"{step.loses} {'is' if step.done else 'may be'} lost" for step in steps)

    def resumption(self) -> tuple[str, ...]:
        """What to do about steps that were not done, where running the task again does not do them; nothing when none was begun."""
        steps = self.steps
        if all(step.done for step in steps) or not any(step.done or step.uncertain for step in steps):
            return ()
        return tuple(dict.fromkeys(step.resume for step in steps if step.resume))

    def words(self) -> str:
        """What was done, as sentences to follow one that says what ended it; empty when nothing was."""
        done = [step.description for step in self.steps if step.done]
        unknown = [step.description for step in self.steps if step.uncertain]
        told = [f"Done before that: {'; '.join(done)}."] if done else []
        told += [f"Not known whether it was done: {'; '.join(unknown)}."] if unknown else []
        return "".join(f" {sentence}" for sentence in told)

    def as_dict(self, names: Iterable[str] = ()) -> dict[str, Any]:
        """The account in the shape of the module results; `names` are those of the properties that a module reports besides."""
        return {
            "changed": self.changed,
            "steps": [step.as_dict() for step in self.steps],
            **{name: getattr(self, name) for name in names},
        }


@dataclass
class Trace:
    """What became of the requests of one step: those the machine accepted, and those of which nobody knows."""

    accepted: int = 0
    unknown: int = 0

    def __bool__(self) -> bool:
        return bool(self.accepted or self.unknown)


class TracingSession:
    """A session that notes in a trace which writes the machine took; reads pass through."""

    def __init__(self, session: CimSession) -> None:
        self._session = session
        self.trace = Trace()

    def query(self, wql: str, namespace: str = "root/cimv2") -> list[CimInstance]:
        """See :meth:`CimSession.query`."""
        return self._session.query(wql, namespace)

    def invoke(self, target: CimPath, method: str, arguments: Mapping[str, CimValue], *, read_only: bool = False) -> CimResult:
        """See :meth:`CimSession.invoke`."""
        if read_only:
            return self._session.invoke(target, method, arguments, read_only=True)
        with self._traced():
            return self._session.invoke(target, method, arguments)

    def put(self, target: CimPath, properties: Mapping[str, CimValue]) -> None:
        """See :meth:`CimSession.put`."""
        with self._traced():
            self._session.put(target, properties)

    def close(self) -> None:
        """See :meth:`CimSession.close`."""
        self._session.close()

    @contextmanager
    def _traced(self) -> Iterator[None]:
        """Until its answer is there a write counts as one of which nobody knows, whatever comes instead of the answer."""
        trace = self.trace
        trace.unknown += 1
        try:
            yield
        except CimUnknownOutcomeError:
            raise
        except VolumeActivationError:  # refused, or not sent
            trace.unknown -= 1
            raise
        trace.unknown -= 1
        trace.accepted += 1


__all__ = ["Account", "Ledger", "Trace", "TracingSession"]
