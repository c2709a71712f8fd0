# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine on which an activation takes longer than its request (W-015)."""

from __future__ import annotations

from winlab.protocol.endpoint import Endpoint

from .in_process import Clock, Direct, action_of, fault, related

TIMED_OUT = 0x80338029


class LateActivation(Direct):
    """A machine on which Activate takes longer than the timeout of its request; `continues`: it takes effect some time later."""

    def __init__(self, service: Endpoint, clock: Clock, *, continues: bool, seconds: float = 40.0) -> None:
        super().__init__(service)
        self._clock, self._continues, self._seconds = clock, continues, seconds
        self._running: list[tuple[float, bytes]] = []
        self.activations: list[float] = []

    def send(self, message: bytes, timeout: float) -> bytes:
        if self._running and self._clock.seconds >= self._running[0][0]:
            super().send(self._running.pop(0)[1], timeout)
        if not action_of(message).endswith("/Activate"):
            return super().send(message, timeout)
        self.activations.append(self._clock.seconds)
        if self._continues:
            self._running.append((self._clock.seconds + self._seconds, message))
        self._clock.seconds += min(timeout, 60.0)
        return related(fault(TIMED_OUT, "The operation timed out.", "w:TimedOut"), message)
