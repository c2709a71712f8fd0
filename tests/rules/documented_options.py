# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a module as ansible-doc shows them, those of its fragments included."""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from typing import Any

import yaml

COLLECTION = "winops.volume_activation"


def options_of(documentation: str, leave_out: Collection[str] = ()) -> dict[str, dict[str, Any]]:
    """The options in DOCUMENTATION of a module and in its fragments, without the fragments to `leave_out`."""
    parsed = yaml.safe_load(documentation)
    options: dict[str, dict[str, Any]] = dict(parsed.get("options") or {})
    for name in parsed.get("extends_documentation_fragment", ()):
        file, _dot, part = name.removeprefix(f"{COLLECTION}.").partition(".")
        if file not in leave_out:
            fragment = import_module(f"ansible_collections.{COLLECTION}.plugins.doc_fragments.{file}").ModuleDocFragment
            options |= yaml.safe_load(getattr(fragment, (part or "documentation").upper())).get("options") or {}
    return options
