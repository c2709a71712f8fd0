# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An empty log is taken for an empty one only if the account can be expected to read it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_events.search import EventQuery, find
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.events.visibility import is_administrator, might_be_hidden
from winlab.simulation.estate import load_estate

from .conftest import LabSession

NOW = datetime(2026, 11, 20, 9, tzinfo=timezone.utc)
ESTATE = """
clock: {start: 2026-11-20T09:00:00Z, ticking: false}
dns: none
accounts:
  LabAdmin: Lab-Passw0rd!
  Reader: {password: Read-Passw0rd!, rights: reader}
  Blind: {password: Blind-Passw0rd!, rights: {like: reader, event_logs: false}}
  NoRegistry: {password: Reg-Passw0rd!, rights: {like: reader, namespaces: {root/default: []}}}
machines:
  - {name: quiet, address: 127.56.8.1, os: Server 2022 Standard, state: mak_licensed}
  - {name: used, address: 127.56.8.2, os: Server 2022 Standard, state: mak_licensed,
     events: [{id: 1000, source: Application Error, minutes_ago: 60, strings: [a.exe]}]}
  - {name: unused, address: 127.56.8.3, os: Server 2022 Standard, state: mak_licensed,
     events: [{id: 1000, source: Application Error, minutes_ago: 6000, strings: [a.exe]}]}
  - {name: refused, address: 127.56.8.4, os: Server 2022 Standard, state: mak_licensed, truths: {unreadable_log: access_denied}}
"""


class Seen:
    """A machine as an account uses it; what is the same for all accounts is that of the machine."""

    def __init__(self, machine: Any, user: str) -> None:
        self._access, self.fault_shape = machine.seen_by(user), machine.fault_shape

    def __getattr__(self, name: str) -> Any:
        return getattr(self._access, name)


@pytest.fixture
def seen(tmp_path: Path) -> Any:
    """A session of an account with a machine."""
    path = tmp_path / "estate.yml"
    path.write_text(ESTATE, "utf-8")
    machines = load_estate(path).machines
    return lambda name, user: LabSession(cast("Any", Seen(machines[name], user)))


@pytest.mark.parametrize(("user", "is_one"), [("LabAdmin", True), ("Reader", False), ("NoRegistry", False)])
def test_administrator_is_one_who_can_change_what_others_cannot(seen: Any, user: str, is_one: bool) -> None:
    session = seen("quiet", user)
    assert is_administrator(session) is is_one
    assert session.requests == ["CheckAccess"]


@pytest.mark.parametrize(
    ("name", "user", "hidden"),
    [
        ("quiet", "LabAdmin", False),
        ("quiet", "Reader", True),
        ("used", "Reader", False),
        ("used", "NoRegistry", False),
        ("used", "Blind", True),
        ("unused", "Reader", True),
        ("refused", "Blind", True),
    ],
)
def test_log_might_be_hidden_if_nothing_shows_that_it_is_not(seen: Any, name: str, user: str, hidden: bool) -> None:
    assert might_be_hidden(seen(name, user), NOW) is hidden


@pytest.mark.parametrize(("name", "user", "hidden"), [("used", "Reader", False), ("used", "Blind", True), ("quiet", "LabAdmin", False)])
def test_search_without_a_result_says_whether_it_might_be_hidden(seen: Any, name: str, user: str, hidden: bool) -> None:
    found = find(seen(name, user), EventQuery(since=timedelta(days=90)))
    assert (found.events, found.might_be_hidden) == ((), hidden)
