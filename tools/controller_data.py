# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The descriptions in the role controller_content, read from their files, and the objects for the variables of a site."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.winops.volume_activation.plugins.filter.controller_objects import controller_objects

ROOT = Path(__file__).parents[1]
FILES = ROOT / "roles" / "controller_content" / "vars" / "main"
PREFIX = "__controller_content_"


class _Loader(yaml.SafeLoader):
    """YAML with the tag for texts that Ansible does not render."""


def _unsafe(_: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    return str(node.value)


_Loader.add_constructor("!unsafe", _unsafe)


def data() -> dict[str, Any]:
    """Return the variable ``__controller_content_data``, with the variables that it refers to."""
    found: dict[str, Any] = {}
    for path in sorted(FILES.glob("*.yml")):
        found |= yaml.load(path.read_text(encoding="utf-8"), _Loader)
    values = {name.removeprefix(PREFIX): value for name, value in found.items()}
    lists = {kind: [values[name] for name in values if name.startswith(f"{kind}_")] for kind in ("questions", "templates")}
    return {name: lists.get(name) or values[name] for name in values["data"]}


def objects_of(variables: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the objects by kind, for a site with a project."""
    found: dict[str, list[dict[str, Any]]] = controller_objects(data(), {"project": "Playbooks", **variables})["objects"]
    return found
