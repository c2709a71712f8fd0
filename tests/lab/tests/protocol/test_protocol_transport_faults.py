# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults of the network, as a client feels them."""

from __future__ import annotations

import base64
import http.client
import socket
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

AUTH = "Basic " + base64.b64encode(b"LabAdmin:Wire-Passw0rd!").decode()


def post(machine: Any, body: bytes) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(machine.address, machine.listen.http_port, timeout=10)
    try:
        connection.request("POST", "/wsman", body, {"Content-Type": "application/soap+xml;charset=UTF-8", "Authorization": AUTH})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.fixture
def loose(tiny: Callable[..., Any]) -> Any:
    return tiny(allow_unencrypted=True)


def test_refused_connections_are_refused_until_cleared(loose: Any, wire: Callable[..., Any], soap: Any) -> None:
    running = wire(loose)

    async def set_fault() -> None:
        running.service.set_fault(loose.name, "refuse_connections")

    running.call(set_fault())
    with pytest.raises(ConnectionRefusedError):
        post(loose, soap.invoke("SetKey"))
    running.call(running.service.clear_faults())
    assert post(loose, soap.invoke("SetKey"))[0] == 200


@pytest.mark.parametrize("executed", [True, False])
def test_a_dropped_write_took_effect_only_when_the_fault_says_so(loose: Any, wire: Callable[..., Any], soap: Any, executed: bool) -> None:
    running = wire(loose)
    running.service.set_fault(loose.name, "drop_before_reply", method="SetKey", times=1, executed=executed)
    assert post(loose, soap.invoke("SetOther"))[0] == 200
    with pytest.raises(ConnectionResetError):
        post(loose, soap.invoke("SetKey"))
    assert [call[2] for call in loose.invoked] == (["SetOther", "SetKey"] if executed else ["SetOther"])
    assert post(loose, soap.invoke("SetKey"))[0] == 200


def test_a_reply_ends_after_so_many_bytes(loose: Any, wire: Callable[..., Any], soap: Any) -> None:
    running = wire(loose)
    running.service.set_fault("*", "drop_mid_reply", after_bytes=100, times=1)
    with pytest.raises(http.client.IncompleteRead) as cut:
        post(loose, soap.query("SELECT * FROM Lab_Sample"))
    assert len(cut.value.partial) == 100
    assert len(loose.invoked) == 0
    assert post(loose, soap.query("SELECT * FROM Lab_Sample"))[0] == 200


def test_a_delay_concerns_only_the_named_action(loose: Any, wire: Callable[..., Any], soap: Any) -> None:
    running = wire(loose)
    running.service.set_fault(loose.name, "delay", action="Enumerate", milliseconds=400)
    with ThreadPoolExecutor(1) as pool:
        delayed = pool.submit(post, loose, soap.query("SELECT * FROM Lab_Sample"))
        assert post(loose, soap.invoke("SetKey"))[0] == 200
        assert not delayed.done()
        assert delayed.result()[0] == 200


@pytest.mark.parametrize(("fault", "status"), [("http_400_empty", 400), ("unauthorized", 401)])
def test_http_errors_come_as_often_as_asked_for_and_execute_nothing(
    loose: Any, wire: Callable[..., Any], soap: Any, *, fault: str, status: int
) -> None:
    running = wire(loose)
    running.service.set_fault(loose.name, fault, times=2)
    assert [post(loose, soap.invoke("SetKey"))[0] for _ in range(3)] == [status, status, 200]
    assert len(loose.invoked) == 1


@pytest.mark.parametrize("status", [400, 407, 411, 413, 503])
def test_a_status_of_http_comes_before_the_logon_with_a_page_and_ends_the_connection(
    loose: Any, wire: Callable[..., Any], soap: Any, status: int
) -> None:
    running = wire(loose)
    running.service.set_fault(loose.name, "http_status", status=status, times=1, retry_after=7)
    connection = http.client.HTTPConnection(loose.address, loose.listen.http_port, timeout=10)
    connection.request("POST", "/wsman", soap.invoke("SetKey"))  # nobody has logged on
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert (answer.status, answer.headers["Connection"], answer.headers["Retry-After"]) == (status, "close", "7")
    assert f"HTTP Error {status}".encode() in body
    assert post(loose, soap.invoke("SetKey"))[0] == 200
    assert len(loose.invoked) == 1


@pytest.mark.parametrize("executed", [True, False])
def test_a_status_in_the_place_of_an_answer_concerns_only_the_named_method(
    loose: Any, wire: Callable[..., Any], soap: Any, executed: bool
) -> None:
    running = wire(loose)
    running.service.set_fault(loose.name, "http_status", status=503, method="SetKey", times=1, executed=executed)
    assert [post(loose, soap.invoke(name))[0] for name in ("SetOther", "SetKey", "SetKey")] == [200, 503, 200]
    assert [call[2] for call in loose.invoked] == (["SetOther", "SetKey", "SetKey"] if executed else ["SetOther", "SetKey"])


@pytest.mark.parametrize(
    ("limit", "code"),
    [("operations", 0x803381A6), ("shells", 0x803381A5), ("user", 0x803381A7), ("system", 0x803381A8), ("envelope", 0x80338048)],
)
@pytest.mark.parametrize("shape", ["winrm2", "winrm3"])
def test_a_limit_that_is_met_is_a_fault_with_its_code_and_executes_nothing(
    tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any, *, limit: str, code: int, shape: str
) -> None:
    machine = tiny(allow_unencrypted=True, fault_shape=shape)
    running = wire(machine)
    running.service.set_fault(machine.name, "quota", limit=limit, times=1)
    status, body = post(machine, soap.invoke("SetKey"))
    assert (status, str(code) in body.decode()) == (500, True)
    assert machine.invoked == []
    assert post(machine, soap.invoke("SetKey"))[0] == 200


@pytest.mark.parametrize(("fault", "options"), [("http_status", {}), ("http_status", {"status": 200}), ("quota", {"limit": "patience"})])
def test_a_status_or_a_limit_that_does_not_exist_is_an_error(
    loose: Any, wire: Callable[..., Any], *, fault: str, options: dict[str, Any]
) -> None:
    running = wire(loose)
    with pytest.raises(ValueError, match=f"fault {fault}: "):
        running.service.set_fault(loose.name, fault, **options)


def test_unknown_faults_options_and_machines_are_errors(loose: Any, wire: Callable[..., Any]) -> None:
    service = wire(loose).service
    with pytest.raises(ValueError, match="no such transport fault or option: melt"):
        service.set_fault("*", "melt")
    with pytest.raises(ValueError, match="no such transport fault or option: speed"):
        service.set_fault("*", "delay", speed=1)
    with pytest.raises(KeyError):
        service.set_fault("elsewhere", "delay")


def test_a_client_that_is_killed_while_it_sends_is_no_error_of_the_lab(
    loose: Any, wire: Callable[..., Any], soap: Any, caplog: pytest.LogCaptureFixture
) -> None:
    wire(loose)
    with socket.create_connection((loose.address, loose.listen.http_port)) as half:
        half.sendall(f"POST /wsman HTTP/1.1\r\nHost: x\r\nAuthorization: {AUTH}\r\nContent-Length: 1000\r\n\r\n<s".encode())
        time.sleep(0.1)
        half.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    time.sleep(0.1)
    assert post(loose, soap.invoke("SetKey"))[0] == 200
    assert caplog.text == ""
