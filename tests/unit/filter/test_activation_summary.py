# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that sums up a run: bad input is refused, and what it returns is what its documentation says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.winops.volume_activation.plugins.filter.activation_summary import FilterModule, activation_summary

from ..plugin_utils._fleet.results import MAK, UNREACHABLE, kms_host, machine, product

DOCUMENTED = yaml.safe_load((Path(__file__).parents[3] / "plugins" / "filter" / "activation_summary.yml").read_text(encoding="utf-8"))
FINDING = {"id": "expires_soon", "severity": "error", "message": "It expires.", "next_steps": []}
OFF: dict[str, Any] = {"clock_difference_minutes": 300, "findings": [{**FINDING, "id": "clock_skew"}]}
RESULTS: dict[str, Any] = {
    "kms": kms_host("kms", 24, **OFF),
    "pc1": machine("pc1", "c3a0b6d4-9a0f-4f3a-8f57-0d2f4a1c9b11", product(grace_minutes=1440), failed=True, findings=[FINDING]),
    "pc2": machine("pc2", "c3a0b6d4-9a0f-4f3a-8f57-0d2f4a1c9b11", **OFF),
    "pc3": machine("pc3", None, product(**MAK), **OFF),
    "pc4": UNREACHABLE,
    "pc5": machine("pc5", None, product(activated_by="ad", ad={"object_name": "Server 2022", "object_dn": "CN=Server 2022"})),
}


def same_keys(documented: dict[str, Any], value: Any) -> None:
    if isinstance(value, list):
        for each in value:
            same_keys(documented, each)
    elif "contains" in documented:
        assert set(value) == set(documented["contains"])
        for key, about in documented["contains"].items():
            same_keys(about, value[key])


def test_ansible_finds_the_filter_by_its_name() -> None:
    assert FilterModule().filters() == {"activation_summary": activation_summary}
    assert DOCUMENTED["DOCUMENTATION"]["name"] == "activation_summary"


def test_the_documented_result_is_the_real_one_and_no_list_of_it_is_empty_here() -> None:
    found = activation_summary(RESULTS)
    same_keys(DOCUMENTED["RETURN"]["_value"], found)
    assert all(found[name] for name in ("statuses", "findings", "duplicate_cmids", "kms_counts", "kms_hosts", "expiring", "maks", "lines"))


def test_the_default_is_the_documented_one_and_days_may_be_text() -> None:
    default = DOCUMENTED["DOCUMENTATION"]["options"]["expiring_within_days"]["default"]
    assert activation_summary(RESULTS) == activation_summary(RESULTS, str(default))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "days", "complaint"),
    [
        (["pc1"], 30, "must be a dictionary of results"),
        ({"pc1": "licensed"}, 30, "the result of pc1 is not a dictionary"),
        ({}, -1, "expiring_within_days is -1"),
        ({}, True, "expiring_within_days is True"),
        ({}, "soon", "expiring_within_days is 'soon'"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(value: Any, days: Any, complaint: str) -> None:
    with pytest.raises(AnsibleFilterError, match=complaint):
        activation_summary(value, days)


def test_what_a_machine_says_of_itself_is_never_a_template() -> None:
    from ansible.parsing.dataloader import DataLoader  # noqa: PLC0415
    from ansible.template import Templar  # noqa: PLC0415

    named = machine("pc", None, product(name="{{ 6 * 7 }}", grace_minutes=1440))
    found = activation_summary({"pc": named})
    templar = Templar(loader=DataLoader(), variables={})
    assert templar.template(found["expiring"][0]["product_name"]) == "{{ 6 * 7 }}"
