# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not requested because another record has the answer, or because the number of remaining activations is not known."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._batch import journal
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.confirm import plan
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.confirmation_result import result_of
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.connection import tls_context
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.errors import ServiceError
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.journal import JournalError
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.records import requests_of
from ansible_collections.winops.volume_activation.plugins.module_utils._deadline import Deadline
from ansible_collections.winops.volume_activation.plugins.module_utils._errors import InvalidOptionsError

from .test_confirm import KEY, PID, Service, ask, digits, record, statuses

OTHER_PID = PID.replace("871562", "000001")
SECOND_KEY = {"partial_product_key": "44444"}


@pytest.mark.parametrize("order", [1, -1])
def test_an_answer_in_another_record_is_not_requested_again(tmp_path: Path, order: int) -> None:
    """A copy of a machine shows the same installation ID. One record got its answer by telephone, so the journal does not have it."""
    answer, service = digits(7, 8), Service()
    records = [record(1, confirmation_id="-".join(answer[at : at + 6] for at in range(0, 48, 6))), record(1, machine="COPY")][::order]
    outcomes = ask(tmp_path / "x.journal", service, records)
    assert statuses(outcomes) == ["kept", "kept"]
    assert {outcome.confirmation_id for outcome in outcomes} == {answer}
    assert service.asked == []


@pytest.mark.parametrize("text", ["none yet", "12", "1.23E+47"])
def test_a_text_that_is_no_confirmation_id_is_no_answer_of_another_record(tmp_path: Path, text: str) -> None:
    service = Service()
    outcomes = ask(tmp_path / "x.journal", service, [record(1, confirmation_id=text), record(1, machine="COPY")])
    assert statuses(outcomes) == ["kept", "answered"]
    assert len(service.asked) == 1


def test_a_wrong_extended_pid_does_not_stand_for_the_mak() -> None:
    """It could be the first one of the file, and Microsoft returns no number for it."""
    records = [record(number, partial_product_key="33333", extended_pid=OTHER_PID if number == 0 else PID) for number in range(4)]
    assert plan(requests_of(records), {}, ask_again=False).needed() == {PID: 4}


def test_a_mak_without_a_number_is_not_requested_and_others_are() -> None:
    first = [record(number, partial_product_key="33333") for number in range(3)]
    second = [record(number, extended_pid=OTHER_PID, **SECOND_KEY) for number in range(3, 5)]
    requests = requests_of([*first, *second, record(0, machine="COPY", partial_product_key="33333")])
    planned = plan(requests, {}, ask_again=False).without({PID: ServiceError("0x68", "Why.")})
    assert [question.extended_pid for question in planned.questions] == [OTHER_PID] * 2
    outcomes = planned.outcomes({question.installation_id: planned.known[0] for question in planned.questions})
    assert statuses(outcomes) == ["refused"] * 6
    result = result_of(requests, outcomes, needed={PID: 3, OTHER_PID: 2})
    assert (result["changed"], result["error"]["code"]) == (False, "0x68")
    assert "PC-0, PC-1, PC-2, PC-3, PC-4, and 1 more: 0x68: The extended product ID does not belong" in result["msg"]


@pytest.mark.parametrize("name", ["machine", "note", "partial_product_key", "floor"])
@pytest.mark.parametrize("between", ["", " ", "_", ".", "\u2013", " - ", ", "])
def test_a_key_in_any_spelling_is_not_shown_in_the_result(name: str, between: str) -> None:
    for key in (between.join(KEY.split("-")), between.join(KEY.lower().split("-"))):
        with pytest.raises(InvalidOptionsError, match=r"records\[0\] contains a product key, which is never sent"):
            requests_of([record(1, **{name: f"key {key}"})])


@pytest.mark.parametrize(
    "text",
    [
        "Windows(R), Enterprise edition",
        "26168699-dcde-5cf8-988f-f41df909d8f6",
        PID,
        "55041-15871-56203-10337",
        "11111-22222-33333-44444-55555",
    ],
)
def test_what_is_no_key_is_accepted(text: str) -> None:
    assert requests_of([record(1, note=text)])[0].error is None


def test_a_pipe_is_no_journal_and_nobody_waits_for_it(tmp_path: Path) -> None:
    pipe = tmp_path / "x.journal"
    os.mkfifo(pipe)
    with pytest.raises(JournalError, match="cannot be read: it is not a regular file"):
        journal.read(str(pipe))
    with pytest.raises(JournalError, match="cannot be opened: it is not a regular file"), journal.locked(str(pipe), Deadline.after(5)):
        pytest.fail("the pipe was opened")


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/full"])
def test_a_device_is_no_journal_and_is_not_read(path: str) -> None:
    with pytest.raises(JournalError, match="it is not a regular file"):
        journal.read(path)


def test_a_link_is_named_as_the_reason(tmp_path: Path) -> None:
    link = tmp_path / "x.journal"
    link.symlink_to("y.journal")
    with pytest.raises(JournalError, match="cannot be read: it is a symbolic link, which is not followed"):
        journal.read(str(link))


def test_a_pipe_has_no_certificates_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ca.pem")
    with pytest.raises(OSError, match="it is not a regular file"):
        tls_context(str(tmp_path / "ca.pem"))
