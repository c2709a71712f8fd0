# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kms_client turns machines in every start state into KMS clients: forecast, done, done again, and proven by slmgr and reg."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from key_gate import known_keys

from . import winrs
from .documented import task_complaints
from .harness import Lab, Results, gvlk_ending

ESTATE = "convert.yml"
KMS = "kms01.convert.example"
MAK = ("MAK-W10", "MAK-S2019", "MAK-W7", "MAK-S2012R2")
OTHERS = (
    "UNLICENSED-W11", "UNLICENSED-S2008R2", "NOKEY-W10", "NOKEY-S2022", "NOKEY-LTSC", "WRONGKEY-W81", "WRONGKEY-S2016", "DEADHOST-W10",
    "DEADHOST-S2025", "PRODUCTPIN-W11", "PRODUCTPIN-S2022", "RETAIL-W8", "RETAIL-S2012", "NOTIFY-W11JA", "GRACE-S2016", "OEM-W10",
    "ESSENTIALS", "GIVEN-W10",
)  # fmt: skip
MACHINES = MAK + OTHERS
HAD_GVLK = ("UNLICENSED-W11", "UNLICENSED-S2008R2", "DEADHOST-W10", "DEADHOST-S2025", "PRODUCTPIN-W11", "PRODUCTPIN-S2022", "NOTIFY-W11JA",
            "GRACE-S2016")  # fmt: skip
PINNED = ("MAK-W10", "MAK-S2019", "MAK-W7", "UNLICENSED-S2008R2", "NOKEY-S2022", "NOKEY-LTSC", "WRONGKEY-S2016", "DEADHOST-S2025",
          "PRODUCTPIN-S2022", "RETAIL-W8", "NOTIFY-W11JA", "OEM-W10", "GIVEN-W10")  # fmt: skip


@dataclass(frozen=True)
class Story:
    """The four runs, and what the machines' own tools say after them."""

    forecast: Results
    done: Results
    again: Results
    info: Results
    slmgr: Mapping[str, str]
    registry: Mapping[str, Mapping[str, str]]


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    """Convert the whole estate: half of it to a fixed host, half to discovery."""
    for name in ("PRODUCTPIN-W11", "PRODUCTPIN-S2022"):
        (product,) = lab.client.machine(name)["products"]
        winrs.slmgr(lab.host_variables(name), "/skms", "gone.convert.example:1700", product["properties"]["ID"])
    wishes = {name: {"kms_host": KMS} if name in PINNED else {"discovery": True} for name in MACHINES}
    wishes["GIVEN-W10"] = {"kms_host": KMS, "product_key": gvlk_ending("T83GX").lower()}
    forecast, done, again = lab.thrice("kms_client", wishes)
    info = lab.all("activation_info", MACHINES)
    slmgr = {name: winrs.slmgr(lab.host_variables(name), "/dlv") for name in MACHINES}
    registry = {name: winrs.registry(lab.host_variables(name)) for name in PINNED}
    return Story(forecast, done, again, info, slmgr, registry)


def settings_steps(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a task says it does, in order."""
    return [(step["action"], step["description"]) for step in result["steps"]]


@pytest.mark.smoke
@pytest.mark.parametrize("name", MACHINES)
def test_a_conversion_ends_licensed_by_the_kms_host(story: Story, name: str) -> None:
    result = story.done[name]
    assert (result["status"], result["changed"]) == ("ok", True)
    assert (result["activation"]["outcome"], result["activation"]["error"]) == ("activated", None)
    assert (result["products"][0]["channel"], result["products"][0]["status"], result["products"][0]["activated_by"]) == (
        "gvlk",
        "licensed",
        "kms",
    )
    assert all(step["done"] for step in result["steps"])


@pytest.mark.parametrize("name", MACHINES)
def test_check_mode_predicts_and_sends_no_write(story: Story, name: str) -> None:
    forecast = story.forecast[name]
    assert (forecast["changed"], story.forecast.writes(name), story.forecast.costs[name]["shells"]) == (True, 0, 0)
    assert forecast["activation"]["outcome"] == "planned"
    assert not any(step["done"] for step in forecast["steps"])


@pytest.mark.parametrize("name", MACHINES)
def test_the_run_does_exactly_what_check_mode_said(story: Story, name: str) -> None:
    forecast, done = story.forecast[name], story.done[name]
    assert settings_steps(done) == settings_steps(forecast)
    assert (done["before"], done["after"]) == (forecast["before"], forecast["after"])
    assert done["diff"] == forecast["diff"]


@pytest.mark.parametrize("name", MACHINES)
def test_a_second_run_changes_nothing_and_sends_no_write(story: Story, name: str) -> None:
    again = story.again[name]
    assert (again["status"], again["changed"], again["steps"], again["activation"]["outcome"]) == ("ok", False, [], "already_licensed")
    assert (story.again.writes(name), story.again.costs[name]["shells"]) == (0, 0)
    assert story.again.requests(name) <= 3


@pytest.mark.parametrize("name", MACHINES)
def test_no_conversion_opens_a_shell_or_sends_a_write_twice(story: Story, name: str) -> None:
    assert story.done.costs[name]["shells"] == 0
    invoked = {name: count for name, count in story.done.costs[name]["operations"].items() if name.startswith("Invoke:")}
    assert set(invoked.values()) <= {1}


@pytest.mark.parametrize(("name", "proof"), [("MAK-W10", 1), ("MAK-S2019", 1), ("MAK-W7", 0)])
def test_from_mak_to_a_kms_host_takes_at_most_eleven_requests_and_one_for_the_proof(story: Story, name: str, proof: int) -> None:
    assert story.done.requests(name) <= 11 + proof
    assert story.done.calls(name, "InstallProductKey") == story.done.calls(name, "Activate") == 1


@pytest.mark.parametrize("name", HAD_GVLK)
def test_the_same_gvlk_is_never_installed_again(story: Story, name: str) -> None:
    assert story.done.calls(name, "InstallProductKey") == 0
    assert story.done[name]["before"]["partial_product_key"] == story.done[name]["after"]["partial_product_key"]


@pytest.mark.parametrize("name", MACHINES)
def test_the_key_is_a_published_gvlk_for_the_edition_of_the_machine(story: Story, lab: Lab, name: str) -> None:
    product, truth = story.info[name]["products"][0], lab.client.machine(name)
    assert product["edition"] == truth["os"]["edition_id"]
    endings = {key[-5:] for key in known_keys() if not key.startswith(("MMMMM", "CCCCC", "RRRRR"))}
    assert product["partial_product_key"] in endings


@pytest.mark.parametrize("name", MACHINES)
def test_slmgr_proves_the_conversion(story: Story, name: str) -> None:
    text, product = story.slmgr[name], story.info[name]["products"][0]
    assert "VOLUME_KMSCLIENT channel" in text
    assert story.done[name]["after"]["partial_product_key"] in text
    if not lab_is_japanese(name):
        fields = winrs.slmgr_fields(text)
        assert (fields["License Status"], fields["Partial Product Key"]) == ("Licensed", product["partial_product_key"])
        label = "Registered KMS machine name" if name in PINNED else "KMS machine name from DNS"
        assert fields[label].lower() == f"{KMS}:1688"


def lab_is_japanese(name: str) -> bool:
    """Machines of the estate whose slmgr speaks Japanese."""
    return name in ("MAK-S2012R2", "WRONGKEY-S2016", "DEADHOST-W10", "NOTIFY-W11JA")


@pytest.mark.parametrize("name", PINNED)
def test_the_registry_proves_the_fixed_host_and_that_no_stale_port_is_left(story: Story, name: str) -> None:
    assert story.registry[name]["KeyManagementServiceName"] == KMS
    assert story.registry[name].get("KeyManagementServicePort", "1688") in ("0", "1688")


@pytest.mark.parametrize("name", ["PRODUCTPIN-W11", "PRODUCTPIN-S2022"])
def test_a_dead_host_pinned_at_the_product_is_cleared_because_it_would_win(story: Story, name: str) -> None:
    assert story.done[name]["before"]["kms_host"] == "gone.convert.example"
    assert story.done[name]["before"]["kms_port"] == 1700
    assert "gone.convert.example" not in story.slmgr[name]
    assert any(step["action"] == "clear_product_kms_host" for step in story.done[name]["steps"])


@pytest.mark.parametrize("name", ["DEADHOST-W10", "DEADHOST-S2025"])
def test_a_dead_host_pinned_at_the_machine_gives_way(story: Story, name: str) -> None:
    assert story.done[name]["before"]["kms_host"] == "old-kms.convert.example"
    assert story.done[name]["after"]["kms_host"] == (KMS if name in PINNED else None)
    assert "old-kms" not in story.slmgr[name]


@pytest.mark.parametrize("name", MACHINES)
def test_every_documented_field_of_the_result_is_there(story: Story, name: str) -> None:
    assert task_complaints("kms_client", story.done[name]) == []


def test_the_diff_shows_what_changed_and_nothing_secret(story: Story) -> None:
    diff = story.done["MAK-W10"]["diff"]
    before, after = yaml.safe_load(diff["before"]), yaml.safe_load(diff["after"])
    assert (before["channel"], after["channel"]) == ("mak", "gvlk")
    assert (before["kms_host"], after["kms_host"], after["kms_port"]) == (None, KMS, 1688)
    assert "-channel: mak" in story.done.output


def test_a_conversion_spends_nothing_and_says_so(story: Story) -> None:
    for name in MACHINES:
        assert {step["consumes"] for step in story.done[name]["steps"]} == {None}


def test_a_client_whose_activation_ran_out_is_activated_again_with_the_key_it_has(story: Story, lab: Lab) -> None:  # noqa: ARG001 - last
    machines = ("MAK-W10", "RETAIL-S2012")
    lab.client.set_fault("KMS01", "kms_host_down")
    lab.client.advance(minutes=185 * 24 * 60)
    expired = lab.all("activation_info", machines)
    lab.client.clear_faults()
    done = lab.each("kms_client", {"MAK-W10": {"kms_host": KMS}, "RETAIL-S2012": {"discovery": True}})
    for name in machines:
        assert (expired[name]["licensed"], expired[name]["products"][0]["status"]) == (False, "out_of_tolerance_grace")
        assert [step["action"] for step in done[name]["steps"]] == ["activate"]
        assert (done[name]["activation"]["outcome"], done[name]["products"][0]["grace_minutes"]) == ("activated", 259200)
