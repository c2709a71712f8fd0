# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine with a MAK of Windows, two years of ESU, Office 2010, LTSC 2021 with Visio, a leftover key, and Microsoft 365: one play sets
it right, the second one writes nothing, and Microsoft's own scripts show it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from . import winrs
from .harness import Lab, Results

ESTATE = "every_license.yml"
HOSTS = ["LONDON", "TOKYO"]
KEY = "MMMMM-KKKKK-MMMMM-HHH22-"
YEAR_1, YEAR_2 = "f520e45e-7413-4a34-a497-d2765967d094", "1043add5-23b1-4afb-9a0f-64343c8f3f8d"
TASKS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("mak_client", {"product_key": f"{KEY}WW222"}),
    ("mak_client", {"esu": "windows_10_year_1", "product_key": f"{KEY}YY222"}),
    ("mak_client", {"esu": "windows_10_year_2", "product_key": f"{KEY}YY333"}),
    ("kms_client", {"application": "office", "products": ["Office Professional Plus 2010"], "kms_host": "kms14.corp.lab"}),
    (
        "kms_client",
        {
            "application": "office",
            "products": ["Office LTSC Professional Plus 2021", "Visio LTSC Professional 2021"],
            "kms_host": "kms21.corp.lab",
            "remove_leftover_keys": True,
            "lose_activation": True,
        },
    ),
)
ENDED = "ended on 2026-10-13"
RESTART = "Restart the Office programs"
LEFTOVER = "Office has leftover keys, which stay installed: the MAK ending in QQ666"
LICENSED = {"LONDON": "Licensed", "TOKYO": "ライセンスされています"}


@dataclass(frozen=True)
class Story:
    """The state before, the play, and the play again."""

    before: Mapping[str, Mapping[str, Mapping[str, str]]]
    run: Results
    tasks: list[Results]
    again: Results
    again_tasks: list[Results]


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    before = {name: winrs.ospp_products(winrs.ospp(lab.host_variables(name), 16, "/dstatus")) for name in HOSTS}
    run, tasks = lab.one_by_one(HOSTS, TASKS, expected_warnings=(ENDED, LEFTOVER, RESTART))
    again, again_tasks = lab.one_by_one(HOSTS, TASKS, expected_warnings=(ENDED,))
    return Story(before, run, tasks, again, again_tasks)


@pytest.mark.quick
@pytest.mark.parametrize("name", HOSTS)
def test_one_play_sets_every_license_right(story: Story, name: str) -> None:
    assert [task[name]["status"] for task in story.tasks] == ["ok"] * len(TASKS), [task[name]["msg"] for task in story.tasks]
    assert [task[name]["changed"] for task in story.tasks] == [True] * len(TASKS)
    assert [task[name].get("activations_used") for task in story.tasks[:3]] == [1, 1, 1]


@pytest.mark.parametrize("name", HOSTS)
def test_the_second_run_writes_nothing(story: Story, name: str) -> None:
    assert [task[name]["changed"] for task in story.again_tasks] == [False] * len(TASKS)
    assert story.again.writes(name) == 0


@pytest.mark.parametrize("name", HOSTS)
def test_ospp_of_the_newest_office_shows_it(story: Story, lab: Lab, name: str) -> None:
    assert story.before[name]["Office16ProPlusVL_MAK"]["LICENSE STATUS"] == "---LICENSED---"
    shown = winrs.ospp_products(winrs.ospp(lab.host_variables(name), 16, "/dstatus"))
    assert {name_of: product["LICENSE STATUS"].strip("-") for name_of, product in shown.items()} == {
        "Office21ProPlus2021VL_KMS_Client_AE": "LICENSED",
        "Office21VisioPro2021VL_KMS_Client_AE": "LICENSED",
        "Office16O365ProPlusR_Subscription1": "LICENSED",
        "Office16O365ProPlusR_Grace": "NOTIFICATIONS",
    }
    for name_of in ("Office21ProPlus2021VL_KMS_Client_AE", "Office21VisioPro2021VL_KMS_Client_AE"):
        assert shown[name_of]["KMS machine registry override defined"] == "kms21.corp.lab:1688"
    assert shown["Office16O365ProPlusR_Subscription1"] == story.before[name]["Office16O365ProPlusR_Subscription1"]


@pytest.mark.parametrize("name", HOSTS)
def test_ospp_of_office_2010_shows_it(story: Story, lab: Lab, name: str) -> None:
    assert story.run[name]["status"] == "ok"
    (product,) = winrs.ospp_products(winrs.ospp(lab.host_variables(name), 14, "/dstatus")).values()
    assert product["LICENSE NAME"] == "Office 14, OfficeProPlus-KMS_Client edition"
    assert product["LICENSE STATUS"] == "---LICENSED---"
    assert product["KMS machine registry override defined"] == "kms14.corp.lab:1688"


@pytest.mark.parametrize("name", HOSTS)
def test_slmgr_shows_windows_and_both_years(story: Story, lab: Lab, name: str) -> None:
    assert story.run[name]["status"] == "ok"
    parts = re.split(r"\r?\n\r?\n", winrs.slmgr(lab.host_variables(name), "/dlv", "all"))
    for activation_id, partial_key in ((YEAR_1, "YY222"), (YEAR_2, "YY333")):
        (part,) = (each for each in parts if activation_id in each)
        assert partial_key in part
        assert LICENSED[name] in part
    (windows,) = (each for each in parts if "WW222" in each)
    assert LICENSED[name] in windows
    assert "VOLUME_MAK" in windows
    assert not [each for each in parts if "QQ666" in each]


def test_the_settings_of_windows_were_not_touched(story: Story, lab: Lab) -> None:
    assert story.run["LONDON"]["status"] == "ok"
    for name in HOSTS:
        service = lab.client.machine(name)["service"]
        assert (service["KeyManagementServiceMachine"], service["KeyManagementServiceHostCaching"]) == ("", True)


def test_microsoft_365_is_reported_and_left_alone(story: Story, lab: Lab) -> None:
    assert story.again["TOKYO"]["status"] == "ok"
    found = lab.all("activation_info", HOSTS, application="all")
    for name in HOSTS:
        managed = {product["name"]: product["managed_by"] for product in found[name]["products"] if product["managed_by"]}
        assert set(managed.values()) == {"subscription"}
        assert len(managed) == 2
        (installed,) = (each for each in found[name]["office_installations"] if each["managed_by"] == "subscription")
        assert (installed["release_id"], installed["shared_computer_licensing"]) == ("O365ProPlusRetail", True)
        assert [(year["programme"], year["licensed"]) for year in found[name]["esu"]] == [
            ("windows_10_year_1", True),
            ("windows_10_year_2", True),
        ]


def test_the_check_has_no_error_left(story: Story, lab: Lab) -> None:
    assert story.again["TOKYO"]["status"] == "ok"
    found = lab.all("activation_check", HOSTS, application="all", esu="windows_10_year_2", probe=False, clock_tolerance=0)
    for name in HOSTS:
        assert {finding["id"]: finding["severity"] for finding in found[name]["findings"]} == {"managed_by_subscription": "info"}
