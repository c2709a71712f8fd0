# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows Server 2003: read and activated by the same modules, with its own rules, and what means nothing there refused by name."""

from __future__ import annotations

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
    never = {"service is null", "host.licensing_version is null", "products[0].activation_id is null", "products[0].edition is null"}
    for name in info:
        assert set(complaints({key: info[name][key] for key in documented}, documented)) <= never


def test_it_is_activated_online_once_and_with_a_new_key_before(lab: Lab) -> None:
    wishes: dict[str, dict[str, Any]] = {"ONLINE": {}, "NEWKEY": {"product_key": KEY}}
    forecast = lab.each("mak_client", wishes, keywords={"check_mode": True})
    done = lab.each("mak_client", wishes, keywords={"diff": True})
    for name in wishes:
        assert (forecast[name]["activations_spent"], forecast.writes(name)) == (1, 0)
        assert (done[name]["activation"]["outcome"], done[name]["activations_spent"]) == ("activated", 1)
        assert task_complaints("mak_client", done[name]) == []
    assert [step["action"] for step in done["NEWKEY"]["steps"]] == ["install_product_key", ACTIVATE]
    assert lab.client.machine("NEWKEY")["activation"]["activation_required"] is False
    again = lab.each("mak_client", {"ONLINE": {}})
    assert (again["ONLINE"]["changed"], again.writes("ONLINE")) == (False, 0)


def test_a_machine_without_a_way_to_microsoft_is_explained_and_not_changed(lab: Lab) -> None:
    told = lab.each("mak_client", {"CLOSED": {}})["CLOSED"]
    assert (told["status"], told["activations_spent"]) == ("failed", 0)
    assert "Windows Server 2003 did not do it" in told["error"]["meaning"]
    assert told["error"]["next_steps"]


def fetched(lab: Lab, name: str, **settings: Any) -> str:
    result = lab.all("mak_client", [name], settings, method="offline")[name]
    assert (result["activation"]["outcome"], [step["action"] for step in result["steps"]]) == ("needs_confirmation_id", [FETCH])
    found: str = result["product"]["installation_id"]
    assert "".join(result["product"]["installation_id_groups"]) == found
    return found


def test_the_confirmation_id_belongs_to_the_installation_id_fetched_last(lab: Lab) -> None:
    first, second = fetched(lab, "PHONE"), fetched(lab, "PHONE")
    assert first != second
    late = lab.all("mak_client", ["PHONE"], method="offline", confirmation_id=lab.client.phone(first))["PHONE"]
    assert (late["status"], "fetched last" in late["error"]["cause"]) == ("failed", True)
    assert "fetch no other installation ID in between" in late["error"]["next_steps"][0]
    done = lab.all("mak_client", ["PHONE"], method="offline", confirmation_id=lab.client.phone(second))["PHONE"]
    assert (done["activation"]["outcome"], done["activations_spent"]) == ("activated", 0)
    assert lab.client.machine("PHONE")["activation"]["activation_required"] is False


def test_after_the_grace_period_a_right_confirmation_id_is_called_invalid_until_the_correction_is_there(lab: Lab) -> None:
    warned = {"expected_warnings": (DEFECT,)}
    answer = lab.client.phone(fetched(lab, "LATE", **warned))
    refused = lab.all("mak_client", ["LATE"], warned, method="offline", confirmation_id=answer)["LATE"]
    assert (refused["status"], "confirmation ID is not valid" in refused["msg"]) == ("failed", True)
    assert "Install KB824345 (licdll.dll and winlogon.exe 5.2.3790.81)" in refused["error"]["next_steps"][0]
    assert "online" in refused["error"]["next_steps"][1]
    lab.client.install_update("LATE", "KB824345")
    told = lab.all("activation_info", ["LATE"])["LATE"]["windows_product_activation"]
    assert (told["kb824345"]["installed"], told["grace_days"]) == (True, 30)
    answer = lab.client.phone(fetched(lab, "LATE"))
    assert lab.all("mak_client", ["LATE"], method="offline", confirmation_id=answer)["LATE"]["activation"]["outcome"] == "activated"


def test_with_the_correction_a_machine_past_its_days_takes_the_confirmation_id_with_hyphens(lab: Lab) -> None:
    answer = lab.client.phone(fetched(lab, "FIXED"))
    spoken = " - ".join(answer[start : start + 6] for start in range(0, 42, 6))
    wrong = f"{spoken[:-1]}{(int(spoken[-1]) + 1) % 7}"
    mistyped = ("the check digit of group G does not fit",)
    refused = lab.all("mak_client", ["FIXED"], {"expected_warnings": mistyped}, method="offline", confirmation_id=wrong)["FIXED"]
    assert "group G" in refused["error"]["cause"]
    assert lab.all("mak_client", ["FIXED"], method="offline", confirmation_id=spoken)["FIXED"]["activation"]["outcome"] == "activated"


def test_what_is_activated_or_needs_none_is_left_alone(lab: Lab) -> None:
    warned = ("takes a key only while activation is due",)
    methods = ("online", "offline", "none")
    wishes = [("mak_client", {"product_key": KEY, "method": method}) for method in methods]
    whole, done = lab.one_by_one(["DONE", "VOLUME"], wishes, expected_warnings=warned)
    for name in ("DONE", "VOLUME"):
        assert [(each[name]["status"], each[name]["changed"]) for each in done] == [("ok", False)] * len(methods)
        assert all(any(warned[0] in warning for warning in each[name]["warnings"]) for each in done)
        assert whole.writes(name) == 0


MEANINGLESS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("kms_client", {"discovery": True}),
    ("kms_host", {"state": "absent"}),
    ("product_key", {"state": "absent"}),
    ("product_key", {"product_key": KEY}),
    ("mak_client", {"clear_kms_settings": True}),
    ("mak_client", {"application": "office"}),
    ("mak_client", {"edition": "ServerStandard"}),
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
    lab.all("mak_client", ["DONE"], {"verbosity": 4, "expected_warnings": ("takes a key only",)}, product_key=KEY)
    for path in (*lab.folder.glob("output*.txt"), *lab.folder.glob("record*.json")):
        assert_no_keys(path.read_text("utf-8", "replace"))
