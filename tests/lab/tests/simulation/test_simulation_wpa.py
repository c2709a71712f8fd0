# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows Product Activation: the 30 days, the telephone, the internet, and the defect of KB824345."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from winlab.simulation.estate import Estate
from winlab.simulation.identity import confirmation_id, wrong_groups

FaultCode = Callable[[Callable[[], object]], int]
At = Callable[[str], Any]
UNSET = 0xFFFFFFFF
NONE = 0x7FFFFFFF
DONE = (0, NONE)
E_FAIL = 0x80004005
OWN, OTHER, WRONG = "RRRRR-TTTTT-RRRRR-22222-33333", "RRRRR-TTTTT-RRRRR-22222-44444", "RRRRR-TTTTT-RRRRR-22222-66666"
SPENT, BLOCKED, REFUSED = "RRRRR-TTTTT-RRRRR-22222-77777", "RRRRR-TTTTT-RRRRR-22222-88888", "RRRRR-TTTTT-RRRRR-22222-99999"


@pytest.mark.parametrize(
    ("name", "required", "days"), [("new", 1, 30), ("late", 1, 0), ("fixed", 1, 0), ("done", 0, NONE), ("volume", 0, NONE)]
)
def test_every_state_shows_whether_activation_is_required_and_how_long_there_is(old: At, name: str, required: int, days: int) -> None:
    shown = old(name).shown()
    assert (shown["ActivationRequired"], shown["RemainingGracePeriod"], shown["RemainingEvaluationPeriod"]) == (required, days, UNSET)
    assert (shown["ServerName"], shown["IsNotificationOn"]) == (name.upper(), 1)
    assert [len(part) for part in shown["ProductID"].split("-")] == [5, 3, 7, 5]
    assert (shown["ProductID"].split("-")[1] == "640") is (name == "volume")


def test_the_30_days_run_with_the_clock(servers: Estate, old: At) -> None:
    new, seen = old("new"), []
    for hours in (0, 1, 23, 28 * 24, 23, 1):
        servers.advance(timedelta(hours=hours))
        seen.append(new.days())
    assert seen == [(1, 30), (1, 30), (1, 29), (1, 1), (1, 1), (1, 0)]


def test_every_call_gives_a_new_installation_id_of_54_digits(servers: Estate, old: At) -> None:
    new = old("new")
    found = {new.fetch() for _ in range(20)}
    servers.rebuild("new")
    found |= {new.fetch() for _ in range(20)}
    assert len(found) == 40
    assert all(len(iid) == 54 and iid.isdigit() and not wrong_groups(iid, 6) for iid in found)
    assert found.isdisjoint({old("late").fetch()})


def test_the_desk_answers_with_42_digits_that_activate_and_counts_one(servers: Estate, old: At) -> None:
    new = old("new")
    iid = new.fetch()
    cid = servers.phone(iid)
    assert (len(cid), wrong_groups(cid, 6)) == (42, [])
    assert servers.snapshot("new")["activation"]["activations_used"] == 1
    assert new.does("ActivateOffline", ConfirmationID=cid)
    assert new.days() == DONE
    activation = servers.snapshot("new")["activation"]
    assert (activation["activation_required"], activation["installation_id"], activation["activations_used"]) == (False, None, 1)
    servers.advance(timedelta(days=400))
    assert new.days() == DONE


def test_only_the_confirmation_id_of_the_last_installation_id_activates(servers: Estate, old: At) -> None:
    new = old("new")
    assert not new.does("ActivateOffline", ConfirmationID=confirmation_id("", 7))
    first = servers.phone(new.fetch())
    last = new.fetch()
    right = confirmation_id(last, 7)
    hyphens = "-".join(right[start : start + 6] for start in range(0, 42, 6))
    for wrong in (first, confirmation_id(last), right[:-1], right[:-1] + "9", hyphens, ""):
        assert new.call("ActivateOffline", ConfirmationID=wrong).return_value == E_FAIL
        assert new.shown()["ActivationRequired"] == 1
    assert new.does("ActivateOffline", ConfirmationID=right)
    assert not new.does("ActivateOffline", ConfirmationID=right)


def test_a_voided_installation_id_is_answered_and_paid_for_and_worth_nothing(servers: Estate, old: At) -> None:
    new = old("new")
    former = new.fetch()
    new.fetch()
    assert not new.does("ActivateOffline", ConfirmationID=servers.phone(former))
    assert servers.snapshot("new")["activation"]["activations_used"] == 1


def test_when_the_grace_is_over_every_confirmation_id_is_refused_without_the_fix(servers: Estate, old: At) -> None:
    late, new = old("late"), old("new")
    assert not late.activate_by_telephone(servers)
    assert old("fixed").activate_by_telephone(servers)
    servers.advance(timedelta(days=30))
    assert not new.activate_by_telephone(servers)


def test_within_the_grace_the_fix_is_not_needed(servers: Estate, old: At) -> None:
    servers.advance(timedelta(days=29, hours=23))
    assert old("new").activate_by_telephone(servers)


def test_installing_the_fix_gives_30_days_again_and_right_confirmation_ids_work(servers: Estate, old: At) -> None:
    late = old("late")
    assert late.file("licdll.dll")["Version"] == "5.2.3790.0"
    late.remote.invoke("Win32_Service", {"Name": "W32Time"}, "StopService")
    servers.install_update("late", "KB824345")
    assert late.days() == (1, 30)
    assert {late.file(name)["Version"] for name in ("licdll.dll", "winlogon.exe")} == {"5.2.3790.81"}
    assert (servers.snapshot("late")["stopped_services"], servers.snapshot("late")["updates"]) == ([], ["KB824345"])
    servers.advance(timedelta(days=10))
    servers.install_update("late", "KB824345")
    assert late.days() == (1, 20)
    servers.advance(timedelta(days=30))
    assert late.activate_by_telephone(servers)


def test_another_update_and_an_activated_machine_get_no_new_grace(servers: Estate, old: At) -> None:
    servers.install_update("late", "KB923561")
    assert old("late").days() == (1, 0)
    servers.install_update("done", "KB824345")
    assert old("done").days() == DONE


@pytest.mark.parametrize("name", ["new", "late"])
def test_online_activation_works_also_after_the_grace_and_counts_one(servers: Estate, old: At, name: str) -> None:
    assert old(name).does("ActivateOnline")
    assert (old(name).days(), servers.snapshot(name)["activation"]["activations_used"]) == (DONE, 1)
    assert not old(name).does("ActivateOnline")
    assert servers.snapshot(name)["activation"]["activations_used"] == 1


@pytest.mark.parametrize(("fault", "options"), [("no_internet", {}), ("key_blocked", {"at": "activate"})])
def test_online_activation_is_refused_by_faults(servers: Estate, old: At, fault: str, options: dict[str, str]) -> None:
    servers.set_fault("new", fault, **options)
    assert old("new").call("ActivateOnline").return_value == E_FAIL
    assert old("new").days() == (1, 30)


@pytest.mark.parametrize("key", [SPENT, REFUSED])
def test_a_key_that_microsoft_refuses_is_set_and_does_not_activate_online(old: At, key: str) -> None:
    assert old("new").does("SetProductKey", ProductKey=key)
    assert not old("new").does("ActivateOnline")


@pytest.mark.parametrize("hyphens", [True, False])
def test_a_new_key_is_set_while_activation_is_required_and_voids_the_installation_id(servers: Estate, old: At, hyphens: bool) -> None:
    new = old("new")
    cid, before = servers.phone(new.fetch()), new.shown()["ProductID"]
    assert new.does("SetProductKey", ProductKey=OTHER if hyphens else OTHER.replace("-", ""))
    assert not new.does("ActivateOffline", ConfirmationID=cid)
    assert new.shown()["ProductID"] != before
    activation = servers.snapshot("new")["activation"]
    assert (activation["partial_key"], activation["activations_used"], activation["grace_days"]) == ("44444", 0, 30)
    assert new.activate_by_telephone(servers)
    assert not new.does("SetProductKey", ProductKey=OWN)


@pytest.mark.parametrize(
    "key", ["", "x", OTHER[:-1], OTHER.lower(), OTHER.replace("-", " "), WRONG, BLOCKED, "RRRRR-TTTTT-RRRRR-22222-22222"]
)
def test_a_key_that_does_not_fit_is_refused_and_nothing_changes(servers: Estate, old: At, key: str) -> None:
    iid = old("new").fetch()
    assert old("new").call("SetProductKey", ProductKey=key).return_value == E_FAIL
    activation = servers.snapshot("new")["activation"]
    assert (activation["partial_key"], activation["installation_id"]) == (OWN[-5:], iid)


def test_the_fault_of_a_blocked_key_strikes_when_it_is_set(servers: Estate, old: At) -> None:
    servers.set_fault("new", "key_blocked")
    assert not old("new").does("SetProductKey", ProductKey=OTHER)


def test_reminders_go_off_and_on_only_while_activation_is_required(old: At) -> None:
    for enable, expected in ((0, 0), (7, 1), (0, 0)):
        assert old("new").does("SetNotification", Enable=enable)
        assert old("new").shown()["IsNotificationOn"] == expected
    assert old("done").does("SetNotification", Enable=0)
    assert old("done").shown()["IsNotificationOn"] == 1


@pytest.mark.parametrize("name", ["volume", "done"])
@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("ActivateOnline", {}),
        ("ActivateOffline", {"ConfirmationID": "0" * 42}),
        ("GetInstallationID", {}),
        ("SetProductKey", {"ProductKey": OWN}),
    ],
)
def test_where_no_activation_is_required_the_methods_refuse(old: At, name: str, method: str, arguments: dict[str, str]) -> None:
    answer = old(name).call(method, **arguments)
    assert answer.return_value == E_FAIL
    assert answer.outputs == ({"InstallationID": ""} if method == "GetInstallationID" else {})


def test_faults_of_methods_strike_here_too(servers: Estate, old: At, fault_code: FaultCode) -> None:
    servers.set_fault("new", "wmi_fault", method="GetInstallationID", hresult="0x80041001", times=1)
    assert fault_code(lambda: old("new").fetch()) == 0x80041001
    servers.set_fault("new", "return_value", method="ActivateOnline", value=5)
    assert old("new").call("ActivateOnline").return_value == 5
    assert old("new").days() == (1, 30)


def test_other_hardware_makes_an_activated_machine_ask_again_within_three_days(servers: Estate, old: At) -> None:
    done = old("done")
    servers.change_hardware("done")
    assert done.days() == (1, 3)
    servers.advance(timedelta(days=2))
    assert done.does("ActivateOnline")
    assert servers.snapshot("done")["activation"]["activations_used"] == 2


def test_other_hardware_voids_the_installation_id_and_is_nothing_to_the_days_and_to_volume_media(servers: Estate, old: At) -> None:
    new = old("new")
    cid = servers.phone(new.fetch())
    servers.advance(timedelta(days=1))
    servers.change_hardware("new")
    assert new.days() == (1, 29)
    assert not new.does("ActivateOffline", ConfirmationID=cid)
    servers.change_hardware("volume")
    assert old("volume").days() == DONE


@pytest.mark.parametrize(("name", "days"), [("fixed", (1, 30)), ("done", (1, 30)), ("volume", DONE)])
def test_a_rebuilt_machine_comes_from_the_same_media_without_updates(servers: Estate, old: At, name: str, days: tuple[int, int]) -> None:
    before = servers.snapshot(name)["activation"]["partial_key"]
    servers.rebuild(name)
    assert old(name).days() == days
    assert old(name).file("licdll.dll")["Version"] == "5.2.3790.0"
    assert servers.snapshot(name)["activation"]["partial_key"] == before


def test_a_crashed_machine_comes_back_as_it_was(servers: Estate, old: At) -> None:
    iid = old("new").fetch()
    servers.crash("new")
    servers.advance(timedelta(days=5))
    servers.power_on("new")
    assert (old("new").days(), servers.snapshot("new")["activation"]["installation_id"]) == ((1, 25), iid)
