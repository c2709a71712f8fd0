# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kit sees while it changes a machine: a key before and after a refresh, an activation, and two calls that must be refused.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ..._cim.session import CimError, CimPath, CimSession, CimUnknownOutcomeError
from ..._cim.wsman import Session
from ..._licensing.events.catalog import APPLICATION
from ..._licensing.events.log import FILE_CLASS, file_of
from ..._licensing.plan import activation as activating
from ..._licensing.plan.activation import Activation, Attempts
from ..._licensing.plan.timer import RetryTimer
from ..._licensing.state.model import ActivationState, LicensedProduct, LicensingService
from ..._licensing.state.provider import SPP
from ..._licensing.state.target import Target

SHORTEST_TIMEOUT = 1.0
"""OperationTimeout of the activation in seconds. One that takes longer shows whether Windows continues it (W-015)."""

INVALID_KEY = "-".join(["BBBBB"] * 5)
"""A text with the form of a key. No key has five equal groups."""

NO_FILE = r"C:\WinopsConformanceNothing\none.evtx"
"""A file in a folder that does not exist, so that no log is saved."""


@dataclass(frozen=True)
class KeySeen:
    """The product with the key: before a refresh of the license status, after one, and after a second one. None if it was not shown."""

    before: LicensedProduct | None
    after: LicensedProduct | None
    again: LicensedProduct | None


@dataclass(frozen=True)
class ActivationSeen:
    """The one activation: its duration in seconds, the code with which it was refused or None, and whether it outlived the timeout.

    `took_effect` is None if the machine answered in time.
    """

    seconds: float
    code: int | None = None
    outlived: bool = False
    took_effect: bool | None = None


@dataclass
class OneActivation:
    """A provider that activates at most once, with the shortest timeout, and notes what came of it. `seen` is None before that."""

    session: CimSession
    clock: Callable[[], float]
    seen: ActivationSeen | None = None

    def find(self, session: CimSession, target: Target) -> LicensedProduct | None:
        """See :meth:`Provider.find`."""
        return SPP.find(session, target)

    def read_product(self, session: CimSession, product: LicensedProduct) -> LicensedProduct | None:
        """See :meth:`Provider.read_product`."""
        return SPP.read_product(session, product)

    def deposit(self, session: CimSession, product: LicensedProduct, confirmation_id: str) -> None:
        """The kit does not deposit confirmation IDs."""
        raise NotImplementedError

    def refresh(self, session: CimSession, service: LicensingService) -> None:
        """See :meth:`Provider.refresh`."""
        SPP.refresh(session, service)

    def activate(self, session: CimSession, product: LicensedProduct) -> None:
        """Activate. Raises CimError, CimUnknownOutcomeError, and UnreachableError, and RuntimeError for a second activation."""
        if self.seen:
            raise RuntimeError("the kit activates once")
        start = self.clock()
        self.seen = ActivationSeen(0.0)
        try:
            with _short(self.session):
                SPP.activate(session, product)
            self.seen = ActivationSeen(self.clock() - start)
        except CimUnknownOutcomeError:
            self.seen = ActivationSeen(self.clock() - start, outlived=True)
            raise
        except CimError as error:
            self.seen = ActivationSeen(self.clock() - start, error.code)
            raise

    def attempts(self, session: CimSession, state: ActivationState, product: LicensedProduct, timer: RetryTimer) -> Attempts:
        """Activate, and watch the product if the response did not come in time. Raises UnreachableError."""
        found = activating.activate(session, state, product, Activation("activate"), timer, self)
        if self.seen and self.seen.outlived:
            self.seen = replace(self.seen, took_effect=found.failure is None)
        return found


@contextmanager
def _short(session: CimSession) -> Iterator[None]:
    """Use the shortest timeout for the writes in the block."""
    if not isinstance(session, Session):
        raise TypeError("the session does not send messages")
    usual = session.timeouts
    session.timeouts = replace(usual, write=SHORTEST_TIMEOUT)
    try:
        yield
    finally:
        session.timeouts = usual


def see_key(session: CimSession, service: LicensingService, product: LicensedProduct) -> KeySeen:
    """Read the product that has just got a key, refresh, and read it again, twice. Raises CimError and UnreachableError."""
    before = SPP.read_product(session, product)
    SPP.refresh(session, service)
    after = SPP.read_product(session, product)
    SPP.refresh(session, service)
    return KeySeen(before, after, SPP.read_product(session, product))


def install_invalid_key(session: CimSession, service: LicensingService) -> None:
    """Install a text that is not a key, which Windows refuses. Raises the CimError that the kit wants to see."""
    session.invoke(service.path, "InstallProductKey", {"ProductKey": INVALID_KEY})


def save_log_nowhere(session: CimSession) -> bool:
    """Save a log to a folder that does not exist, which Windows refuses. Return False if there is no log to ask.

    Raises the CimError that the kit wants to see.
    """
    log = file_of(session, APPLICATION)
    if log is None:
        return False
    session.invoke(CimPath(FILE_CLASS, {"Name": log.path}), "BackupEventlog", {"ArchiveFileName": NO_FILE})
    return True


__all__ = [
    "SHORTEST_TIMEOUT",
    "ActivationSeen",
    "KeySeen",
    "OneActivation",
    "install_invalid_key",
    "save_log_nowhere",
    "see_key",
]
