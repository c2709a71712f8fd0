# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The port of a KMS host: PDUs written by hand from the layouts of C706 chapter 12, and what comes back byte by byte."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

PORT = 16880
KMS = bytes.fromhex("75 21 c8 51 4e 84 50 47 b0 d8 ec 25 55 55 bc 06")
"""51c82175-844e-4750-b0d8-ec255555bc06 as it stands in a little-endian message."""
KMS_BIG = bytes.fromhex("51 c8 21 75 84 4e 47 50 b0 d8 ec 25 55 55 bc 06")
OTHER = bytes.fromhex("78 57 34 12 34 12 cd ab ef 00 01 23 45 67 89 ab")
NDR = bytes.fromhex("04 5d 88 8a eb 1c c9 11 9f e8 08 00 2b 10 48 60 02 00 00 00")
NDR_BIG = bytes.fromhex("8a 88 5d 04 1c eb 11 c9 9f e8 08 00 2b 10 48 60 00 02 00 00")
NDR64 = bytes.fromhex("33 05 71 71 ba be 37 49 83 19 b5 db ef 9c cc 36 01 00 00 00")


def pdu(kind: int, body: bytes, call: int = 7, minor: int = 0, big: bool = False) -> bytes:
    """A whole message: version 5, type, flags first and last, data representation, lengths, call."""
    order, representation = (">", b"\0\0\0\0") if big else ("<", b"\x10\0\0\0")
    return bytes([5, minor, kind, 3]) + representation + struct.pack(order + "HHI", 16 + len(body), 0, call) + body


def context(number: int, interface: bytes, version: bytes = b"\1\0\0\0", transfers: bytes = NDR) -> bytes:
    return struct.pack("<HBB", number, len(transfers) // 20, 0) + interface + version + transfers


def bind(*contexts: bytes, **settings: Any) -> bytes:
    body = struct.pack("<HHI", 4280, 4280, 0) + bytes([len(contexts), 0, 0, 0]) + b"".join(contexts)
    return pdu(11, body, **settings)


Connect = Callable[..., Any]


@pytest.fixture
def kms(tiny: Callable[..., Any], wire: Callable[..., Any]) -> Any:
    """A machine that answers KMS clients, and the wire around it."""
    machine = tiny()
    machine.kms = (PORT, "kms")
    machine.running = wire(machine)
    return machine


@contextmanager
def connected(machine: Any) -> Iterator[socket.socket]:
    with socket.create_connection((machine.address, PORT), timeout=5) as sock:
        yield sock


def answer(sock: socket.socket) -> bytes:
    """One whole message."""
    head = sock.recv(16, socket.MSG_WAITALL)
    return head + sock.recv(struct.unpack_from("<H", head, 8)[0] - 16, socket.MSG_WAITALL) if head else b""


def ask(machine: Any, message: bytes) -> bytes:
    with connected(machine) as sock:
        sock.sendall(message)
        return answer(sock)


def results(reply: bytes) -> list[tuple[int, int, bytes]]:
    """Result, reason and transfer syntax of each context of a bind_ack."""
    (length,) = struct.unpack_from("<H", reply, 24)
    start = (26 + length + 3) // 4 * 4
    return [(*struct.unpack_from("<HH", reply, start + 4 + 24 * n), reply[start + 8 + 24 * n :][:20]) for n in range(reply[start])]


def test_a_bind_of_the_kms_interface_is_acknowledged(kms: Any) -> None:
    reply = ask(kms, bind(context(0, KMS), call=0x01020304))
    assert reply[:8] == bytes([5, 0, 12, 3, 0x10, 0, 0, 0])
    assert struct.unpack_from("<HHI", reply, 8) == (len(reply), 0, 0x01020304)
    assert struct.unpack_from("<HH", reply, 16) == (4280, 4280)
    assert struct.unpack_from("<I", reply, 20) != (0,)
    assert reply[26:32] == b"16880\0"
    assert results(reply) == [(0, 0, NDR)]


def test_a_bind_in_big_endian_is_understood(kms: Any) -> None:
    contexts = struct.pack(">HBB", 0, 1, 0) + KMS_BIG + b"\0\1\0\0" + NDR_BIG
    reply = ask(kms, pdu(11, struct.pack(">HHI", 4280, 4280, 0) + b"\1\0\0\0" + contexts, big=True))
    assert results(reply) == [(0, 0, NDR)]


@pytest.mark.parametrize(
    ("contexts", "expected"),
    [
        ([context(0, OTHER)], [(2, 1)]),
        ([context(0, KMS, b"\2\0\0\0")], [(2, 1)]),
        ([context(0, KMS, b"\1\0\1\0")], [(2, 1)]),
        ([context(0, KMS, transfers=NDR64)], [(2, 2)]),
        ([context(0, OTHER), context(1, KMS, transfers=NDR64 + NDR)], [(2, 1), (0, 0)]),
    ],
    ids=["other interface", "other major version", "other minor version", "no common transfer syntax", "one of two"],
)
def test_what_is_not_the_kms_interface_in_ndr_is_rejected_by_the_provider(
    kms: Any, *, contexts: list[bytes], expected: list[tuple[int, int]]
) -> None:
    found = results(ask(kms, bind(*contexts)))
    assert [each[:2] for each in found] == expected
    assert all(syntax == bytes(20) for result, _reason, syntax in found if result)


def test_a_request_gets_the_fault_access_denied_and_the_end_of_the_connection(kms: Any) -> None:
    with connected(kms) as sock:
        sock.sendall(bind(context(0, KMS)))
        answer(sock)
        sock.sendall(pdu(0, struct.pack("<IHH", 4, 0, 0) + b"data", call=9))
        fault = answer(sock)
        assert (fault[2], struct.unpack_from("<I", fault, 12), struct.unpack_from("<I", fault, 24)) == (3, (9,), (5,))
        assert len(fault) == 32
        assert sock.recv(1) == b""
    counts = kms.running.endpoint(kms).counters
    assert (counts.kms_binds, counts.kms_requests) == (1, 1)


@pytest.mark.parametrize(
    "message",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        pdu(0, bytes(8)),
        pdu(14, bytes(12)),
        bind(context(0, KMS))[:8] + b"\x08\0" + bytes(6),
        pdu(11, struct.pack("<HHI", 4280, 4280, 0) + b"\2\0\0\0" + context(0, KMS)),
        pdu(11, bytes(4)),
    ],
    ids=["http", "request before a bind", "another type", "a length below the header", "a context that is missing", "a bind cut short"],
)
def test_what_is_no_bind_ends_the_connection_without_an_answer(kms: Any, *, message: bytes) -> None:
    with connected(kms) as sock:
        sock.sendall(message)
        assert sock.recv(1) == b""


def test_another_protocol_version_is_refused_with_the_one_that_is_spoken(kms: Any) -> None:
    reply = ask(kms, bind(context(0, KMS), minor=9))
    assert reply[2] == 13
    assert reply[16:] == bytes([4, 0, 1, 5, 0])


def test_a_bind_may_come_in_pieces(kms: Any) -> None:
    with connected(kms) as sock:
        for number in bind(context(0, KMS)):
            sock.sendall(bytes([number]))
        assert results(answer(sock))[0][0] == 0


def test_a_silent_port_takes_the_connection_and_says_nothing(kms: Any) -> None:
    kms.kms = (PORT, "silent")
    kms.running.call(kms.running.service.sync())
    with connected(kms) as sock:
        sock.sendall(bind(context(0, KMS)))
        sock.settimeout(0.3)
        with pytest.raises(TimeoutError):
            sock.recv(1)


def test_a_web_server_answers_with_http(kms: Any) -> None:
    kms.kms = (PORT, "http")
    kms.running.call(kms.running.service.sync())
    with connected(kms) as sock:
        sock.sendall(bind(context(0, KMS)))
        assert sock.recv(100).startswith(b"HTTP/1.1 400 ")


def test_another_rpc_service_rejects_the_kms_interface(kms: Any) -> None:
    kms.kms = (PORT, "other_rpc")
    kms.running.call(kms.running.service.sync())
    assert [found[:2] for found in results(ask(kms, bind(context(0, KMS))))] == [(2, 1)]


def test_the_port_and_its_connections_end_when_the_host_is_no_longer_reached(kms: Any, soap: Any) -> None:
    with connected(kms) as sock:
        sock.sendall(bind(context(0, KMS)))
        answer(sock)
        kms.kms = None
        assert kms.running.ask(kms, soap.query("SELECT * FROM Lab_Sample"))[0] == 200
        sock.settimeout(0.1)
        with pytest.raises(TimeoutError):
            sock.recv(1)  # reading changes nothing, so nothing was looked at
        kms.running.ask(kms, soap.invoke("SetKey"))
        sock.settimeout(5)
        assert sock.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        ask(kms, bind(context(0, KMS)))


def test_the_port_moves_with_the_setting(kms: Any, soap: Any) -> None:
    kms.kms = (PORT + 1, "kms")
    kms.running.ask(kms, soap.invoke("SetKey"))
    with pytest.raises(ConnectionRefusedError):
        ask(kms, bind(context(0, KMS)))
    with socket.create_connection((kms.address, PORT + 1), timeout=5) as sock:
        sock.sendall(bind(context(0, KMS)))
        assert answer(sock)[26:32] == b"16881\0"


def test_a_crashed_machine_refuses_winrm_too_until_it_is_back(kms: Any) -> None:
    service = kms.running.service
    kms.crashed, kms.kms = True, None
    kms.running.call(service.sync())
    for port in (kms.listen.http_port, PORT):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((kms.address, port), timeout=5)
    kms.running.call(service.clear_faults())
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((kms.address, kms.listen.http_port), timeout=5)
    kms.crashed, kms.kms = False, (PORT, "kms")
    kms.running.call(service.sync())
    socket.create_connection((kms.address, kms.listen.http_port), timeout=5).close()
    assert results(ask(kms, bind(context(0, KMS))))[0][0] == 0
