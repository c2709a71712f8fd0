# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time of the kit is bounded, and it leaves the session, which the items of a loop share, as it was."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.limits import Room
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import ResponseLostError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.wsman import Session
from ansible_collections.winops.volume_activation.plugins.plugin_utils._conformance.kit import examine
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError


class Silent:
    """A machine that never responds: each message takes all the time that it may."""

    endpoint = "http://silent.example:5985/wsman"
    encrypted = False

    def __init__(self) -> None:
        self.now = 0.0
        self.allowed: list[float] = []

    def send(self, message: bytes, timeout: float) -> bytes:
        assert message
        self.allowed.append(timeout)
        self.now += timeout
        raise ResponseLostError("no response", again=False)

    def share(self, room: Room) -> None:
        """Nothing is limited here."""

    def reset(self) -> None:
        """There is no connection."""


def test_no_message_may_take_longer_than_the_time_that_is_left() -> None:
    machine = Silent()
    session = Session(machine, clock=lambda: machine.now)
    with pytest.raises(UnreachableError):
        examine(session, "any", 10.0, None, None, lambda: machine.now)
    assert machine.allowed == [10.0]


def test_the_session_is_as_before_after_a_machine_was_tested_and_after_a_failure() -> None:
    machine = Silent()
    session = Session(machine, clock=lambda: machine.now)
    for _item in range(3):
        with pytest.raises(UnreachableError):
            examine(session, "any", 10.0, None, None, lambda: machine.now)
    assert session.carry_by(lambda transport: transport) is machine
    with pytest.raises(UnreachableError):
        session.query("SELECT * FROM C")
    assert machine.allowed[-1] > 10.0
