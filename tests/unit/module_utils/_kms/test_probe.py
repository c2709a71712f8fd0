# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe against real sockets: one word for each thing a host can do, and one bind, never more, on the wire."""

from __future__ import annotations

import errno
import socket
import time
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils._kms import probe as probing
from ansible_collections.winops.volume_activation.plugins.module_utils._kms.probe import Probe, probe, probe_all
from ansible_collections.winops.volume_activation.plugins.module_utils._kms.status import MEANINGS, NEXT_STEPS, ProbeStatus

from . import answers
from .listeners import ADDRESS, OTHER_ADDRESS, listening, nobody_listening, queue_full

PATIENT = 10.0
BRIEF = 0.3


def test_a_host_that_accepts_the_interface_is_a_kms_host() -> None:
    with listening(answers.bind_ack()) as host:
        found = probe(ADDRESS, host.port, PATIENT)
    assert (found.status, found.is_kms_host, found.address) == ("available", True, ADDRESS)
    assert found.endpoint == f"{ADDRESS}:{host.port}"
    assert found.response_time_ms is not None
    assert 0 <= found.response_time_ms < PATIENT * 1000


@pytest.mark.parametrize("answer", [answers.bind_ack(), answers.bind_nak(4), answers.fault(5), b"HTTP/1.0 400 Bad\r\n", b"", b"\x05" * 40])
def test_exactly_one_bind_leaves_whatever_the_answer_is(answer: bytes) -> None:
    with listening(answer) as host:
        probe(ADDRESS, host.port, PATIENT)
    assert host.received == [answers.BIND]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.binary(min_size=1, max_size=40), st.just(answers.bind_ack()[:16])), max_size=3))
def test_no_answer_makes_the_probe_say_more_than_its_bind_or_stumble(pieces: list[bytes]) -> None:
    with listening(*pieces) as host:
        found = probe(ADDRESS, host.port, PATIENT)
    assert host.received == [answers.BIND]
    assert found.status in {"not_kms", "closed", "busy"}
    assert not found.is_kms_host


def test_an_answer_in_pieces_is_put_together() -> None:
    with listening(*[bytes([octet]) for octet in answers.bind_ack()]) as host:
        assert probe(ADDRESS, host.port, PATIENT).status == "available"


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (answers.bind_ack(2, 1, syntax=answers.NO_SYNTAX), "not_kms", "did not accept the KMS interface (result 2, reason 1)"),
        (answers.bind_nak(4), "not_kms", "refused the bind (reason 4)"),
        (answers.bind_nak(2), "busy", "did not accept another connection"),
        (answers.fault(5), "not_kms", "a fault"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not_kms", "It is a web server."),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not_kms", "did not send a response to an RPC bind"),
        (b"\x15", "not_kms", "did not send a response to an RPC bind"),
        (answers.bind_ack()[:30], "not_kms", "cut short"),
        (b"", "closed", "closed before a response arrived"),
    ],
)
def test_every_other_answer_has_its_word(answer: bytes, status: str, words: str) -> None:
    with listening(answer) as host:
        found = probe(ADDRESS, host.port, PATIENT)
    assert (found.status, found.is_kms_host) == (status, False)
    assert words in found.meaning
    assert found.next_steps


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="needs IPv6")
def test_an_ipv6_address_is_asked_as_any_other_and_shown_in_brackets() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        port = int(server.getsockname()[1])
        server.close()
        found = probe("::1", port, PATIENT)
    assert (found.endpoint, found.status) == (f"[::1]:{port}", "connection_refused")


def test_a_connection_that_is_reset_is_closed() -> None:
    with listening(reset=True) as host:
        assert probe(ADDRESS, host.port, PATIENT).status == "closed"


def test_a_port_nobody_listens_on_is_refused_and_the_service_is_named() -> None:
    with nobody_listening() as port:
        found = probe(ADDRESS, port, PATIENT)
    assert (found.status, found.address, found.response_time_ms) == ("connection_refused", None, None)
    assert "sppsvc" in " ".join(found.next_steps)


def test_a_packet_filter_that_drops_is_a_timeout_and_the_firewall_group_is_named() -> None:
    with queue_full() as port:
        found = probe(ADDRESS, port, BRIEF)
    assert found.status == "timeout"
    assert "The connection was not made within 0.3 seconds." in found.meaning
    assert "@FirewallAPI.dll,-28002" in " ".join(found.next_steps)


@pytest.mark.parametrize("pieces", [(), (answers.bind_ack()[:20],)], ids=["nothing", "half an answer"])
def test_a_host_that_takes_the_connection_and_says_nothing_of_use_is_a_timeout(pieces: tuple[bytes, ...]) -> None:
    started = time.monotonic()
    with listening(*pieces, silent=True) as host:
        found = probe(ADDRESS, host.port, BRIEF)
    assert found.status == "timeout"
    assert "The host accepted the connection" in found.meaning
    assert time.monotonic() - started < PATIENT


def test_a_host_that_answers_octet_by_octet_gets_no_more_time_than_any_other() -> None:
    drops = [answers.bind_ack()[place : place + 1] for place in range(12)]
    started = time.monotonic()
    with listening(*drops, pause=0.1) as host:
        status, took = probe(ADDRESS, host.port, BRIEF).status, time.monotonic() - started
    assert (status, took < 0.8) == ("timeout", True)


def test_a_program_that_greets_is_known_before_the_time_is_up() -> None:
    with listening(b"220 ready\r\n", silent=True) as host:
        assert probe(ADDRESS, host.port, PATIENT).status == "not_kms"


def test_a_name_without_an_address_is_unresolved() -> None:
    found = probe("kms1.corp.example", 1688, PATIENT, resolve=lambda _name: [])
    assert (found.status, found.endpoint) == ("unresolved", "kms1.corp.example:1688")


def test_the_systems_resolver_says_that_a_name_does_not_exist() -> None:
    """A label of 64 letters cannot be asked for anywhere, so no name server is needed to know."""
    assert probe("k" * 64, 1688, PATIENT).status == "unresolved"


def test_a_resolver_that_fails_says_nothing_about_the_host() -> None:
    def broken(_name: str) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    found = probe("kms1.corp.example", 1688, PATIENT, resolve=broken)
    assert found.status == "unknown"
    assert "Temporary failure in name resolution" in found.meaning


@pytest.mark.parametrize(
    ("code", "status"), [(errno.EHOSTUNREACH, "unreachable"), (errno.ENETUNREACH, "unknown"), (errno.EMFILE, "unknown")]
)
def test_only_the_network_itself_can_say_that_a_host_is_not_there(monkeypatch: pytest.MonkeyPatch, code: int, status: str) -> None:
    def fail(*_arguments: object, **_more: object) -> None:
        raise OSError(code, "as the kernel words it")

    monkeypatch.setattr(probing.socket, "create_connection", fail)
    found = probe(ADDRESS, 1688, PATIENT)
    assert found.status == status
    assert "as the kernel words it" in found.meaning


def test_the_address_that_answers_decides_and_is_named() -> None:
    with listening(answers.bind_ack(), address=OTHER_ADDRESS) as host:
        found = probe("kms1.corp.example", host.port, PATIENT, resolve=lambda _name: [ADDRESS, OTHER_ADDRESS])
    assert (found.status, found.address) == ("available", OTHER_ADDRESS)


def test_no_further_address_is_asked_once_one_has_answered() -> None:
    with listening(answers.bind_ack()) as first, listening(answers.bind_ack(), address=OTHER_ADDRESS, port=first.port) as second:
        probe("kms1.corp.example", first.port, PATIENT, resolve=lambda _name: [ADDRESS, OTHER_ADDRESS])
    assert (len(first.received), second.received) == (1, [])


def test_of_addresses_that_do_not_answer_the_most_telling_one_is_reported() -> None:
    with listening(b"HTTP/1.1 400 Bad\r\n", address=OTHER_ADDRESS) as host:
        found = probe("kms1.corp.example", host.port, PATIENT, resolve=lambda _name: [ADDRESS, OTHER_ADDRESS])
    assert (found.status, found.address) == ("not_kms", OTHER_ADDRESS)


def test_many_are_asked_side_by_side_in_the_order_given_and_each_once() -> None:
    with listening(answers.bind_ack()) as host, listening(silent=True) as silent, nobody_listening() as closed:
        endpoints = [(ADDRESS, closed), (ADDRESS, host.port), (ADDRESS, silent.port), (ADDRESS, host.port)]
        found = probe_all(endpoints, 2.0)
    assert [(one.host, one.port) for one in found] == endpoints
    assert [one.status for one in found] == ["connection_refused", "available", "timeout", "available"]
    assert host.received == [answers.BIND]


def test_nobody_to_ask_is_no_answer() -> None:
    assert probe_all([], PATIENT) == []


def test_every_state_has_a_meaning_and_all_but_the_good_one_a_next_step() -> None:
    assert set(MEANINGS) == set(NEXT_STEPS) == set(ProbeStatus)
    assert [status for status in ProbeStatus if not NEXT_STEPS[status]] == [ProbeStatus.AVAILABLE]
    for text in [*MEANINGS.values(), *(step for steps in NEXT_STEPS.values() for step in steps)]:
        assert text.endswith(".")


def test_a_probe_is_plain_data_and_cannot_be_changed() -> None:
    with listening(answers.bind_ack()) as host:
        found = probe(ADDRESS, host.port, PATIENT)
    fields = ["endpoint", "host", "port", "address", "status", "is_kms_host", "response_time_ms", "meaning", "next_steps"]
    assert list(found.as_dict()) == fields
    assert found.as_dict()["next_steps"] == []
    assert isinstance(found, Probe)
    with pytest.raises(FrozenInstanceError):
        found.status = "connection_refused"  # type: ignore[misc]
