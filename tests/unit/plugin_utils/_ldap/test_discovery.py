# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding domain controllers: the order of SRV records, and answers that have none. The name server is on a real socket."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import dns.message
import dns.rcode
import dns.rrset
import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import InvalidOptionsError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap import discovery
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import (
    DirectoryError,
    DirectoryLogonError,
    DirectoryUnreachableError,
)

from .served import SIMPLE, Served, honest, message, result

ADDRESS = "127.0.0.1"
OWNER = "_ldap._tcp.dc._msdcs.ad.test."

Reply = Callable[[dns.message.Message], dns.message.Message]


@contextmanager
def name_server(reply: Reply) -> Iterator[int]:
    """The port of a name server."""
    with socket.create_server((ADDRESS, 0)) as listener:

        def run() -> None:
            with suppress(OSError):
                while True:
                    connection, _peer = listener.accept()
                    with connection, suppress(OSError, EOFError):
                        size = struct.unpack(">H", connection.recv(2))[0]
                        wire = reply(dns.message.from_wire(connection.recv(size))).to_wire()
                        connection.sendall(struct.pack(">H", len(wire)) + wire)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def records(*texts: str, owner: str = OWNER, kind: str = "SRV") -> Reply:
    """An authoritative answer with these records."""

    def reply(query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query)
        response.flags |= 0x0400
        if texts:
            response.answer.append(dns.rrset.from_text(owner, 300, "IN", kind, *texts))
        return response

    return reply


def refused(query: dns.message.Message) -> dns.message.Message:
    """A name server without this zone."""
    response = dns.message.make_response(query)
    response.set_rcode(dns.rcode.REFUSED)
    return response


def found(reply: Reply) -> tuple[str, ...]:
    """The servers that are found with this answer."""
    with name_server(reply) as port:
        return discovery.find_servers("AD.test", dns_server=ADDRESS, dns_port=port, timeout=5)


def test_servers_are_ordered_by_priority_then_weight_then_name() -> None:
    reply = records("10 0 389 far.ad.test.", "0 10 389 b.ad.test.", "0 100 389 C.ad.test.", "0 10 389 a.ad.test.", "0 100 3268 c.ad.test.")
    assert found(reply) == ("c.ad.test", "a.ad.test", "b.ad.test", "far.ad.test")


def test_a_name_that_is_no_host_name_is_left_out() -> None:
    assert found(records("0 0 389 .", r"0 0 389 evil\010name.ad.test.", "0 0 389 good.ad.test.")) == ("good.ad.test",)


@pytest.mark.parametrize(
    "reply",
    [records(), records("0 0 389 ."), records("0 0 389 dc1.ad.test.", owner="_ldap._tcp.other.test."), refused],
    ids=["no records", "no service", "records of another name", "refused"],
)
def test_without_a_usable_record_no_server_was_found(reply: Reply) -> None:
    with pytest.raises(DirectoryError) as failed:
        found(reply)
    assert failed.value.error_code == "directory_not_found"
    assert ".." not in str(failed.value)


def test_a_name_server_that_does_not_answer_is_named() -> None:
    with socket.create_server((ADDRESS, 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(DirectoryError) as failed:
        discovery.find_servers("ad.test", dns_server=ADDRESS, dns_port=port, timeout=1)
    assert failed.value.error_code == "directory_not_found"
    assert f"{ADDRESS}:{port}" in failed.value.message.replace("#", ":").replace(" port ", ":")


@pytest.mark.parametrize("domain", ["", "192.0.2.1", "ad test", "http://ad.test", "ä.test"])
def test_a_domain_that_is_no_dns_name_is_refused(domain: str) -> None:
    with pytest.raises(InvalidOptionsError, match="domain"):
        discovery.find_servers(domain)


def test_the_next_server_is_asked_only_if_one_cannot_be_reached() -> None:
    asked: list[str] = []

    def connect(server: str, *_where: object) -> Served:
        asked.append(server)
        if server == "off.ad.test":
            raise DirectoryUnreachableError("directory_unreachable", server)
        return Served(lambda _request: [], closes=True) if server == "silent.ad.test" else Served(honest)

    directory = discovery.open_first(("off.ad.test", "silent.ad.test", "dc1.ad.test", "dc2.ad.test"), SIMPLE, connect=connect)
    assert directory.facts.server == "dc1.ad.test"
    assert asked == ["off.ad.test", "silent.ad.test", "dc1.ad.test"]


def test_after_a_refused_logon_no_other_server_is_asked() -> None:
    asked: list[str] = []

    def connect(server: str, *_where: object) -> Served:
        asked.append(server)
        return Served(lambda request: [message(request.message_id, result(0x61, 49, "data 52e,"))])

    with pytest.raises(DirectoryLogonError):
        discovery.open_first(("dc1.ad.test", "dc2.ad.test"), SIMPLE, connect=connect)
    assert asked == ["dc1.ad.test"]


def test_if_no_server_can_be_reached_the_error_is_that_of_the_first() -> None:
    def connect(server: str, *_where: object) -> Served:
        raise DirectoryUnreachableError("directory_unreachable", server)

    with pytest.raises(DirectoryUnreachableError, match=r"dc1\.ad\.test"):
        discovery.open_first(("dc1.ad.test", "dc2.ad.test"), SIMPLE, connect=connect)
    with pytest.raises(DirectoryError, match="empty"):
        discovery.open_first((), SIMPLE, connect=connect)
