# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account of a task: what the task has done to a machine so far. It is available however the task ends.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Code that writes adds the progress of its plan to the account before the first write, and keeps it up to date. Exceptions therefore do
not carry results: the account has them, also after an unexpected exception.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from ..._cim.session import CimInstance, CimPath, CimResult, CimSession, CimUnknownOutcomeError, CimValue
from ..._errors import VolumeActivationError
from ..recording.entry import Recorder
from .step import ACTIVATE, ACTIVATE_AGAIN, REARM, REBOOT, RESTART_SERVICE, StepResult


class Progress(Protocol):
    """The results of the steps of one plan so far."""

    @property
    def has_changed(self) -> bool:
        """Whether the machine accepted a write of these steps, or might have accepted one."""

    @property
    def rolled_back(self) -> bool:
        """Whether the previous key was restored."""

    def results(self) -> tuple[StepResult, ...]:
        """Return the results of all steps, in order."""


class Account:
    """What one task has done, in all plans that it carries out. `recorder` records it in the ledger, None if there is none."""

    def __init__(self, recorder: Recorder | None = None) -> None:
        self.recorder = recorder
        self._plans: list[Progress] = []
        self._later: tuple[StepResult, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether a plan has begun, or is about to."""
        return bool(self._plans or self._later)

    def add(self, progress: Progress) -> None:
        """Add the progress of a plan that begins now."""
        self._plans.append(progress)

    def expect(self, later: Iterable[StepResult]) -> None:
        """Set the steps of the plans that have not begun; they follow the steps of those that have."""
        self._later = tuple(later)

    @property
    def steps(self) -> tuple[StepResult, ...]:
        """All steps of the task, in order."""
        return (*(step for plan in self._plans for step in plan.results()), *self._later)

    @property
    def changed(self) -> bool:
        """Whether the machine was changed, or might have been changed."""
        return any(plan.has_changed for plan in self._plans)

    @property
    def rolled_back(self) -> bool:
        """Whether a previous key was restored."""
        return any(plan.rolled_back for plan in self._plans)

    @property
    def activations_used(self) -> int:
        """Number of activations of a MAK or a KMS host key that were used."""
        return sum(1 for step in self.steps if step.action in (ACTIVATE, ACTIVATE_AGAIN) and step.consumes and step.done)

    @property
    def rearms_used(self) -> int:
        """Number of rearms of Windows, of an application, or of a product that were used."""
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
        """Whether a rearm takes effect, or might take effect, after the next reboot; None if the machine was not read."""
        if not self.is_open:
            return None
        rearms = [step for step in self.steps if step.action == REARM]
        restarts = [step for step in self.steps if step.action == REBOOT]
        is_waiting = not rearms or any(step.done or step.uncertain for step in (*rearms, *restarts))
        return is_waiting and not any(step.done for step in restarts)

    def losses(self) -> tuple[str, ...]:
        """Return a warning for each activation that is lost with a step, or might be lost."""
        steps = [step for step in self.steps if step.loses and (step.done or step.uncertain)]
        return tuple(f"This task {'lost' if step.done else 'might have lost'} {step.loses}." for step in steps)

    def resumption(self) -> tuple[str, ...]:
        """Return the next steps for steps that another run of the task does not do; empty if no step was begun or all were done."""
        steps = self.steps
        if all(step.done for step in steps) or not any(step.done or step.uncertain for step in steps):
            return ()
        return tuple(dict.fromkeys(step.resume for step in steps if step.resume))

    def completed_summary(self) -> str:
        """Return what was done, as sentences with a leading space that follow an error message; empty if nothing was done."""
        done = [step.description for step in self.steps if step.done]
        unknown = [step.description for step in self.steps if step.uncertain]
        sentences = [f"Completed steps: {'; '.join(done)}."] if done else []
        sentences += [f"Steps with an unknown result: {'; '.join(unknown)}."] if unknown else []
        return "".join(f" {sentence}" for sentence in sentences)

    def as_dict(self, names: Iterable[str] = ()) -> dict[str, Any]:
        """Return the account as keys of a module result; `names` are further properties that the module returns."""
        return {
            "changed": self.changed,
            "steps": [step.as_dict() for step in self.steps],
            **{name: getattr(self, name) for name in names},
        }


@dataclass
class Trace:
    """Number of requests of one step that the machine accepted, and of those whose result is unknown."""

    accepted: int = 0
    unknown: int = 0

    def __bool__(self) -> bool:
        return bool(self.accepted or self.unknown)


class TracingSession:
    """A session that records the accepted writes in a trace, and passes reads through."""

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
        """Count a write as unknown until its response arrives, whatever happens instead."""
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


__all__ = ["Account", "Progress", "Trace", "TracingSession"]
