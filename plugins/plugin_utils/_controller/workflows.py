# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workflows and schedules: from the shipped description to the objects of a controller. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .site import ControllerContentError, Site
from .surveys import survey_of

LINKS = ("success", "failure", "always")


def workflow(
    key: str, shipped: Mapping[str, Any], names: Mapping[str, str], questions: Mapping[str, Mapping[str, Any]], site: Site
) -> dict[str, Any]:
    """Return a workflow in the form of infra.aap_configuration, with ``simplified_workflow_nodes``.

    `names` are the names of the job templates in the controller, by key. Raises ControllerContentError if a node needs another one, which
    the site excludes or removes.
    """
    notified = site.notification_names
    found = {
        "name": site.named(shipped["name"]),
        "description": shipped["description"],
        "organization": site.organization,
        "allow_simultaneous": False,
        "ask_variables_on_launch": False,
        "ask_limit_on_launch": False,
        "notification_templates_error": notified,
        "notification_templates_approvals": notified if any("approval" in node for node in shipped["nodes"].values()) else [],
        **survey_of(shipped["required"], shipped["questions"], questions, site),
        **shipped.get("options", {}),
    }
    if site.keeps("workflows", key):
        found["simplified_workflow_nodes"] = [_node(key, name, node, names, site) for name, node in shipped["nodes"].items()]
    return site.overridden("workflows", key, found)


def _node(workflow_key: str, name: str, node: Mapping[str, Any], names: Mapping[str, str], site: Site) -> dict[str, Any]:
    links = {f"{kind}_nodes": list(node.get(kind, ())) for kind in LINKS}
    common = {"identifier": name, "all_parents_must_converge": False, **links}
    if "approval" in node:
        return {**common, "approval_node": dict(node["approval"])}
    if node["template"] not in names:
        raise ControllerContentError(
            f"The workflow {workflow_key} needs the template {node['template']}. Exclude or remove the workflow too, or keep the template."
        )
    return {**common, "unified_job_template": names[node["template"]], "lookup_organization": site.organization}


def schedule(key: str, shipped: Mapping[str, Any], names: Mapping[str, str], site: Site) -> dict[str, Any]:
    """Return a schedule of a workflow in the form of infra.aap_configuration. `names` are the names of the workflows, by key."""
    found = {
        "name": site.named(shipped["name"]),
        "description": shipped["description"],
        "unified_job_template": names[shipped["workflow"]],
        "organization": site.organization,
        "rrule": shipped["rrule"],
        "extra_data": dict(shipped["extra_data"]),
        "enabled": site.schedules_enabled,
    }
    return site.overridden("schedules", key, found)
