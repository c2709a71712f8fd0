# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A part of a result with another type than its own is refused with its place."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from sample_fleet import KINDS, NOW, records

from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.model import InvalidRecordError, record_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.shape import problem_in

GOOD: dict[str, Any] = {
    "products": [{"application": "windows", "channel": "gvlk", "status": "licensed", "grace_minutes": 5}],
    "findings": [{"id": "clock_skew", "severity": "error", "message": "The clock is wrong.", "next_steps": ["Set it."]}],
    "machine": {"build": 26100},
    "esu": None,
}


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    result = copy.deepcopy(GOOD)
    place: Any = result
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return result


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("products",), {}, "products is not a list"),
        (("products", 0), "Windows", r"products\[0\] is not a dictionary"),
        (("products", 0), None, r"products\[0\] is null"),
        (("products", 0, "status"), "fine", r"products\[0\]\.status is none of .*licensed"),
        (("products", 0, "status"), None, r"products\[0\] does not have status"),
        (("products", 0, "application"), 7, r"products\[0\]\.application is not a text"),
        (("products", 0, "grace_minutes"), "5", r"products\[0\]\.grace_minutes is not a whole number"),
        (("products", 0, "grace_minutes"), True, r"products\[0\]\.grace_minutes is not a whole number"),
        (("products", 0, "grace_minutes"), 5.5, r"products\[0\]\.grace_minutes is not a whole number"),
        (("findings", 0, "severity"), "fatal", r"findings\[0\]\.severity is none of error, info, warning"),
        (("findings", 0, "next_steps"), "Set it.", r"findings\[0\]\.next_steps is not a list"),
        (("machine",), [], "machine is not a dictionary"),
        (("unreachable",), "yes", "unreachable is not true or false"),
        (("products", 0, "ad"), "Server 2022", r"products\[0\]\.ad is not a dictionary"),
        (("products", 0, "ad"), {"object_dn": ["CN"]}, r"products\[0\]\.ad\.object_dn is not a text"),
        (("object_coverage",), [{"covered": "yes"}], r"object_coverage\[0\]\.covered is not true or false"),
    ],
)
def test_part_of_another_type_is_refused(path: tuple[Any, ...], value: Any, problem: str) -> None:
    result = changed(path, value)
    line = json.dumps({"schema": 1, "inventory_hostname": "pc1", "time": "2026-11-30T12:00:00Z", "result": result})
    with pytest.raises(InvalidRecordError, match=f"in the result, {problem}"):
        record_of(line)


def test_missing_parts_and_unknown_parts_are_accepted() -> None:
    assert problem_in({}) is None
    assert problem_in(GOOD) is None
    assert problem_in(changed(("news",), {"anything": [1]})) is None
    assert problem_in(changed(("machine",), None)) is None


def test_every_machine_of_the_sample_fleet_is_a_record() -> None:
    found = list(records(len(KINDS)))
    assert [record_of(record.line()) for record in found] == found
    assert {record.time <= NOW for record in found} == {True}
