# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The KMS host that the registry sets for all of Windows: seen, named, and removed when a task says so. reg.exe writes it and looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from . import winrs
from .harness import Lab, Results

ESTATE = "application_settings.yml"
KMS01, OTHER = "kms01.level.example", "gpo.level.example"
WINDOWS_ID = "55c92734-d682-4d71-983e-d6ec3f16059f"
KEY = rf"{winrs.SPP_KEY}\{WINDOWS_ID}"
NAME, PORT = "KeyManagementServiceName", "KeyManagementServicePort"
BY_HAND: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "CLEARED": ((NAME, "REG_SZ", OTHER), (PORT, "REG_SZ", "1690")),
    "CLEARED-W7": ((NAME, "REG_SZ", OTHER),),
    "CLEARED-ODD": ((NAME, "REG_SZ", OTHER), (PORT, "REG_DWORD", "1690")),
    "WARNED": ((NAME, "REG_SZ", OTHER),),
    "SAME": ((NAME, "REG_SZ", "KMS01.level.example"),),
    "STEADY": ((NAME, "REG_SZ", KMS01),),
}
CLEAR: Mapping[str, Any] = {"kms_host": KMS01, "clear_application_settings": True, "activate": False}
WISHES: Mapping[str, Mapping[str, Any]] = {
    "CLEARED": CLEAR,
    "CLEARED-W7": CLEAR,
    "CLEARED-ODD": CLEAR,
    "WARNED": {"kms_host": KMS01, "activate": False},
    "SAME": {"kms_host": KMS01, "activate": False},
    "WITHOUT": CLEAR,
    "STEADY": {"kms_host": KMS01},
}
REMOVED = {
    "CLEARED": ["clear_application_kms_host", "clear_application_kms_port"],
    "CLEARED-W7": ["clear_application_kms_host"],
    "CLEARED-ODD": ["clear_application_kms_host", "clear_application_kms_port"],
}


@dataclass(frozen=True)
class Story:
    """A check of what was written by hand; check mode, the run, a second run; what is left in the registry, and another check."""

    checked: Results
    info: Results
    forecast: Results
    done: Results
    again: Results
    registry: Mapping[str, Mapping[str, str]]
    checked_again: Results


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    for name, values in BY_HAND.items():
        for value, kind, data in values:
            winrs.command(lab.host_variables(name), "reg", "add", f'"{KEY}"', "/v", value, "/t", kind, "/d", data, "/f")
    check = {"probe": False, "fail_on": []}
    checked = lab.all("activation_check", BY_HAND, **check)
    info = lab.all("activation_info", BY_HAND, application_settings=True)
    overrides = ("overrides the setting of the machine",)
    forecast = lab.each("kms_client", WISHES, keywords={"check_mode": True, "diff": True}, expected_warnings=overrides)
    done, again = lab.each("kms_client", WISHES, expected_warnings=overrides), lab.each("kms_client", WISHES)
    registry = {name: winrs.registry(lab.host_variables(name), KEY) for name in BY_HAND}
    return Story(checked, info, forecast, done, again, registry, lab.all("activation_check", BY_HAND, **check))


def found(checked: Results, name: str) -> list[Mapping[str, Any]]:
    return [finding for finding in checked[name]["findings"] if finding["id"] == "kms_host_of_application"]


@pytest.mark.parametrize("name", ["CLEARED", "CLEARED-W7", "CLEARED-ODD", "WARNED", "SAME"])
def test_the_check_names_the_host_and_the_place(story: Story, name: str) -> None:
    (finding,) = found(story.checked, name)
    assert finding["severity"] == "warning"
    assert WINDOWS_ID in finding["message"]
    assert BY_HAND[name][0][2] in finding["message"]


@pytest.mark.parametrize(("name", "host", "port"), [("CLEARED", OTHER, 1690), ("CLEARED-ODD", OTHER, 1688), ("WARNED", OTHER, 1688)])
def test_reading_shows_the_host_that_is_in_force_and_its_level(story: Story, name: str, host: str, port: int) -> None:
    kms = story.info[name]["products"][0]["kms"]
    assert (kms["kms_host"], kms["kms_port"], kms["scope"]) == (host, port, "application")
    assert (kms["application_kms_host"], kms["application_kms_port"]) == (host, port)


@pytest.mark.parametrize("name", REMOVED)
def test_the_registry_values_go_after_the_settings_of_the_machine_are_there(story: Story, name: str) -> None:
    done = story.done[name]
    assert [step["action"] for step in done["steps"]] == ["set_kms_host", *REMOVED[name], "restart_service"]
    assert all(step["done"] for step in done["steps"])
    assert story.registry[name] == {}
    assert OTHER in done["steps"][1]["description"]
    assert (done["before"]["application_kms_host"], done["after"]["application_kms_host"]) == (OTHER, None)
    assert done["after"]["kms_host"] == KMS01
    assert found(story.checked_again, name) == []


@pytest.mark.parametrize("name", WISHES)
def test_check_mode_predicts_and_the_second_run_changes_nothing(story: Story, name: str) -> None:
    forecast, done = story.forecast[name], story.done[name]
    assert story.forecast.writes(name) == 0
    assert (forecast["changed"], forecast["before"], forecast["after"]) == (done["changed"], done["before"], done["after"])
    assert (story.again[name]["changed"], story.again[name]["steps"], story.again.writes(name)) == (False, [], 0)


def test_a_task_that_does_not_clear_it_warns_and_leaves_it(story: Story) -> None:
    assert [step["action"] for step in story.done["WARNED"]["steps"]] == ["set_kms_host"]
    (warning,) = story.done["WARNED"]["warnings"]
    assert OTHER in warning
    assert "clear_application_settings: true" in warning
    assert story.registry["WARNED"] == {NAME: OTHER}
    assert story.done["WARNED"]["after"]["application_kms_host"] == OTHER


def test_the_same_host_at_both_levels_is_no_problem(story: Story) -> None:
    assert "warnings" not in story.done["SAME"]
    assert found(story.checked_again, "SAME") == []


def test_a_machine_in_the_desired_state_is_not_asked_for_it_unless_the_task_clears_it(story: Story) -> None:
    assert story.again.requests("STEADY") == 3
    assert story.again.requests("WITHOUT") == 4


def test_a_client_is_activated_with_the_host_that_is_in_force_and_the_failure_names_it(lab: Lab) -> None:
    """Before and after the values are removed; the KMS host of the machine is right both times."""
    settings = {"expected_warnings": ("overrides the setting of the machine",)}
    stuck = lab.all("kms_client", ["STUCK"], settings, kms_host=KMS01)["STUCK"]
    assert stuck["status"] == "failed"
    assert stuck["activation"]["kms_host"] == OTHER
    assert stuck["products"][0]["kms"]["scope"] == "application"
    freed = lab.all("kms_client", ["STUCK"], kms_host=KMS01, clear_application_settings=True)["STUCK"]
    assert [step["action"] for step in freed["steps"]] == ["clear_application_kms_host", "restart_service", "activate"]
    assert (freed["activation"]["outcome"], freed["activation"]["kms_host"]) == ("activated", KMS01)
