# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make setup` installs: every package by version and hash, from a lock that belongs to the requirements as they are."""

from __future__ import annotations

import re

import pytest

import dev
from lock import FOLDER, LOCKS, Lock

ENTRY = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^ ;\\]+)(?: ; .+?)? \\$")
WANTED = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")
EACH = pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.target.name)


def entries(lock: Lock) -> dict[str, list[list[str]]]:
    """The lines of each package, once for each version that some Python needs."""
    found: dict[str, list[list[str]]] = {}
    current: list[str] = []
    for line in lock.target.read_text(encoding="utf-8").splitlines():
        if line.startswith(("#", " ")) or not line:
            current.append(line)
            continue
        entry = ENTRY.match(line)
        assert entry, f"no version and hash: {line}"
        current = [line]
        found.setdefault(entry["name"], []).append(current)
    return found


@EACH
def test_every_locked_package_has_one_version_and_its_hashes(lock: Lock) -> None:
    found = entries(lock)
    assert found
    for versions in found.values():
        for lines in versions:
            assert any(re.match(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$", line) for line in lines), lines[0]


@EACH
def test_a_lock_is_made_anew_when_what_is_wanted_changes(lock: Lock) -> None:
    assert lock.is_current(), f"{lock.target.name} is older than its sources: run make lock"


@EACH
def test_everything_that_is_wanted_is_in_the_lock(lock: Lock) -> None:
    wanted = {
        found.group().lower().replace("_", "-")
        for path in (*lock.sources, *lock.read)
        if path.suffix in (".in", ".txt")
        for line in path.read_text(encoding="utf-8").splitlines()
        if (found := WANTED.match(line))
    }
    assert wanted
    assert wanted <= set(entries(lock))


def test_every_list_of_wanted_packages_has_a_lock() -> None:
    assert {path.stem for path in FOLDER.glob("*.in")} == {lock.target.stem for lock in LOCKS}


def test_the_environment_is_brought_up_to_date_when_a_lock_changes() -> None:
    assert {FOLDER / "build.txt", FOLDER / "dev.txt"} <= set(dev.REQUIREMENTS)
