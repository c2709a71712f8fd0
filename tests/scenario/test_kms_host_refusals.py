# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What kms_host does not do to a machine: it says what stands in the way and what to do, and sends no write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from . import winrs
from .harness import Lab, Results, gvlk_ending

ESTATE = "kms_host_refusals.yml"
KEY, NEWER = "CCCCC-VVVVV-KKKKK-88888-33333", "CCCCC-VVVVV-KKKKK-88888-44444"
CLIENT_KEY, OFFICE_KEY = "CCCCC-VVVVV-KKKKK-88888-66666", "CCCCC-VVVVV-KKKKK-88888-77777"
MAK = "MMMMM-KKKKK-MMMMM-88888-99999"
OFFICE_2024 = "f3d89bbf-c0ec-47ce-a8fa-e5a5f97e447f"
OFFICE_2024_CLIENTS = "8d368fc1-9470-4be2-8d66-90e836cbb051"

REFUSALS: Mapping[str, tuple[str, list[dict[str, str]]]] = {
    "TOO-OLD": ("key_not_supported_on_host", [{"product_key": NEWER, "product_name": "Windows Server 2025"}]),
    "NO-UPDATE": ("host_update_missing", [{"product_key": KEY, "product_name": "Windows Server 2022"}]),
    "OTHER-UPDATE": ("host_update_missing", [{"product_key": KEY, "product_name": "Windows Server 2022"}]),
    "AZURE": ("azure_edition", [{"product_key": KEY}]),
    "EVAL": ("evaluation_edition", [{"product_key": KEY}]),
    "HOME": ("edition_cannot_host", [{"product_key": CLIENT_KEY}]),
    "CLIENT-KEY": ("key_not_supported_on_host", [{"product_key": CLIENT_KEY, "product_name": "Windows 10"}]),
    "NO-PACK": ("office_pack_missing", [{"product_key": OFFICE_KEY, "product_name": "Office LTSC 2024"}]),
    "NO-PACK-BY-ID": ("office_pack_missing", [{"product_key": OFFICE_KEY, "activation_id": f"{{{OFFICE_2024.upper()}}}"}]),
    "OFFICE-OLD": ("key_not_supported_on_host", [{"product_key": OFFICE_KEY, "product_name": "Office LTSC 2024"}]),
    "STRANGE-ID": ("activation_id_unknown", [{"product_key": KEY, "activation_id": "11111111-2222-4333-8444-555555555555"}]),
    "R2-KEY": ("key_not_supported_on_host", [{"product_key": KEY, "product_name": "Windows Server 2012 R2 for Windows 10"}]),
    "CLIENT-ID": ("client_activation_id", [{"product_key": OFFICE_KEY, "activation_id": OFFICE_2024_CLIENTS}]),
    "NO-KEY": ("host_key_missing", []),
    "GVLK": ("not_a_host_key", [{"product_key": gvlk_ending("VMK7H")}]),
    "TWO-KEYS": ("several_windows_keys", [{"product_key": KEY}, {"product_key": OFFICE_KEY}]),
    "TWICE": ("duplicate_host_key", [{"product_key": KEY}, {"product_key": KEY.lower()}]),
    "HAS-MAK": ("not_a_host_key", [{"product_key": MAK}]),
    "LICENSED": ("activation_would_be_lost", [{"product_key": KEY, "product_name": "Windows Server 2022"}]),
    "UNCLEAR": ("activation_would_be_lost", [{"product_key": KEY}]),
}

MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"listening_port": 0}, "listening_port: 0 is not a TCP port"),
    ({"activation_interval": 14}, "activation_interval: 14 is not a number of minutes from 15 to 43200"),
    ({"renewal_interval": 43201}, "renewal_interval: 43201 is not a number of minutes"),
    ({"host_keys": [{"product_name": "Windows 10"}]}, "host_keys: item 1: product_key is missing"),
    ({"host_keys": [{"product_key": KEY, "produkt": "x"}]}, "item 1: unknown option produkt; did you mean product_key"),
    (
        {"host_keys": [{"product_key": KEY, "product_name": "Windows Server 2023"}]},
        "'Windows Server 2023' is not a known product_name. Did you mean Windows Server 2",
    ),
    (
        {"host_keys": [{"product_key": KEY, "confirmation_id": "12a456"}]},
        "item 1: confirmation_id: a confirmation ID must contain only digits",
    ),
    ({"host_keys": [{"product_key": KEY[:-1] + "0"}]}, "item 1: product_key: a product key does not contain '0'"),
    ({"host_keys": KEY}, "host_keys: it is not a list"),
    ({"publish_domains": [{"domain": "a.example", "weight": -1}]}, "item 1: weight: -1 is not a number from 0 to 65535"),
    ({"publish_domains": [{"domain": "a b"}]}, "publish_domains: item 1: domain: "),
    ({"publish_domains": ["a.example"]}, "publish_domains: item 1 is not a dictionary with domain, priority, weight"),
    ({"firewall": "ajar"}, "firewall: 'ajar' is not one of open, closed, unmanaged"),
]


@pytest.fixture(scope="module")
def refused(lab: Lab) -> Results:
    """One run in which every machine is asked for what it must not become."""
    return lab.each("kms_host", {name: {"host_keys": keys} for name, (_code, keys) in REFUSALS.items()})


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_fails_with_its_own_word_and_sends_no_write(refused: Results, name: str) -> None:
    result = refused[name]
    assert (result["status"], result["changed"], result["error"]["category"]) == ("failed", False, "precondition")
    assert result["error"]["code"] == REFUSALS[name][0]
    assert (refused.writes(name), refused.costs[name]["shells"]) == (0, 0)


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_says_what_to_do_and_shows_no_key(refused: Results, name: str) -> None:
    result = refused[name]
    assert result["msg"].startswith((name, f"{name}: "))
    assert result["error"]["next_steps"]
    assert all(step in result["msg"] for step in result["error"]["next_steps"])
    assert not any(entry["product_key"].casefold() in str(result).casefold() for entry in REFUSALS[name][1])


def test_a_key_of_which_nobody_said_what_it_is_for_may_be_one_of_office(refused: Results) -> None:
    said = {name: " ".join(refused[name]["error"]["next_steps"]) for name in ("LICENSED", "UNCLEAR")}
    assert all("lose_activation: true" in words for words in said.values())
    assert ["If the key is for Office" in words for words in said.values()] == [False, True]


def test_a_missing_update_is_named_with_the_build_that_has_it(refused: Results) -> None:
    for name, revision in (("NO-UPDATE", 107), ("OTHER-UPDATE", 1998)):
        assert f"has build 17763.{revision}. " in refused[name]["msg"]
        assert "Windows Server 2019 Standard requires build 17763.1999 (KB5003646) or later" in refused[name]["msg"]


def test_the_activation_id_of_clients_is_told_apart_from_that_of_hosts(refused: Results) -> None:
    assert "A page of Microsoft prints it by mistake" in refused["CLIENT-ID"]["msg"]
    assert OFFICE_2024 in refused["CLIENT-ID"]["msg"]


def test_an_evaluation_edition_is_told_the_way_out(refused: Results) -> None:
    assert "DISM /Online /Set-Edition:ServerStandard" in refused["EVAL"]["msg"]


def test_the_pack_an_office_key_needs_is_named(refused: Results) -> None:
    assert "Volume License Pack of Office LTSC 2024" in refused["NO-PACK"]["msg"]
    assert OFFICE_2024 in refused["NO-PACK-BY-ID"]["msg"]


def test_check_mode_refuses_the_same(lab: Lab, refused: Results) -> None:
    names = ("TOO-OLD", "NO-UPDATE", "AZURE", "NO-PACK", "TWO-KEYS")
    forecast = lab.each("kms_host", {name: {"host_keys": REFUSALS[name][1]} for name in names}, keywords={"check_mode": True})
    assert {name: forecast[name]["msg"] for name in names} == {name: refused[name]["msg"] for name in names}


def test_before_server_2016_a_missing_update_is_a_warning_and_a_higher_number_is_no_proof(lab: Lab) -> None:
    run = {"keywords": {"check_mode": True}, "expected_warnings": ("or a later monthly rollup",)}
    forecast = lab.all("kms_host", ["ROLLUP"], run, host_keys=[{"product_key": KEY, "product_name": "Windows Server 2019"}])
    assert (forecast["ROLLUP"]["status"], forecast["ROLLUP"]["activations_used"]) == ("ok", 1)
    (warning,) = (text for text in forecast["ROLLUP"]["warnings"] if "KB4467695" in text)
    assert "or a later monthly rollup" in warning


def test_a_later_cumulative_update_stands_in_for_the_one_that_is_needed(lab: Lab) -> None:
    forecast = lab.all(
        "kms_host",
        ["LATER-UPDATE"],
        {"keywords": {"check_mode": True}},
        host_keys=[{"product_key": KEY, "product_name": "Windows Server 2022"}],
    )
    assert (forecast["LATER-UPDATE"]["status"], forecast["LATER-UPDATE"]["activations_used"]) == ("ok", 1)


def test_a_later_update_is_enough_although_it_has_taken_the_place_of_the_one_that_is_needed(lab: Lab) -> None:
    done = lab.all("kms_host", ["REPLACED"], host_keys=[{"product_key": NEWER, "product_name": "Windows Server 2025"}])
    assert (done["REPLACED"]["status"], done["REPLACED"]["activations"][0]["outcome"]) == ("ok", "activated")


def test_with_force_the_machine_decides_and_its_no_is_explained(lab: Lab) -> None:
    keys = [{"product_key": KEY, "product_name": "Windows Server 2022"}]
    failed = lab.all("kms_host", ["FORCED"], host_keys=keys, check_compatibility=False)["FORCED"]
    assert (failed["status"], failed["changed"], failed["error"]["code"]) == ("failed", False, "0xC004F050")
    assert "Install the update that adds support for this CSVLK" in " ".join(failed["error"]["next_steps"])
    assert failed["error"]["next_steps"][0].startswith("Set product_name of the key")
    assert "kms_client" not in failed["msg"]
    assert not any(step["done"] for step in failed["steps"])


def test_a_key_that_turns_out_a_mak_is_taken_back_and_never_activated(lab: Lab) -> None:
    done = lab.all("kms_host", ["GETS-MAK"], host_keys=[{"product_key": MAK}])
    result = done["GETS-MAK"]
    assert (result["status"], result["changed"]) == ("failed", True)
    assert "is a MAK, which does not make the machine a KMS host. The module did not activate the key." in result["msg"]
    assert (done.calls("GETS-MAK", "Activate"), done.calls("GETS-MAK", "InstallProductKey")) == (0, 2)
    assert "VOLUME_KMSCLIENT" in winrs.slmgr(lab.host_variables("GETS-MAK"), "/dli")


@pytest.fixture(scope="module")
def wrong(lab: Lab) -> Results:
    """One loud run in which every machine gets another mistake."""
    return lab.each("kms_host", {f"opt{number:02}": options for number, (options, _words) in enumerate(MISTAKES, 1)}, verbosity=4)


@pytest.mark.parametrize(("number", "words"), [(number, words) for number, (_options, words) in enumerate(MISTAKES, 1)])
def test_wrong_options_are_refused_before_anything_is_sent(wrong: Results, number: int, words: str) -> None:
    name = f"opt{number:02}"
    assert (wrong[name]["status"], wrong.nothing_sent(name)) == ("failed", True)
    assert wrong[name]["msg"].startswith("kms_host: ")
    assert words in wrong[name]["msg"]


def test_no_wrong_option_shows_a_key_at_any_verbosity(wrong: Results) -> None:
    assert KEY[:-1] not in wrong.output
