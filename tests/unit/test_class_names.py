# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One name for one class, and errors that are called errors."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]

ENTRY_CLASSES = {"ActionModule", "FilterModule", "ModuleDocFragment"}
"""Classes that Ansible loads by their name, one in each plugin."""


def classes() -> list[ast.ClassDef]:
    """Every class of the plugins."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "plugins").rglob("*.py")))
    return [node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]


def test_no_two_classes_have_one_name() -> None:
    found = Counter(each.name for each in classes() if each.name not in ENTRY_CLASSES)
    assert [name for name, count in found.items() if count > 1] == []


def test_exceptions_end_in_error() -> None:
    """And nothing else does: a class that inherits from an error is one."""
    bases = {each.name: {base.id for base in each.bases if isinstance(base, ast.Name)} for each in classes()}
    raised = {name for name, parents in bases.items() if any(parent.endswith(("Error", "Exception", "ActionFail")) for parent in parents)}
    assert [name for name in sorted(raised) if not name.strip("_").endswith("Error")] == []
