# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter esu_report: from the variables of machines to the report, without keys."""

from __future__ import annotations

from typing import Any

from ansible_collections.winops.volume_activation.plugins.filter.esu_report import FilterModule, esu_report
from key_gate import assert_no_keys


def test_it_reads_the_variables_of_each_machine_under_their_prefix() -> None:
    left: dict[str, Any] = {
        "__esu_check_result_options": ["online", "windows_10_year_2"],
        "__esu_check_result": {"activation": {"outcome": "already_licensed"}, "steps": []},
        "esu_check_result": {"failed": True, "msg": "of another job"},
    }
    found = esu_report(["pc1", "gone"], {"pc1": left}, "__esu_")
    assert {row["machine"]: (row["programme"], row["status"]) for row in found["rows"]} == {
        "pc1": ("windows_10_year_2", "already_licensed"),
        "gone": (None, "not_run"),
    }


def test_a_key_in_a_message_is_masked() -> None:
    failed = {"failed": True, "msg": "the key MMMMM-KKKKK-MMMMM-22222-33333 is wrong"}
    assert_no_keys(str(esu_report(["pc1"], {"pc1": {"esu_check_result": failed}})))


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"esu_report": esu_report}
