# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No module for Windows is left out of the tests of CONTRIBUTING.md: each list is compared with the modules that connect to Windows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TESTS = ROOT / "tests"
FRAGMENT = "  - winops.volume_activation._connection\n"
"""What the documentation of every module that connects to Windows has."""
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if FRAGMENT in path.read_text(encoding="utf-8"))
JOB_PACKAGES = {path.name for path in (ROOT / "plugins" / "plugin_utils" / "_jobs").iterdir() if any(path.glob("*.py"))}
JOBS = sorted(JOB_PACKAGES - {"server_2003"})
"""Windows Server 2003 is no job of a module: its tests are those of the modules that serve it."""


def texts(folder: Path, pattern: str) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(folder.rglob(pattern))]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_scenarios_and_one_that_make_quick_runs(module: str) -> None:
    scenarios = [text for text in texts(TESTS / "scenario", "test_*.py") if re.search(rf'"{module}"|\.{module}\b', text)]
    assert any("@pytest.mark.quick" in text for text in scenarios)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_a_job_that_meets_machines_that_mean_harm(module: str) -> None:
    assert f'Job("{module}", ' in (TESTS / "hostile" / "in_process.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_in_a_guide(module: str) -> None:
    assert any(re.search(rf"winops\.volume_activation\.{module}\b", page) for page in texts(ROOT / "docs" / "docsite" / "rst", "*.rst"))


@pytest.mark.parametrize("job", JOBS)
def test_a_job_meets_machines_of_the_lab_in_the_process_of_the_test(job: str) -> None:
    assert any(f"_jobs.{job}" in text for text in texts(TESTS / "contract", "*.py"))
