# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows Server 2003: read and activated by the same modules, with its own rules, and what means nothing there refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from key_gate import assert_no_keys

from .documented import complaints, documentation, task_complaints
from .harness import Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "server_2003.yml"
KEY = "RRRRR-TTTTT-RRRRR-MKF22-TTWX3"
DEFECT = "KB824345 is not installed"
FETCH, ACTIVATE = "get_installation_id", "activate"


@pytest.fixture(scope="module")
def info(lab: Lab) -> Results:
    return lab.all("activation_info", lab.names())


@pytest.mark.smoke
@pytest.mark.parametrize(
    ("name", "licensed", "status", "fixed"),
    [
        ("ONLINE", False, "initial_grace", False),
        ("LATE", False, "notification", False),
        ("FIXED", False, "notification", True),
        ("DONE", True, "licensed", False),
        ("VOLUME", True, "licensed", False),
    ],
)
def test_it_is_read_with_the_state_of_the_correction(info: Results, name: str, licensed: bool, status: str, fixed: bool) -> None:
    result = info[name]
    (product,) = result["products"]
    assert (result["licensed"], product["status"], product["primary"], result["service"]) == (licensed, status, True, None)
    found = result["windows_product_activation"]
    assert (found["activation_required"], found["kb824345"]["installed"]) == (not licensed, fixed)
    assert [file["name"] for file in found["kb824345"]["files"]] == ["licdll.dll", "winlogon.exe"]
    assert all(file["version"] == ("5.2.3790.81" if fixed else "5.2.3790.0") for file in found["kb824345"]["files"])


def test_reading_fetches_no_installation_id_because_that_would_void_the_one_before(info: Results, lab: Lab) -> None:
    for name in lab.names():
        assert (info[name]["products"][0]["installation_id"], info.calls(name, "GetInstallationID"), info.writes(name)) == (None, 0, 0)


def test_what_is_read_is_as_documented(info: Results) -> None:
    documented = {field: described for field, described in documentation("activation_info").items() if field != "error"}
    never = {"service is null", "machine.licensing_version is null", "products[0].activation_id is null", "products[0].edition is null"}
    for name in info:
        assert set(complaints({key: info[name][key] for key in documented}, documented)) <= never


BY_TELEPHONE: Mapping[str, Any] = {"activation_method": "telephone"}
MISTYPED = "the check digit of group G does not match"


def told(digits: str) -> dict[str, Any]:
    return {**BY_TELEPHONE, "confirmation_id": digits}


@pytest.fixture(scope="module")
def first(lab: Lab, info: Results) -> Results:
    """Activated online, with a new key too, or not; and by telephone an installation ID is fetched."""
    del info
    wishes = {"ONLINE": {}, "NEWKEY": {"product_key": KEY}, "CLOSED": {}, **dict.fromkeys(("PHONE", "LATE", "FIXED"), BY_TELEPHONE)}
    forecast = lab.each("mak_client", {name: wishes[name] for name in ("ONLINE", "NEWKEY")}, keywords={"check_mode": True})
    for name in forecast:
        assert (forecast[name]["activations_used"], forecast.writes(name)) == (1, 0)
    return lab.each("mak_client", wishes, keywords={"diff": True}, expected_warnings=(DEFECT,))


@pytest.fixture(scope="module")
def second(lab: Lab, first: Results) -> Results:
    """The same again on machines that are activated; another installation ID, what was told on the telephone, and that with a slip."""
    slip = spoken(lab, first)
    wishes = {
        "ONLINE": {},
        "PHONE": BY_TELEPHONE,
        "LATE": told(lab.client.phone(fetched(first, "LATE"))),
        "FIXED": told(f"{slip[:-1]}{(int(slip[-1]) + 1) % 7}"),
    }
    return lab.each("mak_client", wishes, expected_warnings=(DEFECT, MISTYPED))


@pytest.fixture(scope="module")
def corrected(lab: Lab, second: Results) -> Mapping[str, Any]:
    """What is read of the machine that got the correction."""
    del second
    lab.client.install_update("LATE", "KB824345")
    found: Mapping[str, Any] = lab.all("activation_info", ["LATE"])["LATE"]["windows_product_activation"]
    return found


@pytest.fixture(scope="module")
def third(lab: Lab, first: Results, corrected: Mapping[str, Any]) -> Results:
    """What was told to the installation ID before the last, without the slip, and a new installation ID."""
    del corrected
    wishes = {"PHONE": told(lab.client.phone(fetched(first, "PHONE"))), "LATE": BY_TELEPHONE, "FIXED": told(spoken(lab, first))}
    return lab.each("mak_client", wishes)


@pytest.fixture(scope="module")
def last(lab: Lab, second: Results, third: Results) -> Results:
    wishes = {"PHONE": told(lab.client.phone(fetched(second, "PHONE"))), "LATE": told(lab.client.phone(fetched(third, "LATE")))}
    return lab.each("mak_client", wishes)


def fetched(results: Results, name: str) -> str:
    """The installation ID of a run that fetched one."""
    result = results[name]
    assert (result["activation"]["outcome"], [step["action"] for step in result["steps"]]) == ("needs_confirmation_id", [FETCH])
    found: str = result["products"][0]["installation_id"]
    assert "".join(result["products"][0]["installation_id_groups"]) == found
    return found


def spoken(lab: Lab, results: Results) -> str:
    """What the telephone says to the machine with the correction, with hyphens."""
    answer = lab.client.phone(fetched(results, "FIXED"))
    return " - ".join(answer[start : start + 6] for start in range(0, 42, 6))


def test_it_is_activated_online_once_and_with_a_new_key_before(lab: Lab, first: Results, second: Results) -> None:
    for name in ("ONLINE", "NEWKEY"):
        assert (first[name]["activation"]["outcome"], first[name]["activations_used"]) == ("activated", 1)
        assert task_complaints("mak_client", first[name]) == []
    assert [step["action"] for step in first["NEWKEY"]["steps"]] == ["install_product_key", ACTIVATE]
    assert lab.client.machine("NEWKEY")["activation"]["activation_required"] is False
    assert (second["ONLINE"]["changed"], second.writes("ONLINE")) == (False, 0)


def test_a_machine_without_a_way_to_microsoft_is_explained_and_not_changed(first: Results) -> None:
    closed = first["CLOSED"]
    assert (closed["status"], closed["activations_used"]) == ("failed", 0)
    assert "Windows Server 2003 did not perform the operation" in closed["error"]["meaning"]
    assert closed["error"]["next_steps"]


def test_the_confirmation_id_belongs_to_the_installation_id_fetched_last(
    lab: Lab, first: Results, second: Results, third: Results, last: Results
) -> None:
    assert fetched(first, "PHONE") != fetched(second, "PHONE")
    late = third["PHONE"]
    assert (late["status"], "the last installation ID" in late["error"]["cause"]) == ("failed", True)
    assert "Do not get another installation ID in between" in late["error"]["next_steps"][0]
    assert (last["PHONE"]["activation"]["outcome"], last["PHONE"]["activations_used"]) == ("activated", 0)
    assert lab.client.machine("PHONE")["activation"]["activation_required"] is False


def test_after_the_grace_period_a_right_confirmation_id_is_called_invalid_until_the_correction_is_there(
    first: Results, second: Results, corrected: Mapping[str, Any], third: Results, last: Results
) -> None:
    assert all(any(DEFECT in warning for warning in results["LATE"]["warnings"]) for results in (first, second))
    refused = second["LATE"]
    assert (refused["status"], "confirmation ID is not valid" in refused["msg"]) == ("failed", True)
    assert "Install KB824345 (licdll.dll and winlogon.exe 5.2.3790.81)" in refused["error"]["next_steps"][0]
    assert "online" in refused["error"]["next_steps"][1]
    assert (corrected["kb824345"]["installed"], corrected["grace_days"]) == (True, 30)
    assert fetched(third, "LATE")
    assert last["LATE"]["activation"]["outcome"] == "activated"


def test_with_the_correction_a_machine_past_its_days_takes_the_confirmation_id_with_hyphens(second: Results, third: Results) -> None:
    assert any(MISTYPED in warning for warning in second["FIXED"]["warnings"])
    assert "group G" in second["FIXED"]["error"]["cause"]
    assert third["FIXED"]["activation"]["outcome"] == "activated"


def test_what_is_activated_or_needs_none_is_left_alone(lab: Lab) -> None:
    warned = ("accepts a key only while activation is required",)
    ways: tuple[dict[str, Any], ...] = ({}, BY_TELEPHONE, {"activate": False})
    wishes = [("mak_client", {"product_key": KEY, **way}) for way in ways]
    whole, done = lab.one_by_one(["DONE", "VOLUME"], wishes, expected_warnings=warned)
    for name in ("DONE", "VOLUME"):
        assert [(each[name]["status"], each[name]["changed"]) for each in done] == [("ok", False)] * len(ways)
        assert all(any(warned[0] in warning for warning in each[name]["warnings"]) for each in done)
        assert whole.writes(name) == 0


MEANINGLESS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("kms_client", {"discovery": True}),
    ("kms_host", {"state": "absent"}),
    ("product_key", {"state": "absent"}),
    ("product_key", {"product_key": KEY}),
    ("mak_client", {"clear_kms_settings": True}),
    ("mak_client", {"application": "office"}),
    ("mak_client", {"edition_id": "ServerStandard"}),
)


def test_what_means_nothing_there_is_refused_by_name(lab: Lab) -> None:
    whole, refused = lab.one_by_one(["DONE"], MEANINGLESS)
    assert len(refused) == len(MEANINGLESS)
    for each in refused:
        result = each["DONE"]
        assert (result["status"], result["error"]["code"]) == ("failed", "not_supported_by_windows")
        assert "Server 2003" in result["msg"]
        assert result["error"]["next_steps"]
    assert whole.writes("DONE") == 0


def test_no_output_of_all_these_runs_holds_a_full_key(lab: Lab) -> None:
    lab.all("mak_client", ["DONE"], {"verbosity": 4, "expected_warnings": ("accepts a key only",)}, product_key=KEY)
    for path in (*lab.folder.glob("output*.txt"), *lab.folder.glob("record*.json")):
        assert_no_keys(path.read_text("utf-8", "replace"))
