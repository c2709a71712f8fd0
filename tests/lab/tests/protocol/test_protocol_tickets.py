# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine looks at before it accepts a ticket: how large the request is, and for which computer the ticket is."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from typing import Any

import pytest

from winlab.protocol.kerberos import host_of_ticket

LIMIT = 16384


def _status(machine: Any, headers: dict[str, str]) -> tuple[int, bytes, str | None]:
    connection = http.client.HTTPConnection(machine.address, machine.listen.http_port, timeout=5)
    connection.request("POST", "/wsman", headers={"Content-Length": "0", **headers})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body, answer.getheader("Connection")


@pytest.mark.parametrize(
    ("length", "status"), [(8_300, 401), (LIMIT - 400, 401), (LIMIT, 400), (4 * LIMIT, 400)], ids=["usual", "large", "limit", "beyond"]
)
def test_http_sys_takes_a_header_of_16_kb_and_no_more(tiny: Callable[..., Any], wire: Callable[..., Any], length: int, status: int) -> None:
    machine = tiny()
    wire(machine)
    found, body, connection = _status(machine, {"Authorization": f"Negotiate {'A' * (length - 10)}"})
    assert found == status
    if status == 400:
        assert b"The size of the request headers is too long." in body
        assert connection == "close"


def test_headers_that_are_too_long_together_are_refused_too(tiny: Callable[..., Any], wire: Callable[..., Any]) -> None:
    machine = tiny()
    wire(machine)
    assert _status(machine, {f"X-{number}": "A" * 5_000 for number in range(4)})[0] == 400


def _service(kind: int, *parts: bytes) -> bytes:
    """A PrincipalName in DER, between other bytes."""
    names = b"".join(b"\x1b" + bytes([len(part)]) + part for part in parts)
    listed = b"\x30" + bytes([len(names)]) + names
    return b"\x60before\xa0\x03\x02\x01" + bytes([kind]) + b"\xa1" + bytes([len(listed)]) + listed + b"after"


@pytest.mark.parametrize(
    ("token", "host"),
    [
        (_service(2, b"HTTP", b"PC1.corp.test"), "pc1.corp.test"),
        (_service(1, b"WSMAN", b"pc1"), "pc1"),
        (_service(3, b"host", b"pc1.corp.test"), "pc1.corp.test"),
        (_service(2, b"DNS", b"ns1.corp.test"), None),
        (b"NTLMSSP\0", None),
        (_service(2, b"HTTP", b"pc1.corp.test")[:30], "pc1.co"),
    ],
)
def test_a_ticket_says_in_clear_for_which_computer_it_is(token: bytes, host: str | None) -> None:
    assert host_of_ticket(token) == host
