# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Base class of the action plugin that reads many machines in one process.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Ansible runs the task once, for all machines of the play. This thread makes the connections, and collects the records; other threads send
the requests (see :mod:`pool`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from ansible import constants

from ..._cim._connect import open_session_to
from ..._cim.limits import SharedMemory
from ..._errors import InvalidOptionsError
from ..._probing.routes import SharedRoutes
from ..._probing.verification import prober_of
from ..._records.counts import FAILED, UNREACHABLE, RecordCounts
from ..._records.files import check_writable, mode_of
from ..applicability import reject_unsupported_keywords
from ..fleet.hosts import HostConnections
from ..fleet.interruption import ended_with_the_run
from ..fleet.pool import in_threads
from ..fleet.secrets import mask_of_hosts, secrets_of
from ..fleet.spool import Spool, temporary_path
from ..fleet.visit import Visit, limits_for, not_read, visit
from ..kept_path import resolved
from ..reading.check import check_machine
from ..reading.info import read_machine
from ..spec import ModuleSpec
from ..worker import return_freed_memory
from .controller import ControllerAction, Options

_FOR_EACH_MACHINE = ("application", "check")
"""Options that are evaluated with the variables of each machine."""

_WEIGHT = 12 * 1024 * 1024
"""Maximum size of the responses of one machine in bytes, which are kept until it was read: about 4,000 events."""

_PROGRESS = 15.0
"""Seconds between two messages about the progress."""

_NO_END = 10.0**9


class FleetAction(ControllerAction):
    """A task that reads many machines. A subclass sets the specs: its own, and those of the modules whose results are the records."""

    CHECK: ClassVar[ModuleSpec]
    INFO: ClassVar[ModuleSpec]

    clock = staticmethod(time.monotonic)

    def execute(self, options: Options) -> dict[str, Any]:
        """Read all machines, and return the counts and the record file."""
        return_freed_memory()
        self._routes = SharedRoutes()
        self._reader(options)  # the options of the check are validated before anything is sent
        return self._read_all(options, HostConnections(self, self.variables, _FOR_EACH_MACHINE))

    def _read_all(self, options: Options, hosts: HostConnections) -> dict[str, Any]:
        names = self._machines(options, hosts)
        path = self._path(options)
        outcome = RecordCounts(names, options["max_returned_records"])
        end = self.clock() + (options["deadline"] or _NO_END)
        masks, memory = mask_of_hosts(self.mask), SharedMemory()
        with ended_with_the_run(lambda: self._show_end(outcome, path)) as require_run, Spool(constants.DEFAULT_LOCAL_TMP) as spool:
            done = in_threads(
                self._visits(names, hosts, options, masks),
                lambda target: visit(target, lambda: limits_for(options["machine_timeout"], end - self.clock(), _WEIGHT, memory)),
                min(options["parallel_machines"], len(names)),
                lambda: end - self.clock(),
                _Progress(self._display.display, self.SPEC.name, outcome, self.clock, require_run),
            )
            for one in done:
                answer = one.result or not_read(one.job, options["deadline"], begun=one.begun)
                outcome.add(answer.record)
                spool.add(answer.name, answer.line)
            spool.write(path, mode_of(options["record_mode"]), names)
        statuses = {FAILED: options["fail_on_failed"], UNREACHABLE: options["fail_on_unreachable"]}
        fail_on = frozenset(status for status, fails in statuses.items() if fails)
        return outcome.result(str(path), fail_on)

    def _show_end(self, outcome: RecordCounts, path: Path) -> None:
        self._display.display(f"{self.SPEC.name}: the run was ended after {outcome.progress()}. {path} was not written.")

    def _machines(self, options: Options, hosts: HostConnections) -> list[str]:
        """Return the machines in their order without duplicates."""
        return list(dict.fromkeys(hosts.named(options["machines"]) if options["machines"] else self.variables["ansible_play_batch"]))

    def _path(self, options: Options) -> Path:
        """Return the path of the record file. Raises VolumeActivationError before a machine is read.

        In check mode, and without a path, this is a file in the temporary directory of the run.
        """
        given = options["record_path"]
        if given is not None:
            path = Path(resolved(given))
            check_writable(path)
        if given is None or self._task.check_mode:
            return temporary_path(constants.DEFAULT_LOCAL_TMP)
        return path

    def _visits(
        self, names: Sequence[str], hosts: HostConnections, options: Options, masks: Callable[[frozenset[str]], Any]
    ) -> Iterator[Visit]:
        for name in names:
            variables: Mapping[str, Any] = {}
            try:
                variables = hosts.variables_of(name)
                own = hosts.options_of(variables, {key: options[key] for key in _FOR_EACH_MACHINE})
                module, read = self._reader({**options, **self._defaults(), **self.SPEC.answered(own, self.variables)})
                connection = hosts.connection(variables)
                reject_unsupported_keywords(module, self._task, connection.plugin)
                mask = masks(secrets_of(connection.options))
                yield Visit(name, module, mask, open_session_to(connection.plugin, connection.address), partial(read, name))
            except Exception as error:  # noqa: BLE001 - it is in the record of the machine
                yield Visit(name, self.SPEC.name, masks(secrets_of(variables.items())), problem=error)

    def _defaults(self) -> dict[str, Any]:
        """Return the values of the options that are evaluated for each machine, for a machine whose variables are empty."""
        return {name: self.SPEC.options[name].default for name in _FOR_EACH_MACHINE}

    def _reader(self, options: Options) -> tuple[str, Callable[..., Any]]:
        """Return the module whose result is the record, and a function that reads a machine. Raises InvalidOptionsError."""
        application = options["application"]
        if options["check"] is None:
            settings = self.INFO.validate({"application": application})
            return self.INFO.name, lambda _name, session: read_machine(session, settings)
        if "application" in options["check"]:
            raise InvalidOptionsError(f"{self.SPEC.name}: check: application must be an option of the task")
        wanted = self.CHECK.validate({**self.CHECK.answered(options["check"], self.variables), "application": application})
        return self.CHECK.name, lambda name, session: check_machine(session, wanted, name, self._routes.prober(prober_of(wanted)))


class _Progress:
    """Shows how many machines were read, every few seconds of a long task. `require_run` raises an exception if the run has ended."""

    def __init__(
        self,
        show: Callable[[str], None],
        module: str,
        outcome: RecordCounts,
        clock: Callable[[], float],
        require_run: Callable[[], None] = lambda: None,
    ) -> None:
        self._show, self._module, self._outcome, self._clock, self._require_run = show, module, outcome, clock, require_run
        self._last = clock()

    def __call__(self) -> None:
        """Show a message if the last one is old enough."""
        self._require_run()
        if self._clock() - self._last >= _PROGRESS:
            self._last = self._clock()
            self._show(f"{self._module}: {self._outcome.progress()}.")


__all__ = ["FleetAction"]
