# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalog as the tests look at it, and the facts outside the repository."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import errors

ROOT = Path(__file__).resolve().parents[5]
SHARED = ROOT.parent / "shared" / "data"
FAMILIES_FILE = ROOT / "plugins" / "plugin_utils" / "_licensing" / "catalog" / "data" / "errors_families.json"


def shared(name: str) -> Any:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} of the shared facts is not here")
    return json.loads(path.read_text(encoding="utf-8"))


def texts_of(explanation: errors.ErrorExplanation) -> list[str]:
    return [explanation.meaning, explanation.cause, *explanation.next_steps]


def all_explanations() -> list[errors.ErrorExplanation]:
    return [errors.explain(code) for code in errors.known_codes()]


def words_of(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9_]+", text.lower()))
