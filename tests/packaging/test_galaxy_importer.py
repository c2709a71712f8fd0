# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Galaxy and automation hub accept the tarball, and their importer has nothing to report.

The importer reads the documentation of every plugin with ansible-doc, and runs ansible-lint with the profile of Galaxy. It runs neither
ansible-test nor a container here.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from locked_venv import PACKAGING
from project import NAME, NAMESPACE, ROOT

REPORTED = ("WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True)
class Import:
    """What the importer printed, and the result that Galaxy would store."""

    exit_code: int
    output: str
    result: dict[str, Any]


@pytest.fixture(scope="module")
def imported(tarball: Path, tools_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Import:
    place = tmp_path_factory.mktemp("importer")
    env = {**tools_env, "GALAXY_IMPORTER_ANSIBLE_LOCAL_TMP": str(place / "tmp")}
    command = [PACKAGING.bin / "python", Path(__file__).with_name("importer.py"), tarball]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=env, cwd=place)
    stored = place / "importer_result.json"
    return Import(done.returncode, done.stdout + done.stderr, json.loads(stored.read_text(encoding="utf-8")) if stored.exists() else {})


def test_importer_accepts_the_tarball_without_a_warning(imported: Import) -> None:
    assert imported.exit_code == 0, imported.output
    assert [line for line in imported.output.splitlines() if line.startswith(REPORTED)] == []
    assert "...ansible-lint run complete" in imported.output
    metadata = imported.result["metadata"]
    assert (metadata["namespace"], metadata["name"]) == (NAMESPACE, NAME)


def test_importer_finds_all_content(imported: Import) -> None:
    found = Counter(content["content_type"] for content in imported.result["contents"])
    assert found["module"] == len(list((ROOT / "plugins" / "modules").glob("*.py")))
    assert found["playbook"] == len(list((ROOT / "playbooks").glob("*.yml")))
    assert found["role"] == len(list((ROOT / "roles").iterdir()))


def test_every_module_and_filter_has_a_documentation_page(imported: Import) -> None:
    pages = [content for content in imported.result["docs_blob"]["contents"] if content["content_type"] in {"module", "filter"}]
    documented = {content["content_name"] for content in pages if (content["doc_strings"] or {}).get("doc")}
    assert documented >= {path.stem for folder in ("modules", "filter") for path in (ROOT / "plugins" / folder).glob("*.py")}
