# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a KMS client, one at a time: set, cleared, left alone, and seen by slmgr and reg."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from . import winrs
from .harness import Lab, Results

ESTATE = "settings.yml"
KMS01, KMS02 = "kms01.settings.example", "kms02.settings.example"
WISHES: Mapping[str, Mapping[str, Any]] = {
    "DOMAIN-SET": {"lookup_domain": "branch.example"},
    "DOMAIN-CLEAR": {"lookup_domain": ""},
    "CACHE-OFF": {"host_caching": False},
    "CACHE-ON": {"host_caching": True},
    "TYPE-KMS": {"activation_type": "kms"},
    "TYPE-ALL": {"activation_type": "all"},
    "PORT-STALE": {"kms_host": KMS01},
    "PORT-NEW": {"kms_host": KMS02, "kms_port": 1789},
    "PORT-OLD-W7": {"kms_host": KMS01},
    "IPV6": {"kms_host": "[2001:DB8:0:0::25]", "kms_port": 1690, "activate": False},
    "SPELLING": {"kms_host": KMS01},
    "UNPIN": {"discovery": True},
    "BYADDRESS": {},  # the address of KMS01, which the estate says
}
UNCHANGED = ("SPELLING",)
ACTIVATES = ("DOMAIN-SET", "DOMAIN-CLEAR", "PORT-STALE", "PORT-NEW", "PORT-OLD-W7", "UNPIN", "BYADDRESS")
SETTING = {
    "DOMAIN-SET": ["set_lookup_domain"],
    "DOMAIN-CLEAR": ["clear_lookup_domain"],
    "CACHE-OFF": ["set_host_caching"],
    "CACHE-ON": ["set_host_caching"],
    "TYPE-KMS": ["set_activation_type"],
    "TYPE-ALL": ["set_activation_type"],
    "PORT-STALE": ["set_kms_host", "clear_kms_port"],
    "PORT-NEW": ["set_kms_port"],
    "PORT-OLD-W7": ["set_kms_host", "clear_kms_port"],
    "IPV6": ["set_kms_host", "set_kms_port"],
    "UNPIN": ["clear_kms_host", "clear_kms_port"],
    "BYADDRESS": ["set_kms_host"],
}


@dataclass(frozen=True)
class Story:
    """Check mode, the run, a second run; what slmgr and reg say then."""

    forecast: Results
    done: Results
    again: Results
    slmgr: Mapping[str, str]
    registry: Mapping[str, Mapping[str, str]]


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    """Every machine gets the one setting it is named after."""
    wishes = {**WISHES, "BYADDRESS": {"kms_host": lab.address("KMS01")}}
    forecast, done, again = lab.thrice("kms_client", wishes)
    slmgr = {name: winrs.slmgr(lab.host_variables(name), "/dlv") for name in WISHES}
    return Story(forecast, done, again, slmgr, {name: winrs.registry(lab.host_variables(name)) for name in WISHES})


@pytest.mark.parametrize("name", SETTING)
def test_only_what_was_asked_for_is_written(story: Story, name: str) -> None:
    assert (story.done[name]["status"], story.done[name]["changed"]) == ("ok", True)
    expected = SETTING[name] + (["activate"] if name in ACTIVATES else [])
    assert [step["action"] for step in story.done[name]["steps"]] == expected
    assert all(step["done"] for step in story.done[name]["steps"])
    assert story.done.writes(name) == len(expected) + (1 if name in ACTIVATES else 0)  # the activation is refreshed once


@pytest.mark.parametrize("name", WISHES)
def test_check_mode_predicts_and_sends_no_write(story: Story, name: str) -> None:
    forecast, done = story.forecast[name], story.done[name]
    assert story.forecast.writes(name) == 0
    assert (forecast["changed"], forecast["before"], forecast["after"]) == (done["changed"], done["before"], done["after"])
    assert [step["description"] for step in forecast["steps"]] == [step["description"] for step in done["steps"]]


@pytest.mark.parametrize("name", WISHES)
def test_a_second_run_changes_nothing_and_sends_no_write(story: Story, name: str) -> None:
    assert (story.again[name]["changed"], story.again[name]["steps"], story.again.writes(name)) == (False, [], 0)
    assert story.again.requests(name) <= 3


@pytest.mark.parametrize("name", ["CACHE-OFF", "CACHE-ON", "TYPE-KMS", "TYPE-ALL", "SPELLING"])
def test_a_licensed_client_is_not_activated_again_when_its_kms_host_stays(story: Story, name: str) -> None:
    assert story.done[name]["activation"]["outcome"] == "already_licensed"
    assert story.done.calls(name, "Activate") == 0


@pytest.mark.parametrize("name", ACTIVATES)
def test_a_client_whose_kms_host_changes_asks_the_new_one_once(story: Story, name: str) -> None:
    assert (story.done[name]["activation"]["outcome"], story.done[name]["activation"]["attempts"]) == ("activated", 1)
    assert story.done.calls(name, "Activate") == 1


def test_a_lookup_domain_leads_to_the_host_that_dns_names_there(story: Story) -> None:
    assert story.registry["DOMAIN-SET"]["KeyManagementServiceLookupDomain"] == "branch.example"
    fields = winrs.slmgr_fields(story.slmgr["DOMAIN-SET"])
    assert fields["Registered KMS SRV record lookup domain"] == "branch.example"
    assert fields["KMS machine name from DNS"].lower() == f"{KMS02}:1789"
    kms = story.done["DOMAIN-SET"]["products"][0]["kms"]
    assert (kms["source"], kms["lookup_domain"]) == ("lookup_domain", "branch.example")


def test_an_empty_lookup_domain_clears_it(story: Story) -> None:
    assert "KeyManagementServiceLookupDomain" not in story.registry["DOMAIN-CLEAR"]
    assert "lookup domain" not in story.slmgr["DOMAIN-CLEAR"]
    assert story.done["DOMAIN-CLEAR"]["products"][0]["kms"]["source"] == "discovered"


def test_host_caching_is_turned_off_and_on_also_on_windows_7(story: Story) -> None:
    assert "KMS host caching is disabled" in story.slmgr["CACHE-OFF"]
    assert "KMS host caching is enabled" in story.slmgr["CACHE-ON"]


def test_the_activation_type_is_set_and_cleared(story: Story) -> None:
    assert "Configured Activation Type: KMS" in story.slmgr["TYPE-KMS"]
    assert "Configured Activation Type: All" in story.slmgr["TYPE-ALL"]
    assert (story.done["TYPE-ALL"]["before"]["activation_type"], story.done["TYPE-ALL"]["after"]["activation_type"]) == ("ad", "all")


@pytest.mark.parametrize("name", ["PORT-STALE", "PORT-OLD-W7"])
def test_a_stale_port_is_cleared_when_a_new_host_has_none(story: Story, name: str) -> None:
    assert (story.done[name]["before"]["kms_port"], story.done[name]["after"]["kms_port"]) == (1900, 1688)
    assert story.registry[name]["KeyManagementServiceName"] == KMS01
    assert story.registry[name].get("KeyManagementServicePort", "0") in ("0", "1688")
    assert winrs.slmgr_fields(story.slmgr[name])["Registered KMS machine name"] == f"{KMS01}:1688"


def test_a_port_alone_changes_without_the_host_being_written(story: Story) -> None:
    assert story.done.calls("PORT-NEW", "SetKeyManagementServiceMachine") == 0
    assert story.registry["PORT-NEW"]["KeyManagementServicePort"] == "1789"


def test_an_ipv6_literal_is_taken_in_any_spelling_and_stored_in_brackets(story: Story) -> None:
    assert story.registry["IPV6"]["KeyManagementServiceName"] == "[2001:db8::25]"
    assert story.registry["IPV6"]["KeyManagementServicePort"] == "1690"
    assert story.done["IPV6"]["after"]["kms_host"] == "2001:db8::25"
    assert (story.done["IPV6"]["activation"]["outcome"], story.done.calls("IPV6", "Activate")) == ("not_requested", 0)


def test_another_spelling_of_the_same_host_is_no_change(story: Story) -> None:
    assert (story.done["SPELLING"]["changed"], story.done.writes("SPELLING")) == (False, 0)
    assert story.registry["SPELLING"]["KeyManagementServiceName"] == "KMS01.Settings.Example."


def test_discovery_clears_host_and_port_and_finds_the_host_by_its_srv_record(story: Story) -> None:
    assert "KeyManagementServiceName" not in story.registry["UNPIN"]
    fields = winrs.slmgr_fields(story.slmgr["UNPIN"])
    assert "Registered KMS machine name" not in fields
    assert fields["KMS machine name from DNS"].lower() == f"{KMS01}:1688"
    assert story.done["UNPIN"]["products"][0]["kms"]["source"] == "discovered"


def test_a_lookup_domain_beside_a_fixed_host_is_warned_of(lab: Lab, story: Story) -> None:  # noqa: ARG001 - after the story
    wanted = {"kms_host": lab.address("KMS01"), "lookup_domain": "branch.example", "activate": False}
    done = lab.all("kms_client", ["BYADDRESS"], {"expected_warnings": ("lookup_domain has no effect",)}, **wanted)
    assert done["BYADDRESS"]["changed"] is True
