# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reports of the verifications of all scenarios become one, and the failed tests are shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from molecule_scenarios import merge
from run_tests import read_report

REPORTS = {
    "rearm": """<testsuites><testsuite name="pytest" tests="3" failures="1" errors="0" skipped="1">
        <testcase classname="tests.test_rearm" name="test_one"/>
        <testcase classname="tests.test_rearm" name="test_two"><failure message="short">assert 1 == 2</failure></testcase>
        <testcase classname="tests.test_rearm" name="test_three"><skipped message="later"/></testcase></testsuite></testsuites>""",
    "esu": """<testsuites><testsuite name="pytest" tests="2" failures="0" errors="1" skipped="0">
        <testcase classname="tests.test_esu" name="test_four"><error message="no machine"/></testcase>
        <testcase classname="tests.test_esu" name="test_five"/></testsuite></testsuites>""",
}


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "molecule"
    folder.mkdir()
    for name, text in REPORTS.items():
        (folder / f"{name}.xml").write_text(text, encoding="utf-8")
    return folder


def test_the_report_of_all_scenarios_has_the_sums(reports: Path, tmp_path: Path) -> None:
    merge(reports, tmp_path / "results" / "molecule.xml")
    assert read_report(tmp_path / "results" / "molecule.xml") == (2, 2, 1)


def test_each_failed_test_is_shown_with_its_reason(reports: Path, tmp_path: Path) -> None:
    assert merge(reports, tmp_path / "molecule.xml") == ["tests.test_esu.test_four\nno machine", "tests.test_rearm.test_two\nassert 1 == 2"]


def test_without_a_verification_the_report_is_empty(tmp_path: Path) -> None:
    assert merge(tmp_path / "missing", tmp_path / "molecule.xml") == []
    assert read_report(tmp_path / "molecule.xml") == (0, 0, 0)
