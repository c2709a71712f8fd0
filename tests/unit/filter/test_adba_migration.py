# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that reports a migration: bad input is refused, and what it returns is what its documentation says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.winops.volume_activation.plugins.filter.adba_migration import FilterModule, adba_migration
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.adba.migration import STATUSES
from key_gate import assert_no_keys

from ..plugin_utils._fleet.adba.test_migration import AD, GRACE, by_kms
from ..plugin_utils._fleet.results import UNREACHABLE, machine, product

DOCUMENTED = yaml.safe_load((Path(__file__).parents[3] / "plugins" / "filter" / "adba_migration.yml").read_text(encoding="utf-8"))
RESULTS: dict[str, Any] = {
    "pc1": machine("pc1", None, product(**AD)),
    "pc2": by_kms("pc2"),
    "pc3": machine("pc3", None, product(**GRACE)),
    "pc4": UNREACHABLE,
}


def same_keys(documented: dict[str, Any], value: Any) -> None:
    if isinstance(value, list):
        for each in value:
            same_keys(documented, each)
    elif "contains" in documented:
        assert set(value) == set(documented["contains"])
        for key, about in documented["contains"].items():
            same_keys(about, value[key])


def test_the_documented_result_is_the_real_one_and_no_list_of_it_is_empty_here() -> None:
    found = adba_migration(RESULTS, [["pc1", "pc2"], ["pc3"]])
    same_keys(DOCUMENTED["RETURN"]["_value"], found)
    assert all(
        found[name] for name in ("objects", "batches", "rows", "groups", "table", "lines", "problems", "failures", "remaining_machines")
    )
    assert list(DOCUMENTED["RETURN"]["_value"]["contains"]["counts"]["sample"]) == list(STATUSES)


def test_a_task_whose_failure_the_playbook_collects_is_a_failure() -> None:
    found = adba_migration({"pc1": {"task_status": "failed", "msg": "refused"}})
    assert found["machines"]["failed"] == ["pc1"]


@pytest.mark.parametrize(
    ("value", "more", "complaint"),
    [
        (["pc1"], (), "must be a dictionary of results"),
        ({"pc1": "licensed"}, (), "the result of pc1 is not a dictionary"),
        ({}, (["pc1"],), "batches must be a list of lists"),
        ({}, ("pc1",), "batches must be a list of lists"),
        ({}, ([["pc1"], ["pc1"]],), "batches contains pc1 more than once"),
        ({}, ([], "visio"), "application is 'visio'"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(value: Any, more: tuple[Any, ...], complaint: str) -> None:
    with pytest.raises(AnsibleFilterError, match=complaint):
        adba_migration(value, *more)


def test_a_key_in_a_message_is_masked() -> None:
    failed = {"failed": True, "msg": "the key MMMMM-KKKKK-MMMMM-22222-33333 is wrong"}
    assert_no_keys(str(adba_migration({"pc1": failed})))


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"adba_migration": adba_migration}
    assert DOCUMENTED["DOCUMENTATION"]["name"] == "adba_migration"
