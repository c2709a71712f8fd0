# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cell of the matrix passes when everything in it does, and its DNS tests run with the dnspython of its time."""

from __future__ import annotations

from pathlib import Path

import pytest

import matrix


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """A virtual environment whose programs write down what they are called with, and fail for what the file `fails` has a word of."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("python", "ansible-doc"):
        script = f'#!/bin/sh\necho "$@" >>{tmp_path}/calls\nfor word; do ! grep -qsx -- "$word" {tmp_path}/fails || exit 1; done\n'
        (programs / name).write_text(script, encoding="utf-8")
        (programs / name).chmod(0o755)
    return tmp_path


def calls(venv: Path) -> list[str]:
    return (venv / "calls").read_text(encoding="utf-8").splitlines()


def test_the_dns_tests_run_last_with_the_dnspython_of_the_cell(venv: Path) -> None:
    assert matrix.smoke(venv, "dnspython == 2.3.0")
    _, scenarios, attached, installed, published = calls(venv)
    assert scenarios.endswith("tests/scenario")
    assert attached.endswith(" ".join(matrix.NEXT_TO_ANSIBLE))
    assert installed.endswith("dnspython == 2.3.0")
    assert published.endswith("tests/dns")


@pytest.mark.parametrize("broken", ["--list", "tests/scenario", "tests/unit/action", "tests/dns"])
def test_one_part_that_fails_fails_the_cell_and_the_others_still_run(broken: str, venv: Path) -> None:
    (venv / "fails").write_text(f"{broken}\n", encoding="utf-8")
    assert not matrix.smoke(venv, "dnspython == 2.3.0")
    assert len(calls(venv)) == 5


def test_no_two_cores_have_the_same_dnspython() -> None:
    assert len({core.dnspython for core in matrix.CORES}) == len(matrix.CORES)
