# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation of activation_policy promises is what the code takes, writes and returns."""

from __future__ import annotations

import dataclasses
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winops.volume_activation.plugins.modules import activation_policy as module
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge import result as _result
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_policy import plan as policy
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import predict
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.step import Step
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.policies.model import (
    DesiredPolicies,
    PolicyState,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.policies.places import (
    ALTERNATE_URL,
    POLICIES,
    Policy,
    RegistryLocation,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.registry import own_keys
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.registry.values import RegistryValue
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import OperatingSystem, ProductType

GUIDE = Path(__file__).parents[3] / "docs" / "docsite" / "rst" / "guide_activation_policy.rst"
OPTIONS: dict[str, dict[str, Any]] = yaml.safe_load(module.DOCUMENTATION)["options"]
RETURN: dict[str, dict[str, Any]] = yaml.safe_load(module.RETURN)
OLD = OperatingSystem("OLD", "Windows Server 2003", "5.2.3790", 3790, ProductType.SERVER, 1033, datetime(2026, 11, 20, tzinfo=timezone.utc))
TEN = dataclasses.replace(OLD, computer_name="PC", caption="Windows 10 Pro", version="10.0.19045", product_type=ProductType.CLIENT)
PLACES = [(entry, place) for entry in POLICIES for place in entry.places]


def test_the_options_are_a_wish_with_its_defaults() -> None:
    assert {name: option.get("default") for name, option in OPTIONS.items()} == dataclasses.asdict(DesiredPolicies())


def test_the_choices_are_the_words_the_places_know() -> None:
    for entry in POLICIES:
        if entry is not ALTERNATE_URL:
            assert OPTIONS[entry.option]["choices"] == ["absent", *entry.data], entry.option


@pytest.mark.parametrize(("entry", "place"), PLACES, ids=[place.name for _entry, place in PLACES])
def test_option_and_guide_name_key_value_and_type(entry: Policy, place: RegistryLocation) -> None:
    owner = "activation_alternate_url_place" if entry is ALTERNATE_URL else entry.option
    described = " ".join([*OPTIONS[entry.option]["description"], *OPTIONS[owner]["description"]])
    kind = RegistryValue(place.name, place.kind).type_name
    assert all(f"C({part}" in described for part in (f"HKLM\\{place.key})", place.name, kind))
    rows = re.split(r"^   \* - ", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (row,) = (row for row in rows if row.startswith("``" + entry.option + "``") and f"``{place.name}``" in row)
    assert all(f"``{part}``" in row for part in (f"HKLM\\{place.key}", kind)), row


def test_the_guide_names_the_mark_of_our_keys() -> None:
    assert f"``{own_keys.MARK}``" in GUIDE.read_text(encoding="utf-8")


def test_what_it_returns_is_documented_field_by_field() -> None:
    desired = DesiredPolicies(**{entry.option: "absent" if entry is ALTERNATE_URL else "disabled" for entry in POLICIES})
    plan = policy.plan(PolicyState(TEN, {}), desired)
    result = _result.outcome_of(predict(plan), "host", check_mode=True)
    assert set(result) - {"changed"} | {"diff", "error"} == set(RETURN)
    assert set(result["steps"][0]) == set(RETURN["steps"]["contains"])
    for part in ("before", "after"):
        assert set(result[part]) == set(RETURN[part]["contains"])
        for name, field in RETURN[part]["contains"].items():
            assert set(result[part][name][0]) == set(field["contains"]), name


def test_every_kind_of_step_is_documented() -> None:
    described = RETURN["steps"]["contains"]["action"]["description"]
    setting = policy.plan(
        PolicyState(TEN, {target.place.key: None for target in DesiredPolicies(notifications="disabled").target_values((10, 0))}),
        DesiredPolicies(notifications="disabled"),
    )
    steps: tuple[Step, ...] = (*setting.steps, own_keys.remove("K"))
    assert {f"V({step.action})" for step in steps} | {"V(remove_policy)"} == set(re.findall(r"V\(\w+\)", described))


def test_an_error_is_documented_field_by_field() -> None:
    with pytest.raises(TaskRefusedError) as refused:
        policy.plan(PolicyState(OLD, {}), DesiredPolicies(notifications="disabled"))
    assert set(_result.failure(refused.value, "OLD")["error"]) == set(RETURN["error"]["contains"])
