# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports that open and close while requests and calls of the control API come at the same time."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest

PORT = 16890


@pytest.fixture
def kms(tiny: Callable[..., Any], wire: Callable[..., Any]) -> Any:
    """A machine that answers KMS clients, and the wire around it."""
    machine = tiny()
    machine.kms = (PORT, "kms")
    machine.running = wire(machine)
    return machine


def is_open(address: str, port: int = PORT) -> bool:
    """Whether anything listens there, found out without a connection."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return True
        return False


def test_two_looks_at_the_same_time_open_each_port_once(kms: Any) -> None:
    service = kms.running.service
    kms.crashed, kms.kms = True, None
    kms.running.call(service.sync())

    async def look_twice() -> None:
        await asyncio.gather(*(service.sync() for _ in range(3)))

    kms.crashed, kms.kms = False, (PORT, "kms")
    kms.running.call(look_twice())
    assert is_open(kms.address, kms.listen.http_port)
    assert is_open(kms.address)


def test_a_port_that_is_closed_while_it_opens_ends_closed(kms: Any) -> None:
    service = kms.running.service
    kms.kms = None
    kms.running.call(service.sync())

    async def open_and_close() -> None:
        kms.kms = (PORT, "kms")
        opening = asyncio.ensure_future(service.sync())
        while not is_open(kms.address):
            await asyncio.sleep(0)
        kms.kms = None
        await asyncio.gather(opening, service.sync())

    kms.running.call(open_and_close())
    assert not is_open(kms.address)


def test_a_port_that_cannot_be_opened_spoils_no_answer_and_is_said(kms: Any, soap: Any, caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as other:
        other.bind((kms.address, PORT + 2))
        other.listen()
        kms.kms = (PORT + 2, "kms")
        assert kms.running.ask(kms, soap.invoke("SetKey"))[0] == 200
    assert f"cannot listen on {kms.address}:{PORT + 2}" in caplog.text
    assert not is_open(kms.address)


def test_what_runs_on_a_machine_ends_when_it_is_interrupted(kms: Any, soap: Any) -> None:
    service, endpoint = kms.running.service, kms.running.endpoint(kms)
    kms.slow = 0.3

    async def interrupt() -> None:
        running = asyncio.ensure_future(endpoint.serve(soap.invoke("SetKey"), "LabAdmin", "127.0.0.1"))
        while not kms.invoked:
            await asyncio.sleep(0)
        await service.interrupt(kms.name)
        await asyncio.wait((running,))
        await asyncio.sleep(0.5)

    kms.running.call(interrupt())
    assert kms.finished == 0
    kms.running.call(service.sync())
    kms.slow = 0
    assert kms.running.ask(kms, soap.invoke("SetKey"))[0] == 200


def test_a_fault_that_comes_while_a_machine_begins_to_listen_wins(kms: Any) -> None:
    service = kms.running.service
    kms.crashed = True
    kms.running.call(service.sync())

    async def refuse_meanwhile() -> None:
        kms.crashed = False
        opening = asyncio.ensure_future(service.sync())
        while not is_open(kms.address, kms.listen.http_port):
            await asyncio.sleep(0)
        service.set_fault(kms.name, "refuse_connections")
        await opening

    kms.running.call(refuse_meanwhile())
    for port in (kms.listen.http_port, kms.listen.https_port):
        assert not is_open(kms.address, port)
