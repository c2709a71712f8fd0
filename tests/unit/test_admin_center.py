# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft retired the site where organizations found their keys. Its name must not come back, in no language and in no file."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OLD_NAMES = tuple(
    "".join(parts) for parts in (("Volume Licensing ", "Service Center"), ("VL", "SC"), ("ボリューム ライセンス ", "サービス センター"))
)
"""In pieces, as this file is read too."""

FOLDERS = ("plugins", "docs", "roles", "playbooks", "tests", "tools", "extensions", "meta", "changelogs")
SUFFIXES = (".py", ".yml", ".md", ".rst", ".json", ".txt", ".j2")


def test_nothing_names_the_retired_site() -> None:
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES and path.is_file()]
    files += [ROOT / "README.md", ROOT / "TESTING.md", ROOT / "CONTRIBUTING.md", ROOT / "galaxy.yml"]
    assert len(files) > 500
    naming = [path.relative_to(ROOT) for path in files if any(name in path.read_text(encoding="utf-8") for name in OLD_NAMES)]
    assert naming == []
