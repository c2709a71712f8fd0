# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A write is sent once, and what is not known about it is said."""

from __future__ import annotations

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.limits import MachineLimits
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import (
    CimError,
    CimPath,
    CimUnknownOutcomeError,
    ShuttingDownError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import (
    CredentialsRejectedError,
    RequestNotSentError,
    ResponseLostError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.wsman import Session, Timeouts
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError

from . import answers
from .answers import Machine

SERVICE = CimPath("SoftwareLicensingService", {"Version": "10.0.26100.1"})
SECRET = "MMMMM-KKKKK-MMMMM-BBBBB-CCCCC"


def install(machine: Machine) -> None:
    Session(machine).invoke(SERVICE, "InstallProductKey", {"ProductKey": SECRET})


def done() -> str:
    return answers.output("SoftwareLicensingService", "InstallProductKey", {})


def test_a_write_that_worked_gives_its_outputs() -> None:
    machine = Machine(answers.output("C", "GetInstallationID", {"InstallationID": "123", "Many": ["a", "b"], "Nothing": None}))
    outputs = Session(machine).invoke(SERVICE, "GetInstallationID", {}).outputs
    assert (outputs.text("InstallationID"), outputs.texts("Many"), outputs.text("Nothing")) == ("123", ("a", "b"), None)
    assert machine.actions == ["GetInstallationID"]


def test_a_write_without_a_return_value_worked() -> None:
    Session(Machine(answers.output("C", "M", {}, return_value=None))).invoke(SERVICE, "M", {})


def test_the_answer_to_a_write_is_not_counted_however_much_was_read_before() -> None:
    """It is not kept, and an error here would leave a write uncertain that was done."""
    written = answers.output("SoftwareLicensingService", "InstallProductKey", {"Text": "x" * 60_000})
    session = Session(Machine(answers.first_page([answers.instance("C", {"Text": "x" * 30_000})]), written))
    session.limit(MachineLimits(weight=50_000))
    session.query("SELECT * FROM C")
    session.invoke(SERVICE, "InstallProductKey", {"ProductKey": SECRET})


@given(st.integers(1, 0xFFFFFFFF).filter(lambda code: code not in ShuttingDownError.CODES))
def test_a_return_value_other_than_zero_is_a_failure_signed_or_not(code: int) -> None:
    for written in (code, code - (1 << 32)):
        with pytest.raises(CimError) as failed:
            install(Machine(answers.output("SoftwareLicensingService", "InstallProductKey", {}, return_value=str(written))))
        assert failed.value.code == code
        assert failed.value.operation == "SoftwareLicensingService.InstallProductKey"


@pytest.mark.parametrize("code", [1115, 0x8007045B, 0x8007045B - (1 << 32)])
def test_a_machine_that_shuts_down_says_so_in_a_return_value_too_and_is_unreachable(code: int) -> None:
    machine = Machine(answers.output("SoftwareLicensingService", "InstallProductKey", {}, return_value=str(code)))
    with pytest.raises(ShuttingDownError, match="the machine is shutting down or restarting") as failed:
        install(machine)
    assert (failed.value.error_code, failed.value.transient) == ("unreachable", True)
    assert len(machine.messages) == 1


@pytest.mark.parametrize("body", [answers.fault_winrm2(0x803380E1, "no", inner=0xC004F050), answers.fault_winrm3(0xC004F050, "no")])
def test_a_fault_of_either_shape_is_the_same_failure(body: str) -> None:
    machine = Machine(body)
    with pytest.raises(CimError, match=r"^SoftwareLicensingService\.InstallProductKey failed with 0xC004F050: no$"):
        install(machine)
    assert len(machine.messages) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (ResponseLostError("the connection was dropped (reset)", again=True), "the connection was dropped"),
        (ResponseLostError("no complete response in time", again=False), "no complete response in time"),
        (ResponseLostError("HTTP 400 without a body", again=True), "HTTP 400"),
        (answers.fault_timed_out(), "no result within 60 seconds"),
        (b"<html/>", "the response is not a WS-Management message"),
        (answers.envelope(done(), "uuid:other"), "the response belongs to another request"),
        (answers.first_page([]), "the response does not contain the output of InstallProductKey"),
        (answers.output("C", "InstallProductKey", {}, return_value="maybe"), "does not contain a valid ReturnValue"),
    ],
)
def test_a_write_whose_answer_is_lost_is_uncertain_and_never_sent_again(answer: str | bytes | Exception, reason: str) -> None:
    machine = Machine(answer, done())
    with pytest.raises(CimUnknownOutcomeError) as failed:
        install(machine)
    assert failed.value.operation == "SoftwareLicensingService.InstallProductKey"
    assert reason in failed.value.reason
    assert len(machine.messages) == 1
    assert machine.resets == [1]  # the next read must not find the late answer


def test_a_write_whose_answer_names_no_request_is_uncertain() -> None:
    machine = Machine(answers.envelope(done()))
    with pytest.raises(CimUnknownOutcomeError, match="does not identify its request"):
        install(machine)
    assert len(machine.messages) == 1


def test_after_an_uncertain_write_the_state_can_be_read() -> None:
    machine = Machine(
        answers.first_page([]), ResponseLostError("dropped", again=True), answers.first_page([answers.instance("C", {"A": "x"})])
    )
    session = Session(machine)
    session.query("SELECT * FROM C")
    with pytest.raises(CimUnknownOutcomeError):
        session.invoke(SERVICE, "Activate", {})
    assert session.query("SELECT * FROM C")[0].text("A") == "x"


@pytest.mark.parametrize(
    "failure",
    [
        RequestNotSentError("connection refused"),
        CredentialsRejectedError("refused user x"),
        ResponseLostError("connection refused at logon", again=True, sent=False),
    ],
)
def test_a_write_that_certainly_did_not_arrive_makes_the_machine_unreachable(failure: Exception) -> None:
    machine = Machine(answers.first_page([]), failure)
    session = Session(machine)
    session.query("SELECT * FROM C")
    with pytest.raises(UnreachableError, match="refused"):
        session.invoke(SERVICE, "InstallProductKey", {"ProductKey": SECRET})
    assert machine.actions == ["Enumerate", "InstallProductKey"]


def test_a_write_is_given_all_the_time_winrm_allows() -> None:
    machine = Machine(done())
    Session(machine, Timeouts(read=20, write=60, margin=10)).invoke(SERVICE, "InstallProductKey", {"ProductKey": SECRET})
    assert machine.timeouts == [70]
    assert b"PT60.000S" in machine.messages[0]


@pytest.mark.parametrize(
    "answer",
    [
        ResponseLostError("dropped", again=True),
        RequestNotSentError("refused"),
        CredentialsRejectedError("refused"),
        answers.fault_winrm3(0xC004F050, "no"),
        answers.fault_timed_out(),
        b"<html/>",
        answers.envelope(answers.output("C", "M", {}, return_value="5")),
    ],
)
def test_no_failure_of_a_write_shows_or_carries_its_arguments(answer: str | bytes | Exception) -> None:
    with pytest.raises(Exception) as failed:  # noqa: PT011, whichever it is
        install(Machine(answer))
    shown = "".join(traceback.format_exception(failed.value))
    assert SECRET not in shown
    chained = [failed.value.__cause__, failed.value.__context__ if not failed.value.__suppress_context__ else None]
    assert chained == [None, None]


def test_a_write_that_met_a_503_is_not_sent_again_and_says_so() -> None:
    machine = Machine(ResponseLostError("HTTP 503: the service is not available", again=True, pause=2.0))
    with pytest.raises(
        CimUnknownOutcomeError, match=r"InstallProductKey was sent, but its outcome is unknown: HTTP 503: the service is not available"
    ):
        install(machine)
    assert machine.actions == ["InstallProductKey"]


def test_a_write_whose_answer_was_too_large_is_decided_by_the_state() -> None:
    machine = Machine(answers.fault_plain(0x8033804D, "The operation succeeded, the result is too large.", "w:EncodingLimit"))
    with pytest.raises(CimUnknownOutcomeError, match="too large"):
        install(machine)
    assert machine.actions == ["InstallProductKey"]


def test_a_write_to_a_machine_that_shuts_down_was_not_carried_out() -> None:
    machine = Machine(answers.fault_winrm3(1115, "no", message_id="WIN32 1115", error_type="WIN32"))
    with pytest.raises(UnreachableError, match=r"shutting down or restarting .*InstallProductKey was not carried out"):
        install(machine)
    assert machine.actions == ["InstallProductKey"]
