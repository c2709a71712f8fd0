# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only an answer that is signed as it should be, or records that are in the desired state, make a success: faults no real server gives."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import dns.rcode
import pytest
from dns.message import Message

from ansible_collections.winops.volume_activation.plugins.module_utils._dns import service
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.model import SrvRecord
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.plan import DesiredRecords
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.service import DomainOutcome, ServerSettings
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.signing import KeySigner, NoSigner, Signer
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.tsig import TsigKey

from . import faults
from .faults import Fault, FaultyServer

SIGNER = KeySigner(TsigKey("kms-update", "hmac-sha256", b"secret of the tests"))
WISH = DesiredRecords((SrvRecord("kms1.corp.test"),))
REFUSED = int(dns.rcode.REFUSED)
SERVFAIL = int(dns.rcode.SERVFAIL)


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    with faults.faulty_server() as running:
        yield running


def run(
    server: FaultyServer, desired: DesiredRecords = WISH, signer: Signer = SIGNER, *, check: bool = False, timeout: float = 5
) -> DomainOutcome:
    (outcome,) = service.run(["corp.test"], desired, ServerSettings("127.0.0.1", server.port, timeout), signer, check=check)
    return outcome


def code_of(outcome: DomainOutcome) -> str | None:
    return outcome.problem.error_code if outcome.problem else None


def test_a_right_answer_is_a_success_and_the_second_run_sends_nothing(server: FaultyServer) -> None:
    first, second = run(server), run(server)
    assert (code_of(first), first.changed(WISH), first.updates_sent, first.warnings) == (None, True, 1, [])
    assert (code_of(second), second.changed(WISH), second.updates_sent) == (None, False, 0)
    assert server.updates == 1


@pytest.mark.parametrize("takes", [True, False])
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (faults.unsigned, "unsigned_answer"),
        (faults.forged, "forged_answer"),
        (faults.wrong_id, "malformed_answer"),
        (faults.no_answer_bit, "malformed_answer"),
        (faults.tiny, "malformed_answer"),
        (faults.garbage, "malformed_answer"),
    ],
)
def test_an_answer_nobody_vouches_for_is_a_failure_whatever_the_records_are(
    server: FaultyServer, fault: Fault, code: str, *, takes: bool
) -> None:
    server.fault, server.takes = fault, takes
    outcome = run(server)
    assert code_of(outcome) == code
    assert outcome.changed(WISH) == takes
    assert f"the records are {'' if takes else 'not '}in the desired state" in str(outcome.problem)


@pytest.mark.parametrize("fault", [faults.hang_up, faults.truncated, faults.half_a_length])
def test_a_lost_answer_is_judged_by_the_records(server: FaultyServer, fault: Fault) -> None:
    server.fault = fault
    done = run(server)
    assert (code_of(done), done.changed(WISH)) == (None, True)
    assert "lost (connection_lost)" in done.warnings[0]
    server.takes = False
    server.records.clear()
    assert code_of(run(server)) == "connection_lost"


def test_an_update_the_server_took_is_a_change_although_nobody_can_read_it(server: FaultyServer) -> None:
    def signed_and_gone(_raw: bytes, _request: Message, reply: Message) -> bytes:
        server.query_fault = faults.hang_up
        return faults.framed(reply.to_wire())

    server.fault = signed_and_gone
    outcome = run(server)
    assert (code_of(outcome), outcome.after, outcome.changed(WISH)) == ("not_verified", None, True)


def test_a_silent_server_costs_the_timeout_once(server: FaultyServer) -> None:
    server.fault = faults.late
    outcome = run(server, timeout=0.4)
    assert (code_of(outcome), outcome.changed(WISH)) == (None, True)
    assert "lost (timeout)" in outcome.warnings[0]


def test_an_echoed_request_is_judged_by_the_records(server: FaultyServer) -> None:
    server.fault = faults.echoed
    done = run(server)
    assert (code_of(done), done.changed(WISH)) == (None, True)
    assert "sent the request back" in done.warnings[0]
    server.takes = False
    server.records.clear()
    assert code_of(run(server)) == "echoed_request"


def test_an_echoed_refusal_is_told_by_its_code(server: FaultyServer) -> None:
    server.fault, server.takes = partial(faults.echoed, rcode=SERVFAIL), False
    outcome = run(server)
    assert code_of(outcome) == "SERVFAIL"
    assert "not authenticated" in str(outcome.problem)


def test_an_unsigned_refusal_is_told_by_its_code(server: FaultyServer) -> None:
    server.fault, server.takes = partial(faults.unsigned, rcode=REFUSED), False
    outcome = run(server)
    assert code_of(outcome) == "REFUSED"
    assert "not signed" in str(outcome.problem)


def test_a_refusal_among_other_hosts_records_names_their_ownership_when_accounts_own_them(server: FaultyServer) -> None:
    class Account(KeySigner):
        kerberos = True

    server.records["0 0 1688 first.corp.test."] = 300
    server.fault, server.takes = partial(faults.echoed, rcode=SERVFAIL), False
    outcome = run(server, signer=Account(TsigKey("kms-update", "hmac-sha256", b"secret of the tests")))
    assert code_of(outcome) == "record_owned_by_other"
    assert "first.corp.test" in str(outcome.problem)


def test_success_without_the_records_is_none(server: FaultyServer) -> None:
    server.takes = False
    outcome = run(server)
    assert (code_of(outcome), outcome.changed(WISH)) == ("not_verified", False)


def test_an_unsigned_update_needs_no_signed_answer_but_the_right_one(server: FaultyServer) -> None:
    assert code_of(run(server, signer=NoSigner())) is None
    server.records.clear()
    server.fault = faults.wrong_id
    assert code_of(run(server, signer=NoSigner())) == "malformed_answer"


def test_check_mode_tries_the_key_and_changes_nothing(server: FaultyServer) -> None:
    foreseen = run(server, check=True)
    assert (foreseen.changed(WISH), foreseen.updates_sent, foreseen.checks_sent) == (True, 0, 1)
    assert server.records == {}
    server.fault = faults.unsigned
    assert code_of(run(server, check=True)) == "unsigned_answer"


def test_check_mode_without_a_change_or_a_key_sends_no_message(server: FaultyServer) -> None:
    unsigned = run(server, signer=NoSigner(), check=True)
    server.records["0 0 1688 kms1.corp.test."] = 300
    settled = run(server, check=True)
    assert (unsigned.checks_sent, settled.checks_sent, server.updates) == (0, 0, 0)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (faults.hang_up, "connection_lost"),
        (faults.wrong_id, "malformed_answer"),
        (faults.tiny, "malformed_answer"),
        (faults.other_question, "malformed_answer"),
        (faults.in_part, "malformed_answer"),
    ],
)
def test_a_server_that_cannot_be_read_gets_no_update(server: FaultyServer, fault: Fault, code: str) -> None:
    server.query_fault = fault
    outcome = run(server)
    assert (code_of(outcome), server.updates, outcome.before) == (code, 0, None)


def test_a_record_in_another_case_is_the_same_record(server: FaultyServer) -> None:
    server.records["0 0 1688 KMS1.Corp.TEST."] = 300
    assert not run(server).updates_sent


def test_a_record_that_says_there_is_no_service_can_be_replaced(server: FaultyServer) -> None:
    server.records["0 0 0 ."] = 300
    desired = DesiredRecords(WISH.records, exclusive=True)
    assert (code_of(run(server, desired)), list(server.records)) == (None, ["0 0 1688 kms1.corp.test."])


def test_a_closed_port_is_told_and_nothing_counts_as_sent() -> None:
    with faults.faulty_server() as gone:
        pass
    outcome = run(gone)
    assert (code_of(outcome), outcome.updates_sent) == ("connection_refused", 0)


def test_another_address_of_the_server_is_tried_when_the_first_one_is_closed(server: FaultyServer) -> None:
    # Where ::1 is an address of localhost, nothing listens on it.
    (outcome,) = service.run(["corp.test"], WISH, ServerSettings("localhost", server.port, 5), SIGNER, check=False)
    assert (code_of(outcome), outcome.updates_sent) == (None, 1)


def test_a_server_that_changes_its_mind_all_the_time_is_given_up(server: FaultyServer) -> None:
    server.fault, server.takes = faults.overtaken, False
    server.records["0 0 1688 other.corp.test."] = 300
    outcome = run(server, DesiredRecords((SrvRecord("kms1.corp.test"),), exclusive=True))
    assert (code_of(outcome), outcome.updates_sent) == ("exclusive_conflict", service.ATTEMPTS)


def test_a_domain_that_fails_keeps_no_other_from_being_done(server: FaultyServer) -> None:
    outcomes = service.run(["elsewhere.example", "corp.test"], WISH, ServerSettings("127.0.0.1", server.port, 5), SIGNER, check=False)
    assert [code_of(outcome) for outcome in outcomes] == ["no_such_zone", None]


def test_refreshing_sends_records_that_are_there_and_is_no_change(server: FaultyServer) -> None:
    server.records["0 0 1688 kms1.corp.test."] = 300
    outcome = run(server, DesiredRecords(WISH.records, refresh=True))
    assert (code_of(outcome), outcome.changed(WISH), outcome.updates_sent) == (None, False, 1)
    assert server.records == {"0 0 1688 kms1.corp.test.": 300}


@pytest.mark.parametrize(
    ("fault", "code"),
    [(faults.hang_up, "connection_lost"), (partial(faults.echoed, rcode=SERVFAIL), "SERVFAIL"), (faults.echoed, "echoed_request")],
)
def test_a_refresh_counts_only_when_the_server_says_so(server: FaultyServer, fault: Fault, code: str) -> None:
    server.records["0 0 1688 kms1.corp.test."] = 300
    server.fault = fault
    outcome = run(server, DesiredRecords(WISH.records, refresh=True))
    assert (code_of(outcome), outcome.changed(WISH)) == (code, False)
