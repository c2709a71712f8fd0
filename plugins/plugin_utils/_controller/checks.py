# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what a site excludes, overrides, and adds exists among the shipped objects. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from .kinds import ORDER, PREFIX
from .shapes import VARIABLE
from .site import ControllerContentError, Site
from .templates import templates_of


def check_keys(data: Mapping[str, Any], site: Site) -> None:
    """Raise ControllerContentError for the first key of a variable that nothing has, and for templates without an inventory."""
    shipped = _keys(data)
    for option, kinds in (("exclude", site.exclude), ("override", site.override)):
        for kind, keys in kinds.items():
            _require_known(f"{option}.{kind}", keys, shipped[kind])
    _require_known("extra_objects", site.extra_objects, [f"{PREFIX}{kind}" for kind in ORDER])
    uses = {kind for template in templates_of(data["templates"]) for kind in template.credentials}
    _require_known("credential_names", site.credential_names, sorted(uses))
    _require_inventory(shipped["templates"], site)
    _require_questions(data["questions"], site)


def _keys(data: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        "templates": [template.key for template in templates_of(data["templates"])],
        **{kind: list(data[kind]) for kind in ("workflows", "schedules", "teams", "labels")},
        "credential_types": [each["id"] for each in data["credential_types"]],
        "notifications": ["notification"],
        "inventories": ["windows", "constructed"],
    }


def _require_known(option: str, keys: Collection[str], known: Collection[str]) -> None:
    unknown = sorted(set(keys) - set(known))
    if unknown:
        raise ControllerContentError(f"{VARIABLE}{option} has {', '.join(unknown)}, but must have keys of {', '.join(known)}.")


def _require_inventory(templates: Collection[str], site: Site) -> None:
    if not site.inventory and not site.has("inventories", "windows") and any(site.has("templates", key) for key in templates):
        raise ControllerContentError(
            f"{VARIABLE}exclude.inventories has windows, but the job templates need an inventory. Set {VARIABLE}inventory to its name."
        )


def _require_questions(questions: Collection[Mapping[str, Any]], site: Site) -> None:
    unasked = sorted(set(site.answers) - {name for group in questions for name in group})
    if unasked:
        raise ControllerContentError(f"{VARIABLE}answers has {', '.join(unasked)}, and no survey asks for it.")


__all__ = ["check_keys"]
