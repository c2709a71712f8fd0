# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A name server that means harm, or somebody in its place: every task ends soon, and with what is true.

It has no key, so none of its answers is signed; it shows records or hides them as it likes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import dns.rcode
import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._dns import service
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.errors import DnsRequestNotSentError
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.exchange import NameServer, TimeLimit
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.model import SrvRecord
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.plan import DesiredRecords
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.service import DomainOutcome, ServerSettings
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.signing import KeySigner, NoSigner, Signer
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.tsig import TsigKey

from . import faults
from .faults import Fault, FaultyServer

SIGNER = KeySigner(TsigKey("kms-update", "hmac-sha256", b"secret of the tests"))
WISH = DesiredRecords((SrvRecord("kms1.corp.test"),))
EXCLUSIVE = DesiredRecords(WISH.records, exclusive=True)
REFUSED = int(dns.rcode.REFUSED)


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    with faults.faulty_server() as running:
        running.query_fault = faults.not_signed
        yield running


def run(server: FaultyServer, desired: DesiredRecords = WISH, signer: Signer = SIGNER, *, timeout: float = 5) -> DomainOutcome:
    (outcome,) = service.run(["corp.test"], desired, ServerSettings("127.0.0.1", server.port, timeout), signer, check=False)
    return outcome


def code_of(outcome: DomainOutcome) -> str | None:
    return outcome.problem.error_code if outcome.problem else None


@dataclass(frozen=True)
class Mode:
    """What the server does with queries and updates, and how the task has to end."""

    code: str | None
    update: Fault | None = None
    query: Fault = faults.not_signed
    takes: bool = True
    updates: int = 1
    says: str = ""


MODES = {
    "no signature, records there": Mode("unsigned_answer", faults.unsigned, says="are in the desired state"),
    "no signature, records not there": Mode("unsigned_answer", faults.unsigned, takes=False, says="are not in the desired state"),
    "the update sent back": Mode("malformed_answer", faults.no_answer_bit),
    "the update sent back as an answer, records there": Mode("echoed_request", faults.echoed, says="not signed by the server"),
    "no answer in time, records there": Mode("timeout", faults.late, says="not signed by the server"),
    "no answer, records there": Mode("connection_lost", faults.hang_up, says="not known"),
    "no answer, records not there": Mode("connection_lost", faults.hang_up, takes=False, says="are not in the desired state"),
    "refused without a signature, records there": Mode("REFUSED", partial(faults.unsigned, rcode=REFUSED), says="not signed"),
    "names with escape sequences": Mode("unsigned_answer", faults.unsigned, faults.records_named("ev\\155il\\027x{{7*7}}.corp.test.")),
    "hundreds of records": Mode(
        "unsigned_answer", faults.unsigned, faults.records_named(*(f"h{number}.corp.test." for number in range(1400)))
    ),
    "an answer cut short": Mode("malformed_answer", query=faults.in_part, updates=0),
    "noise": Mode("malformed_answer", query=faults.noise, updates=0),
    "names that point to themselves": Mode("malformed_answer", query=faults.looping_pointers, updates=0),
    "answers to another question": Mode("malformed_answer", query=faults.wrong_id, updates=0),
}


@pytest.mark.parametrize("name", MODES)
def test_a_task_ends_with_what_is_true_whatever_the_server_does(server: FaultyServer, name: str) -> None:
    mode = MODES[name]
    server.fault, server.query_fault, server.takes = mode.update, mode.query, mode.takes
    outcome = run(server, timeout=0.4 if mode.code == "timeout" else 5)
    assert (code_of(outcome), outcome.confirmed_by, server.updates) == (mode.code, None, mode.updates)
    assert mode.says in str(outcome.problem)
    assert outcome.problem is not None
    assert outcome.problem.explain().next_steps
    assert server.messages <= service._MESSAGES


LOST = {"hang up": faults.hang_up, "late": faults.late, "echo": faults.echoed}


@pytest.mark.parametrize("lost", LOST)
def test_after_a_lost_answer_only_records_in_a_signed_answer_count(server: FaultyServer, lost: str) -> None:
    server.fault = LOST[lost]
    doubted = run(server, timeout=0.4)
    assert (doubted.confirmed_by, doubted.problem is None) == (None, False)
    server.records.clear()
    server.query_fault = None
    done = run(server, timeout=0.4)
    assert (code_of(done), done.confirmed_by, done.changed(WISH)) == (None, "signed_records", True)
    assert "read afterwards in a signed answer, the records are in the desired state" in done.warnings[-1]


def test_where_nothing_is_signed_the_result_says_that_nobody_vouches_for_the_records(server: FaultyServer) -> None:
    server.fault = faults.hang_up
    outcome = run(server, signer=NoSigner())
    assert (code_of(outcome), outcome.confirmed_by) == (None, "records")
    assert "in an unsigned answer" in outcome.warnings[0]


def test_an_answer_that_is_signed_confirms_an_update_by_itself(server: FaultyServer) -> None:
    server.query_fault = None
    outcome = run(server)
    assert (code_of(outcome), outcome.confirmed_by, outcome.warnings, server.messages) == (None, "answer", [], 4)


def test_a_signed_refusal_with_records_nobody_vouches_for_is_a_refusal(server: FaultyServer) -> None:
    def refused(_raw: bytes, _request: object, reply: faults.dns.message.Message) -> bytes:
        reply.set_rcode(dns.rcode.REFUSED)
        return faults.framed(reply.to_wire())

    server.fault = refused
    assert code_of(run(server)) == "REFUSED"


def test_others_who_made_the_records_right_are_believed_only_in_a_signed_answer(server: FaultyServer) -> None:
    """The guard of an exclusive wish does not hold, and after that the records are in the desired state."""

    def overtaken(raw: bytes, request: faults.dns.message.Message, reply: faults.dns.message.Message) -> bytes:
        server.records = {"0 0 1688 kms1.corp.test.": 300}
        return faults.overtaken(raw, request, reply)

    server.fault, server.takes = overtaken, False
    server.records = {"0 0 1688 other.corp.test.": 300}
    assert code_of(run(server, EXCLUSIVE)) == "unsigned_answer"
    server.records, server.query_fault = {"0 0 1688 other.corp.test.": 300}, None
    outcome = run(server, EXCLUSIVE)
    assert (code_of(outcome), outcome.confirmed_by) == (None, "signed_records")


def test_a_server_that_died_with_the_answer_leaves_it_open_what_became_of_the_update(server: FaultyServer) -> None:
    def die(_raw: bytes, _request: object, _reply: object) -> None:
        server.query_fault = faults.hang_up

    server.fault = die
    outcome = run(server)
    assert (code_of(outcome), outcome.after, outcome.confirmed_by) == ("connection_lost", None, None)
    assert "Whether the update was done is not known." in str(outcome.problem)


def test_an_answer_that_drips_is_given_up_before_its_end(server: FaultyServer) -> None:
    server.pause = 0.05
    outcome = run(server, timeout=0.3)
    assert (code_of(outcome), server.updates) == ("timeout", 0)
    assert server.octets < len(faults.dns.message.make_query(faults.OWNER, "SOA").to_wire())


@pytest.mark.parametrize("timeout", [1.0, 10.0, 600.0])
def test_messages_that_all_take_their_time_come_to_an_end_together(timeout: float) -> None:
    now = [0.0]
    total = service._MESSAGES * timeout + service._PAUSES
    limit = TimeLimit(timeout, total, lambda: now[0])
    server = NameServer("127.0.0.1")
    while now[0] < total:
        seconds = limit.next(server)
        assert 0 < seconds <= timeout
        now[0] += seconds
    with pytest.raises(DnsRequestNotSentError, match="all messages together"):
        limit.next(server)
    assert now[0] == pytest.approx(total)
