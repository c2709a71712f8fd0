# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter takes one reading or several, and refuses everything else in a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.winops.volume_activation.plugins.filter import kms_stale_records as plugin
from ansible_collections.winops.volume_activation.plugins.filter.kms_stale_records import FilterModule, kms_stale_records
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.srv_cleanup import stale_records


def probe(answering: bool) -> dict[str, Any]:
    return {
        "status": "available" if answering else "connection_refused",
        "is_kms_host": answering,
        "meaning": "It says so.",
        "next_steps": ["Look."],
    }


RECORDS = [
    {"host": "kms1.corp.example", "port": 1688, "priority": 0, "weight": 0, "probe_result": probe(answering=True)},
    {"host": "kms1.corp.example", "port": 1689, "priority": 0, "weight": 0, "probe_result": probe(answering=False)},
    {"host": "kms2.corp.example", "port": 1688, "priority": 0, "weight": 0, "probe_result": probe(answering=False)},
]
READING = [{"domain": "corp.example", "records": RECORDS, "error": None}]


def test_ansible_finds_the_filter_by_its_name() -> None:
    assert FilterModule().filters() == {"kms_stale_records": kms_stale_records}


def test_one_reading_and_a_list_of_one_reading_are_the_same() -> None:
    assert kms_stale_records(READING) == kms_stale_records([READING]) == stale_records([READING])


def test_expected_hosts_are_handed_on() -> None:
    assert kms_stale_records(READING, expected_hosts=[])["records"][0]["status"] == "not_expected"


def test_every_field_is_documented() -> None:
    page = yaml.safe_load(Path(plugin.__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    documented = page["RETURN"]["_value"]["contains"]
    result = kms_stale_records(READING)
    assert list(result) == list(documented)
    for part, about in documented.items():
        assert list(result[part][0]) == list(about["contains"]), part


@pytest.mark.parametrize(
    ("value", "expected", "words"),
    [
        (None, None, "the input must be a list"),
        ("corp.example", None, "the input must be a list"),
        (READING, "kms1.corp.example", "expected_hosts must be a list"),
        ([{"records": []}], None, "not a list of domains of kms_srv_record_info"),
        ([READING, READING[0]], None, "not a list of domains of kms_srv_record_info"),
        ([["corp.example"]], None, "not a list of domains of kms_srv_record_info"),
        (READING, ["kms1"], "'kms1' is not a full name"),
        ([{"domain": "corp.example", "records": [{"host": "a.b", "port": 1, "probe_result": None}], "error": None}], None, "probe: true"),
    ],
)
def test_anything_else_fails_with_a_sentence_that_names_the_filter(value: Any, expected: Any, words: str) -> None:
    with pytest.raises(AnsibleFilterError) as raised:
        kms_stale_records(value, expected)
    assert "kms_stale_records: " in str(raised.value)
    assert words in str(raised.value)
