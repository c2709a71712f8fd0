# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines that find their KMS host the same way share one probe and its DNS queries."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Thread

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.route import (
    HostAnswer,
    KmsEndpoint,
    ProbeResult,
    Route,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._probing.prober import Prober
from ansible_collections.winops.volume_activation.plugins.plugin_utils._probing.routes import SharedRoutes

ROUTE = Route(fixed=KmsEndpoint("kms01.example.com", 1688))


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Counting:
    """A prober that counts its probes, each of which takes a moment."""

    def __init__(self, *, answers: bool = True) -> None:
        self.count = 0
        self.answers = answers

    def probe(self, route: Route) -> ProbeResult:
        self.count += 1
        time.sleep(0.01)
        return ProbeResult(fixed=HostAnswer(str(route), self.answers, True, "", ()))


def test_machines_with_the_same_route_at_the_same_time_are_one_probe() -> None:
    routes, prober = SharedRoutes(), Counting()
    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(lambda _number: routes.probe(0, ROUTE, prober), range(1000)))
    assert (prober.count, len(set(map(id, found)))) == (1, 1)


def test_another_route_and_other_settings_are_another_probe() -> None:
    routes, prober = SharedRoutes(), Counting()
    for settings, route in ((0, ROUTE), (1, ROUTE), (0, Route(domain="example.com")), (0, ROUTE)):
        routes.probe(settings, route, prober)
    assert prober.count == 3


@pytest.mark.parametrize(("answers", "seconds"), [(True, 60), (False, 10)])
def test_a_result_is_used_for_a_limited_time_and_a_bad_one_for_less(answers: bool, seconds: int) -> None:
    clock, prober = Clock(), Counting(answers=answers)
    routes = SharedRoutes(clock)
    routes.probe(0, ROUTE, prober)
    clock.now += seconds - 1
    routes.probe(0, ROUTE, prober)
    assert prober.count == 1
    clock.now += 1
    routes.probe(0, ROUTE, prober)
    assert prober.count == 2


def test_machines_that_invent_routes_do_not_fill_the_memory() -> None:
    routes = SharedRoutes()
    answer = ProbeResult()

    class Quick:
        def probe(self, route: Route) -> ProbeResult:
            del route
            return answer

    for number in range(5000):
        routes.probe(0, Route(domain=f"{number}.example.com"), Quick())
    assert len(routes._entries) <= 1024


def test_a_thousand_machines_that_look_for_their_kms_host_send_the_dns_queries_of_one() -> None:
    one, thousand = queries_of(1), queries_of(1000)
    assert one == thousand > 0


def queries_of(machines: int) -> int:
    """The number of queries that a name server gets which answers none of them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        count: list[int] = []
        Thread(target=hang_up, args=(server, count), daemon=True).start()
        routes, own = SharedRoutes(), Prober(1, 1, "127.0.0.1", server.getsockname()[1])
        with ThreadPoolExecutor(50) as pool:
            found = list(pool.map(lambda _number: routes.prober(own).probe(Route(domain="example.com")).problem, range(machines)))
        assert None not in found
        return len(count)


def hang_up(server: socket.socket, count: list[int]) -> None:
    """Count and close each connection until the server is closed."""
    with suppress(OSError):
        while True:
            server.accept()[0].close()
            count.append(1)
