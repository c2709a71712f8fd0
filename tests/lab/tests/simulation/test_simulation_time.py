# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long stretches of time: what is left out makes no difference, and there is little left in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from winlab.simulation import spp
from winlab.simulation.estate import Estate

MakeEstate = Callable[[str], Estate]
CLIENTS = """
    clock: {start: 2026-11-20T09:00:00Z, ticking: false}
    dns: none
    defaults: {domain: corp.lab}
    kms_hosts:
      - {name: kms1, address: 127.56.20.1, os: Server 2022 Standard, outside_clients: 60}
      - {name: young, address: 127.56.20.2, os: Server 2022 Standard}
    machines:
      - {name: steady, address: 127.56.20.3, os: Windows 10 Enterprise, state: kms_licensed, kms_host: kms1.corp.lab}
      - {name: grace, address: 127.56.20.4, os: Windows 10 Enterprise, state: grace, kms_host: gone.corp.lab}
      - {name: pinned, address: 127.56.20.5, os: Server 2019 Standard, state: pinned_dead_host, clock_skew_minutes: 45}
      - {name: few, address: 127.56.20.6, os: Server 2019 Standard, state: grace, kms_host: young.corp.lab}
      - {name: mak, address: 127.56.20.7, os: Server 2019 Standard, state: mak_licensed}
"""
SHOWN = ("LicenseStatus", "LicenseStatusReason", "GracePeriodRemaining")


def state(estate: Estate, name: str) -> tuple[Any, ...]:
    product = estate.snapshot(name)["products"][0]
    return (*(product["properties"][key] for key in SHOWN), product["next_attempt"])


def attempts(estate: Estate, name: str) -> int:
    return len(estate.machines[name].events.newest_first(number=12288))


@pytest.mark.parametrize("name", ["steady", "grace", "pinned", "mak"])
@pytest.mark.parametrize("days", [1, 8, 33, 181, 400])
def test_one_long_stretch_ends_as_many_short_ones_do(estate_of: MakeEstate, name: str, days: int) -> None:
    at_once, by_the_day = estate_of(CLIENTS), estate_of(CLIENTS)
    at_once.advance(timedelta(days=days))
    for _ in range(days):
        by_the_day.advance(timedelta(days=1))
    assert at_once.clock.now() == by_the_day.clock.now()
    assert state(at_once, name) == state(by_the_day, name)


def test_a_client_nobody_answers_makes_few_attempts_and_the_last_one_that_was_due(estate_of: MakeEstate) -> None:
    estate = estate_of(CLIENTS)
    estate.advance(timedelta(days=400))
    assert attempts(estate, "grace") < 30
    last = estate.machines["grace"].events.newest_first(number=12288)[0]
    assert estate.clock.now() - last.time < timedelta(hours=2)
    assert state(estate, "grace")[:2] == (5, 0xC004F074)


def test_a_licensed_client_renews_every_week_and_its_host_counts_each_time(estate_of: MakeEstate) -> None:
    estate = estate_of(CLIENTS)
    host = next(iter(estate.machines["kms1"].service.hosts.values()))
    before = host.total
    estate.advance(timedelta(days=70))
    assert attempts(estate, "steady") == host.total - before == 10
    assert state(estate, "steady")[0] == 1


def test_a_client_below_the_count_goes_on_asking_since_the_count_may_rise(estate_of: MakeEstate) -> None:
    estate = estate_of(CLIENTS)
    estate.advance(timedelta(days=60))
    asked = attempts(estate, "few")
    estate.machines["young"].service.hosts.copy().popitem()[1].outside_clients = 60
    estate.advance(timedelta(days=2))
    assert asked > 50
    assert state(estate, "few")[0] == 1


def test_thousands_of_clients_cost_a_host_no_more_memory_than_its_cache(estate_of: MakeEstate) -> None:
    crowd = '      - {name: "c{0001}", count: 2000, address: 127.56.21.1, os: Windows 10 Enterprise, state: kms_licensed}\n'
    estate = estate_of(CLIENTS + crowd)
    estate.advance(timedelta(days=8))
    role = next(iter(estate.machines["kms1"].service.hosts.values()))
    assert len(role.seen) == 50
    assert all(machine.service.keyed()[0].status == 1 for name, machine in estate.machines.items() if name.startswith("c0"))


def test_a_key_that_was_never_refreshed_gets_its_grace_with_the_first_attempt_of_the_service(estate_of: MakeEstate) -> None:
    estate = estate_of(CLIENTS)
    grace = estate.machines["grace"]
    grace.service.keyed()[0].status, grace.service.keyed()[0].reason = 0, 0xC004F034
    grace.service.stale = True
    estate.advance(timedelta(hours=3))
    assert state(estate, "grace")[0] == 2


def test_time_never_goes_back(estate_of: MakeEstate) -> None:
    with pytest.raises(ValueError, match="forward"):
        estate_of(CLIENTS).advance(timedelta(minutes=-1))


def test_a_client_asks_again_by_itself_after_a_rearm_and_the_restart(estate_of: MakeEstate) -> None:
    estate = estate_of(CLIENTS)
    steady = estate.machines["steady"]
    spp.rearm(steady)
    steady.restart()
    assert state(estate, "steady")[0] == 2
    estate.advance(timedelta(hours=3))
    assert state(estate, "steady")[0] == 1


def test_a_clock_that_ticks_meanwhile_does_not_stop_the_passing_of_time(
    estate_of: Callable[[str], Estate], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter(range(10**9))
    monkeypatch.setattr("winlab.simulation.clock.time.monotonic", lambda: float(next(seconds)))
    estate = estate_of("""
        dns: none
        kms_hosts: [{name: kms, address: 127.56.0.10, os: Server 2022 Standard, outside_clients: 60}]
        machines: [{name: "s{01..20}", address: 127.56.1.1, os: Server 2019 Standard, kms_host: kms, state: grace}]
    """)
    estate.advance(timedelta(days=30))
    assert {product.status for machine in estate.machines.values() for product in machine.service.keyed()} == {1}
