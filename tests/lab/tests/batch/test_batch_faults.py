# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the batch activation service: what is counted, what is answered, and whom they concern."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import threading
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest

from winlab.client import LabError
from winlab.protocol.batch.faults import KINDS, OPTIONS
from winlab.simulation.identity import confirmation_id, wrong_groups

from .batch_lab import HEADERS, MAK, OTHER, PATH, BatchLab, envelope, question, signed, text_of

TRIED_ELSEWHERE = ("truncated", "endless", "trickle", "minus_one")


@contextlib.contextmanager
def counted(lab: BatchLab, activations: int) -> Iterator[None]:
    """What happens inside costs this many activations."""
    before = lab.key(MAK)["used"]
    yield
    assert lab.key(MAK)["used"] == before + activations


def outcomes(lab: BatchLab) -> list[str]:
    return [logged["outcome"] for logged in lab.client.batch_requests()]


@pytest.mark.parametrize(("options", "activations"), [({}, 0), ({"when": "before"}, 0), ({"when": "after"}, 1)])
def test_a_connection_is_dropped_before_or_after_counting(batch_lab: BatchLab, options: dict[str, str], activations: int) -> None:
    pid, iid = batch_lab.shown("srv")
    batch_lab.client.set_fault("*", "batch_drop", times=1, **options)
    with counted(batch_lab, activations), pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        batch_lab.ask(pid, iid)
    assert outcomes(batch_lab) == [f"dropped {options.get('when', 'before')} counting"]
    asked = batch_lab.key(MAK)["questions"][iid]
    with counted(batch_lab, 1):
        assert batch_lab.ask(pid, iid).entry()["CID"] == confirmation_id(iid)
    assert batch_lab.key(MAK)["questions"][iid]["asked"] == asked["asked"] + 1


def wait_until_asked(lab: BatchLab) -> None:
    """The service has read a question."""
    for _ in range(5000):
        if any(logged["request_type"] for logged in lab.client.batch_requests()):
            return
    pytest.fail("waited in vain for the question")


@pytest.mark.parametrize(("when", "activations"), [("before", 0), ("after", 1)])
def test_an_answer_is_held_back_until_the_faults_are_cleared(batch_lab: BatchLab, when: str, activations: int) -> None:
    pid, iid = batch_lab.shown("srv")
    batch_lab.client.set_fault("srv", "batch_delay", when=when)
    replies: list[Any] = []
    before = batch_lab.key(MAK)["used"]
    waiting = threading.Thread(target=lambda: replies.append(batch_lab.ask(pid, iid)))
    waiting.start()
    wait_until_asked(batch_lab)
    assert batch_lab.key(MAK)["used"] == before + activations
    assert batch_lab.ask(batch_lab.shown("twin")[0]).status == 200  # nobody else waits
    batch_lab.client.clear_faults()
    waiting.join(30)
    assert replies[0].entry()["CID"] == confirmation_id(iid)
    assert batch_lab.client.batch()["most_at_once"] == 2
    assert batch_lab.key(MAK)["used"] == before + 1


def test_a_slow_answer_is_counted_though_the_client_has_gone(batch_lab: BatchLab) -> None:
    pid, iid = batch_lab.shown("srv")
    batch_lab.client.set_fault("*", "batch_delay", milliseconds=60_000)
    with counted(batch_lab, 1), pytest.raises(TimeoutError):
        batch_lab.ask(pid, iid, timeout=0.5)


@pytest.mark.parametrize(("options", "activations"), [({"status": 500}, 0), ({"status": 503, "when": "after", "retry_after": 7}, 1)])
def test_a_page_comes_in_the_place_of_the_answer(batch_lab: BatchLab, options: dict[str, Any], activations: int) -> None:
    batch_lab.client.set_fault("*", "batch_http_status", **options)
    with counted(batch_lab, activations):
        reply = batch_lab.ask(*batch_lab.shown("srv"))
    assert (reply.status, reply.headers.get("Retry-After")) == (options["status"], "7" if "retry_after" in options else None)
    assert reply.headers["Content-Type"].startswith("text/html")


def test_a_redirect_names_another_address_and_counts_nothing(batch_lab: BatchLab) -> None:
    batch_lab.client.set_fault("*", "batch_redirect", location="http://127.0.0.1:9/", status=307)
    with counted(batch_lab, 0):
        reply = batch_lab.ask(*batch_lab.shown("srv"))
    assert (reply.status, reply.headers["Location"]) == (307, "http://127.0.0.1:9/")


@pytest.mark.parametrize(("code", "shown"), [("0x80131600", "0x80131600"), (0x67, "0x67"), ("0xC004C4C3", "0xC004C4C3")])
def test_a_passing_error_counts_nothing_and_the_next_question_is_answered(batch_lab: BatchLab, code: Any, shown: str) -> None:
    pid, iid = batch_lab.shown("srv")
    batch_lab.client.set_fault("srv", "batch_error", code=code, times=1)
    with counted(batch_lab, 0):
        assert batch_lab.ask(pid, iid).entry() == {"PID": pid, "IID": iid, "ErrorCode": shown}
    with counted(batch_lab, 1):
        assert batch_lab.ask(pid, iid).entry()["CID"] == confirmation_id(iid)


def test_a_fault_of_the_server_counts_nothing(batch_lab: BatchLab) -> None:
    batch_lab.client.set_fault("*", "batch_soap_fault")
    with counted(batch_lab, 0):
        reply = batch_lab.ask(*batch_lab.shown("srv"))
    assert reply.status == 500
    assert reply.fault().startswith("soap:Server Server was unable to process request.")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in TRIED_ELSEWHERE])
def test_a_spoiled_answer_is_counted_and_useless(batch_lab: BatchLab, kind: str) -> None:
    pid, iid = batch_lab.shown("srv")
    batch_lab.client.set_fault("*", "batch_answer", kind=kind, times=1)
    with counted(batch_lab, 1):
        reply = batch_lab.ask(pid, iid)
    assert reply.status == 200
    assert SPOILED[kind](reply, iid)


def is_no_xml(reply: Any, _: str) -> bool:
    with pytest.raises(ElementTree.ParseError):
        reply.entries()
    return True


def has_confirmation_id_with(reply: Any, digits: int, wrong: int) -> bool:
    cid = reply.entry()["CID"]
    return (len(cid), len(wrong_groups(cid, 6))) == (digits, wrong)


SPOILED: dict[str, Any] = {
    "garbage": is_no_xml,
    "not_xml": is_no_xml,
    "empty": lambda reply, _: reply.body == b"",
    "doctype": lambda reply, _: b"<!DOCTYPE" in reply.body and len(reply.body) < 2000,
    "oversized": lambda reply, iid: len(reply.body) > 32 << 20 and reply.entry()["IID"] == iid,
    "gzip": lambda reply, iid: reply.headers["Content-Encoding"] == "gzip" and iid.encode() in gzip.decompress(reply.body),
    "wrong_content_type": lambda reply, _: reply.headers["Content-Type"] == "text/html",
    "wrong_response_type": lambda reply, _: b"ResponseType&gt;2&lt;" in reply.body,
    "wrong_check_digits": lambda reply, _: has_confirmation_id_with(reply, 48, 1),
    "other_installation_id": lambda reply, iid: (
        has_confirmation_id_with(reply, 48, 0) and reply.entry()["IID"] != iid and reply.entry()["CID"] != confirmation_id(iid)
    ),
    "short_confirmation_id": lambda reply, _: has_confirmation_id_with(reply, 42, 0),
    "no_response": lambda reply, _: reply.entries() == [],
    "no_number": lambda reply, _: reply.entry()["CID"] == "" and reply.entry()["ActivationRemaining"] == "many",
}


def test_an_answer_can_end_in_the_middle(batch_lab: BatchLab) -> None:
    batch_lab.client.set_fault("*", "batch_answer", kind="truncated")
    with counted(batch_lab, 1), pytest.raises(http.client.IncompleteRead):
        batch_lab.ask(*batch_lab.shown("srv"))


@contextlib.contextmanager
def begun(lab: BatchLab) -> Iterator[http.client.HTTPResponse]:
    """The answer to a question, of which nothing is read yet."""
    with contextlib.closing(lab.connect()) as connection:
        connection.request("POST", PATH, envelope(*signed(text_of(1, question(*lab.shown("srv"))))), HEADERS)
        with connection.getresponse() as answer:
            yield answer


def test_an_answer_can_be_without_an_end(batch_lab: BatchLab) -> None:
    batch_lab.client.set_fault("*", "batch_answer", kind="endless", times=1)
    with counted(batch_lab, 1), begun(batch_lab) as answer:
        assert (answer.status, answer.getheader("Content-Length"), answer.getheader("Transfer-Encoding")) == (200, None, "chunked")
        assert len(answer.read(4 << 20)) == 4 << 20
        assert batch_lab.ask(batch_lab.shown("srv")[0]).status == 200  # the lab has time for others meanwhile


def test_an_answer_can_come_byte_by_byte(batch_lab: BatchLab) -> None:
    batch_lab.client.set_fault("*", "batch_answer", kind="trickle", times=1)
    with counted(batch_lab, 1), begun(batch_lab) as answer:
        assert answer.read(3) == b"<?x"
        batch_lab.client.clear_faults()
        assert answer.read().endswith(b"</soap:Envelope>")


def test_the_activations_left_can_be_minus_one(batch_lab: BatchLab) -> None:
    batch_lab.client.set_fault("*", "batch_answer", kind="minus_one")
    assert batch_lab.ask(batch_lab.shown("srv")[0]).entry()["ActivationRemaining"] == "-1"


def number(lab: BatchLab, machine: str) -> int:
    """What the service says is left of the machine's key."""
    return int(lab.ask(lab.shown(machine)[0]).entry()["ActivationRemaining"])


def test_other_computers_use_activations_of_the_same_key(batch_lab: BatchLab) -> None:
    before = number(batch_lab, "other")
    batch_lab.client.set_fault("other", "batch_others", activations=2, request_type=2, times=1)
    assert [number(batch_lab, "other") for _ in range(3)] == [before, before - 2, before - 2]
    batch_lab.client.set_fault("other", "batch_others", activations=999, times=1)
    assert [number(batch_lab, "other") for _ in range(2)] == [before - 2, 0]
    assert batch_lab.ask(*batch_lab.shown("other")).entry()["ErrorCode"] == "0x7F"
    assert batch_lab.key(OTHER)["remaining"] == 0


def test_a_number_can_be_behind_the_book(batch_lab: BatchLab) -> None:
    book = batch_lab.key(MAK)["remaining"]
    batch_lab.client.set_fault("*", "batch_late_number", behind=2, times=1)
    assert [number(batch_lab, "twin"), number(batch_lab, "twin")] == [book + 2, book]


def test_a_fault_of_a_machine_concerns_questions_about_its_ids_alone(batch_lab: BatchLab) -> None:
    batch_lab.client.set_fault("srv", "batch_error", code=0x90)
    assert batch_lab.ask(*batch_lab.shown("srv")).entry()["ErrorCode"] == "0x90"
    assert batch_lab.ask(batch_lab.shown("srv")[0]).entry()["ErrorCode"] == "0x90"
    assert "ErrorCode" not in batch_lab.ask(*batch_lab.shown("twin")).entry()


def test_a_fault_can_concern_one_type_of_question(batch_lab: BatchLab) -> None:
    pid, iid = batch_lab.shown("srv")
    batch_lab.client.set_fault("*", "batch_error", code=0x90, request_type=2)
    assert "ErrorCode" not in batch_lab.ask(pid, iid).entry()
    assert batch_lab.ask(pid).entry()["ErrorCode"] == "0x90"


@pytest.mark.parametrize("count", [1, 2])
def test_a_fault_strikes_as_often_as_told(batch_lab: BatchLab, count: int) -> None:
    batch_lab.client.set_fault("*", "batch_http_status", status=503, times=count)
    pid, _ = batch_lab.shown("srv")
    assert [batch_lab.ask(pid).status for _ in range(3)] == [503] * count + [200] * (3 - count)


@pytest.mark.parametrize(
    ("machine", "fault", "options", "message"),
    [
        ("*", "batch_drop", {"speed": 1}, "no such fault or option of the batch activation service: speed"),
        ("*", "batch_drop", {"when": "later"}, "fault batch_drop: when is one of after, before"),
        ("*", "batch_http_status", {}, "fault batch_http_status: missing status"),
        ("*", "batch_http_status", {"status": 200}, "fault batch_http_status: status is one of 400"),
        ("*", "batch_redirect", {}, "fault batch_redirect: missing location"),
        ("*", "batch_error", {"code": "seven"}, "fault batch_error: code is a number such as 0x7F, not 'seven'"),
        ("*", "batch_others", {}, "fault batch_others: missing activations"),
        ("*", "batch_others", {"activations": 0}, "fault batch_others: activations is one of 1, 10"),
        ("*", "batch_late_number", {"behind": -1}, "fault batch_late_number: behind is one of 1, 10"),
        ("*", "batch_answer", {"kind": "odd"}, "fault batch_answer: kind is one of doctype"),
        ("srv", "batch_proxy_drop", {}, "the proxy does not know the machine"),
        ("nobody", "batch_drop", {}, "unknown: nobody"),
    ],
)
def test_a_wrong_fault_is_an_error_with_a_sentence(batch_lab: BatchLab, machine: str, fault: str, options: Any, message: str) -> None:
    with pytest.raises(LabError, match=message):
        batch_lab.client.set_fault(machine, fault, **options)


def test_every_kind_of_spoiled_answer_is_tried() -> None:
    assert {*SPOILED, *TRIED_ELSEWHERE} == set(KINDS)
    assert all("times" in options for options in OPTIONS.values())
