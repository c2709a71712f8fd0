# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody on the way to a machine with message encryption: nothing of theirs is believed, and a write is uncertain after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim import pypsrp, pywinrm
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimPath, CimUnknownOutcomeError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.wsman import Session, Timeouts
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError
from winlab.client import LabClient

from . import between
from .listeners import ADDRESS, NETWORK

winrm_protocol = pytest.importorskip("winrm.protocol")
pytest.importorskip("pypsrp.wsman")

ESTATE = "network.yml"
TARGET = f"127.{NETWORK}.31.10"
USER, PASSWORD = "LabAdmin", "Lab-Passw0rd!"
WQL = "SELECT CSName FROM Win32_OperatingSystem"
REGISTRY = CimPath("StdRegProv", namespace="root/default")
KEY = r"SOFTWARE\Winops"
VALUE = {"hDefKey": 0x80000002, "sSubKeyName": KEY}
TIMEOUTS = Timeouts(read=5, write=5, margin=5)

Open = Callable[[int], Session]


def by_pywinrm(port: int) -> Session:
    login = {"transport": "ntlm", "username": USER, "password": PASSWORD, "message_encryption": "always"}
    return Session(pywinrm.PywinrmTransport(winrm_protocol.Protocol(f"http://{ADDRESS}:{port}/wsman", **login)), TIMEOUTS)


def by_pypsrp(port: int) -> Session:
    login = {"auth": "ntlm", "username": USER, "password": PASSWORD, "encryption": "always", "ssl": False}
    return Session(pypsrp.PypsrpTransport(pypsrp.client({"server": ADDRESS, "port": port, **login})), TIMEOUTS)


@pytest.fixture(params=[by_pywinrm, by_pypsrp], ids=["pywinrm", "pypsrp"])
def connect(request: pytest.FixtureRequest, lab: LabClient) -> Iterator[Open]:  # noqa: ARG001 - the machine has to be there
    sessions: list[Session] = []

    def open_one(port: int) -> Session:
        sessions.append(request.param(port))
        return sessions[-1]

    yield open_one
    for session in sessions:
        session.close()


def stored(lab: LabClient) -> int:
    """How often the machine carried a write out."""
    return int(lab.counters()["TARGET"]["operations"].get("Invoke:SetDWORDValue", 0))


def test_without_tricks_everything_works(connect: Open) -> None:
    with between.standing_between(TARGET, between.repeated, honest=100) as there:
        session = connect(there.port)
        assert [found.text("CSName") for found in session.query(WQL)] == ["TARGET"]
        session.invoke(REGISTRY, "CreateKey", VALUE)
        session.invoke(REGISTRY, "SetDWORDValue", {**VALUE, "sValueName": "Number", "uValue": 7})


OTHER_HEADERS = ("wrong_protocol", "other_case")
"""Responses that could be encrypted, by a header that Microsoft does not document."""


@pytest.mark.parametrize("name", between.ANSWERS_IN_CLEAR)
def test_an_answer_in_clear_is_not_believed(name: str, connect: Open) -> None:
    reason = "which is not the documented one" if name in OTHER_HEADERS else "was not encrypted although the session is"
    with between.standing_between(TARGET, between.ANSWERS_IN_CLEAR[name]) as there:
        with pytest.raises(UnreachableError, match=reason):
            connect(there.port).query(WQL)
        assert there.encrypted == 1


@pytest.mark.parametrize("honest", [0, 1])
@pytest.mark.parametrize("name", between.CHANGES)
def test_a_changed_answer_is_not_believed(name: str, honest: int, connect: Open) -> None:
    with between.standing_between(TARGET, between.changed(between.CHANGES[name]), honest) as there:
        session = connect(there.port)
        for _ in range(honest):
            assert session.query(WQL)[0].text("CSName") == "TARGET"
        with pytest.raises(UnreachableError):
            session.query(WQL)


def test_an_earlier_answer_is_not_believed_again(connect: Open) -> None:
    with between.standing_between(TARGET, between.repeated, honest=1) as there:
        session = connect(there.port)
        session.query(WQL)
        with pytest.raises(UnreachableError):
            session.query(WQL)


@pytest.mark.parametrize("status", [401, 400, 403, 404, 405, 407, 411, 413, 500, 503])
@pytest.mark.parametrize("body", ["", between.OUTPUT, between.FAULT], ids=["empty", "output", "fault"])
def test_a_write_answered_in_clear_is_uncertain_whatever_the_status_says(lab: LabClient, status: int, body: str, connect: Open) -> None:
    lab.reset_counters()
    with between.standing_between(TARGET, between.in_clear_after_passing_on(status, body)) as there, pytest.raises(CimUnknownOutcomeError):
        connect(there.port).invoke(REGISTRY, "SetDWORDValue", {**VALUE, "sValueName": "Number", "uValue": 1})
    assert stored(lab) == 1


def test_a_read_survives_one_refusal_in_clear_as_of_a_machine_that_forgot_the_connection(connect: Open) -> None:
    def once(there: between.Between, request: between.Request, hand_on: between.Pass) -> bytes:
        return between.in_clear(401, "")(there, request, hand_on) if there.encrypted == 2 else between.as_bytes(hand_on())

    with between.standing_between(TARGET, once, honest=1) as there:
        session = connect(there.port)
        session.query(WQL)
        assert session.query(WQL)[0].text("CSName") == "TARGET"
        assert there.encrypted == 3
