# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is removed from a controller: objects of earlier versions, or all that this version ships. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .kinds import PREFIX
from .objects import Objects
from .site import Site

_MODULES = {
    "schedules": "schedule",
    "workflows": "workflow_job_template",
    "templates": "job_template",
    "notifications": "notification_template",
    "inventories": "inventory",
    "projects": "project",
    "execution_environments": "execution_environment",
    "teams": "team",
    "credential_types": "credential_type",
}
"""Modules by kind, in the order in which a controller can lose the objects. Roles go with their teams, and labels with their last user.

The organization and the credentials are those of the site, and are not removed. Nor is the inventory that the site filled with machines.
"""

_WITHOUT_ORGANIZATION = ("schedule", "credential_type")


def removals_of(objects: Objects, site: Site) -> list[dict[str, str]]:
    """Return the module, the name, and the organization of each object to remove, without the objects that the site added itself."""
    return [
        _removal(module, str(each["name"]), site)
        for kind, module in _MODULES.items()
        for each in objects[kind]
        if each["name"] not in {added.get("name") for added in site.extra_objects.get(f"{PREFIX}{kind}", ())} | {site.inventory_name}
    ]


def retired_of(retired: Mapping[str, Any], site: Site) -> list[dict[str, str]]:
    """Return the objects that earlier versions shipped and this one does not."""
    return list(_retired(retired, site))


def retired_nodes_of(retired: Mapping[str, Any], site: Site) -> list[dict[str, str]]:
    """Return the nodes that earlier versions had in workflows that this version still ships."""
    return [{"workflow": site.named(each["workflow"]), "identifier": str(each["identifier"])} for each in retired.get("nodes", ())]


def _retired(retired: Mapping[str, Any], site: Site) -> Iterator[dict[str, str]]:
    for kind, module in _MODULES.items():
        for name in retired.get(kind, ()):
            yield _removal(module, site.named(name), site)


def _removal(module: str, name: str, site: Site) -> dict[str, str]:
    organization = {} if module in _WITHOUT_ORGANIZATION else {"organization": site.organization}
    return {"module": module, "name": name, **organization}
