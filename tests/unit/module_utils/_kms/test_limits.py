# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limits of a probe whose endpoints a machine or DNS named: what is asked, and what is said of the rest."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._deadline import Deadline
from ansible_collections.winops.volume_activation.plugins.module_utils._kms.limits import (
    MOST_ADDRESSES,
    MOST_CONNECTIONS,
    MOST_ENDPOINTS,
    Limits,
    side_by_side,
)
from ansible_collections.winops.volume_activation.plugins.module_utils._kms.probe import probe, probe_within
from ansible_collections.winops.volume_activation.plugins.module_utils._kms.status import TOO_MANY_NAMED, ProbeFinding, ProbeStatus
from ansible_collections.winops.volume_activation.plugins.module_utils._networks import parse_address, parse_network

from . import answers
from .listeners import ADDRESS, OTHER_ADDRESS, listening

LOOPBACK = (parse_network("127.0.0.0/8"),)
PATIENT = 10.0
OUTSIDE = "192.0.2.1"


class Clock:
    """A steady clock that goes on only when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def limits(seconds: float = 60.0, clock: Clock | None = None, networks: Sequence[object] = LOOPBACK) -> Limits:
    return Limits(Deadline.after(seconds, clock or Clock()), networks)  # type: ignore[arg-type]


def asked_by(bounds: Limits, addresses: Sequence[str]) -> tuple[list[str], list[ProbeFinding]]:
    """The addresses a connection would be opened to, and what is said of all."""
    opened: list[str] = []

    def ask(address: str, _port: int, _timeout: float) -> ProbeFinding:
        opened.append(address)
        return ProbeFinding(ProbeStatus.CONNECTION_REFUSED, "")

    return opened, list(bounds.ask(addresses, 1688, PATIENT, ask))


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::1", "fe80::1", "::ffff:127.0.0.1", "64:ff9b::a9fe:a9fe", "0.0.0.0"])
def test_no_connection_is_opened_to_an_address_that_is_not_allowed(address: str) -> None:
    opened, found = asked_by(limits(networks=()), [address])
    assert opened == []
    assert [finding.status for finding in found] == [ProbeStatus.NOT_ALLOWED]
    assert str(parse_address(address)) in found[0].detail


def test_the_address_that_was_judged_is_the_one_that_is_opened() -> None:
    """No name and no short form gets as far as a socket, which would resolve it once more."""
    opened, found = asked_by(limits(), ["127.1", "localhost", "0x7f000001"])
    assert opened == []
    assert {finding.status for finding in found} == {ProbeStatus.UNKNOWN}


def test_a_name_that_resolves_to_an_allowed_and_a_forbidden_address_is_asked_at_the_allowed_one_only() -> None:
    opened, found = asked_by(limits(networks=()), ["169.254.169.254", OUTSIDE])
    assert opened == [OUTSIDE]
    assert [finding.status for finding in found] == [ProbeStatus.NOT_ALLOWED, ProbeStatus.CONNECTION_REFUSED]


def test_of_one_name_so_many_addresses_are_asked_and_the_rest_is_said() -> None:
    opened, found = asked_by(limits(), [f"192.0.2.{number}" for number in range(1, 200)])
    assert len(opened) == MOST_ADDRESSES
    assert (found[-1].status, len(found)) == (ProbeStatus.NOT_ASKED, MOST_ADDRESSES + 1)


def test_a_machine_costs_so_many_connections_at_most() -> None:
    bounds, opened = limits(), []
    for number in range(50):
        opened += asked_by(bounds, [f"198.51.100.{number}"])[0]
    assert len(opened) == MOST_CONNECTIONS


def test_after_the_deadline_nobody_is_asked() -> None:
    clock = Clock()
    bounds = limits(5, clock)
    clock.now = 5.0
    opened, found = asked_by(bounds, [OUTSIDE])
    assert (opened, found[0].status) == ([], ProbeStatus.NOT_ASKED)


def test_a_connection_gets_no_more_time_than_is_left() -> None:
    clock, given = Clock(), []
    bounds = limits(5, clock)
    clock.now = 3.0

    def ask(_address: str, _port: int, timeout: float) -> ProbeFinding:
        given.append(timeout)
        return ProbeFinding(ProbeStatus.TIMEOUT, "")

    list(bounds.ask([OUTSIDE], 1688, PATIENT, ask))
    assert given == [2.0]


def test_of_many_hosts_the_first_are_asked_and_none_of_the_others_is_even_resolved() -> None:
    resolved: list[str] = []

    def resolve(name: str) -> list[str]:
        resolved.append(name)
        return []

    hosts = [(f"h{number}.corp.example", number) for number in range(1, 1501)]
    found = probe_within(hosts, PATIENT, resolve, limits())
    assert sorted(resolved) == sorted(name for name, _port in hosts[:MOST_ENDPOINTS])
    assert [one.status for one in found] == ["unresolved"] * MOST_ENDPOINTS + ["not_asked"] * (1500 - MOST_ENDPOINTS)


def test_what_was_not_asked_says_by_which_limit_and_has_the_step_for_it() -> None:
    many = [(f"192.0.2.{number}", 1688) for number in range(1, 20)]
    bounds, clock = limits(), Clock()
    bounds.connections = 0
    late = limits(5, clock)
    clock.now = 5.0

    def resolve(_name: str) -> list[str]:
        return [OUTSIDE] * (MOST_ADDRESSES + 1)

    bad_name = limits(networks=())
    found = {
        "hosts": probe_within(many, PATIENT, resolve, limits(0))[-1],
        "connections": probe_within([(OUTSIDE, 1688)], PATIENT, resolve, bounds)[0],
        "time": probe("kms.corp.example", 1688, PATIENT, resolve, late),
        "addresses": probe("kms.corp.example", 1688, PATIENT, resolve, addresses_only(bad_name)),
    }
    assert {one.status for one in found.values()} == {"not_asked"}
    assert found["hosts"].next_steps == found["connections"].next_steps == TOO_MANY_NAMED
    assert found["time"].next_steps[0].startswith("Increase probe_timeout")
    assert "address records" in found["addresses"].next_steps[0]


def addresses_only(bounds: Limits) -> Limits:
    """None of the addresses is asked, so that what is said is that there are more of them."""
    bounds.addresses = 0
    return bounds


def test_an_endpoint_that_is_named_twice_is_asked_once() -> None:
    with listening(answers.bind_ack()) as host:
        found = probe_within([(ADDRESS, host.port)] * 3, PATIENT, lambda name: [name], limits())
    assert host.received == [answers.BIND]
    assert [one.status for one in found] == ["available"] * 3


def test_a_host_with_one_address_left_out_is_not_taken_for_dead() -> None:
    with listening(b"HTTP/1.1 400 Bad\r\n", address=OTHER_ADDRESS) as host:
        addresses = [OTHER_ADDRESS, "169.254.1.1"]
        (found,) = probe_within([("kms.corp.example", host.port)], PATIENT, lambda _name: addresses, limits())
    assert (found.status, found.is_kms_host) == ("not_allowed", False)
    assert any("probe_networks" in step for step in found.next_steps)


def test_jobs_run_side_by_side_and_keep_their_order() -> None:
    meeting = threading.Barrier(3)

    def job(number: int) -> int:
        meeting.wait(PATIENT)
        return number

    jobs = [lambda number=number: job(number) for number in range(3)]  # type: ignore[misc]
    assert side_by_side(jobs, Deadline.after(PATIENT)) == [0, 1, 2]


def test_nobody_waits_for_a_job_beyond_the_deadline() -> None:
    never = threading.Event()
    try:
        assert side_by_side([never.wait], Deadline.after(0, Clock())) == [None]
    finally:
        never.set()


def test_what_a_job_raises_is_raised() -> None:
    def fail() -> None:
        raise KeyError("who")

    with pytest.raises(KeyError):
        side_by_side([fail], Deadline.after(PATIENT))
