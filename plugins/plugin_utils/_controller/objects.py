# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of a controller, in the form of infra.aap_configuration. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .checks import check_keys
from .kinds import ORDER, PREFIX
from .site import Site
from .templates import Template, job_template, templates_of
from .workflows import schedule, workflow

Objects = dict[str, list[dict[str, Any]]]

_JSON_BODIES = ("webhook",)
"""Types of notifications whose body AWX parses as JSON."""


def objects_of(data: Mapping[str, Any], site: Site) -> Objects:
    """Return all objects for a site by kind, which is their name in infra.aap_configuration without ``controller_``.

    Raises ControllerContentError if the variables of the site contradict the shipped objects.
    """
    check_keys(data, site)
    questions = {name: question for group in data["questions"] for name, question in group.items()}
    templates = [each for each in templates_of(data["templates"]) if site.has("templates", each.key)]
    kept = [each for each in templates if site.keeps("templates", each.key)]
    names = {each.key: site.name_of("templates", each.key, each.name) for each in kept}
    workflows = {key: found for key, found in data["workflows"].items() if site.has("workflows", key)}
    built = {key: workflow(key, found, names, questions, site) for key, found in workflows.items()}
    workflow_names = {key: found["name"] for key, found in built.items() if site.keeps("workflows", key)}
    teams = {key: team for key, team in data["teams"].items() if site.has("teams", key)}
    kept_teams = {key: team for key, team in teams.items() if site.keeps("teams", key)}
    found: Objects = {
        "organizations": [{"name": site.organization}],
        "labels": _labels(data["labels"], site),
        "credential_types": _credential_types(data["credential_types"], site),
        "credentials": [],
        "execution_environments": _execution_environments(site),
        "projects": _projects(site),
        "inventories": _inventories(data["constructed"], site),
        "inventory_sources": _inventory_sources(data["constructed"], site),
        "notifications": _notifications(data["messages"], site),
        "templates": [job_template(each, questions, data["labels"], site) for each in templates],
        "workflows": list(built.values()),
        "schedules": [
            schedule(key, each, workflow_names, site)
            for key, each in data["schedules"].items()
            if site.has("schedules", key) and each["workflow"] in workflow_names
        ],
        "teams": [_team(key, team, site) for key, team in teams.items()],
        "roles": _roles(data["roles"], kept, workflows, names, workflow_names, kept_teams, site),
    }
    return {kind: [*found[kind], *(dict(each) for each in site.extra_objects.get(f"{PREFIX}{kind}", ()))] for kind in ORDER}


def _labels(labels: Mapping[str, str], site: Site) -> list[dict[str, Any]]:
    return [{"name": site.named(name), "organization": site.organization} for key, name in labels.items() if site.has("labels", key)]


def _credential_types(types: Sequence[Mapping[str, Any]], site: Site) -> list[dict[str, Any]]:
    return [
        site.overridden(
            "credential_types",
            each["id"],
            {**{name: value for name, value in each.items() if name not in ("id", "use")}, "name": site.named(each["name"])},
        )
        for each in types
        if site.has("credential_types", each["id"])
    ]


def _execution_environments(site: Site) -> list[dict[str, Any]]:
    if site.execution_environment or not site.execution_environment_image:
        return []
    return [
        {
            "name": site.execution_environment_name,
            "image": site.execution_environment_image,
            "organization": site.organization,
            "pull": "missing",
        }
    ]


def _projects(site: Site) -> list[dict[str, Any]]:
    if site.project:
        return []
    return [
        {
            "name": site.project_name,
            "description": "Playbooks of volume activation",
            "organization": site.organization,
            "scm_type": "git",
            "scm_url": site.project_url,
            "scm_branch": site.project_branch,
            "scm_update_on_launch": False,
        }
    ]


def _inventories(constructed: Mapping[str, Any], site: Site) -> list[dict[str, Any]]:
    own = {"name": site.inventory_name, "organization": site.organization, "description": "Windows machines with volume activation"}
    groups = {
        "name": site.named(constructed["name"]),
        "description": constructed["description"],
        "organization": site.organization,
        "kind": "constructed",
        "input_inventories": [site.inventory_name],
    }
    shipped = [("windows", own)] if not site.inventory else []
    return [site.overridden("inventories", key, each) for key, each in [*shipped, ("constructed", groups)] if site.has("inventories", key)]


def _inventory_sources(constructed: Mapping[str, Any], site: Site) -> list[dict[str, Any]]:
    sources: list[dict[str, Any]] = []
    if site.inventory_source_path:
        sources.append(
            {
                "name": site.named("Inventory file of the project"),
                "inventory": site.inventory_name,
                "organization": site.organization,
                "source": "scm",
                "source_project": site.project_name,
                "source_path": site.inventory_source_path,
                "overwrite": True,
                "overwrite_vars": True,
                "update_on_launch": True,
            }
        )
    if site.has("inventories", "constructed"):
        name = site.overridden("inventories", "constructed", {"name": site.named(constructed["name"])})["name"]
        sources.append(
            {
                # AWX makes this source itself, with this name, when it makes a constructed inventory, and lets nothing else be changed.
                "name": f"Auto-created source for: {name}",
                "inventory": name,
                "organization": site.organization,
                "source_vars": dict(constructed["source_vars"]),
            }
        )
    return sources


def _notifications(messages: Mapping[str, Any], site: Site) -> list[dict[str, Any]]:
    if not site.notification or not site.has("notifications", "notification"):
        return []
    wants_json = site.notification.get("notification_type") in _JSON_BODIES
    shipped = {
        "name": site.notification_name,
        "description": "Failures and approvals of volume activation",
        "organization": site.organization,
        "messages": _json_messages(messages) if wants_json else dict(messages),
    }
    return [site.overridden("notifications", "notification", {**shipped, **site.notification})]


def _json_messages(messages: Mapping[str, Any]) -> dict[str, Any]:
    """Return the messages with bodies that are JSON objects with the texts, which is what AWX requires of a webhook."""
    if "body" in messages:
        return {"body": json.dumps({"title": str(messages["message"]), "text": str(messages["body"])})}
    return {name: _json_messages(each) for name, each in messages.items()}


def _team(key: str, shipped: Mapping[str, Any], site: Site) -> dict[str, Any]:
    found = {"name": site.named(shipped["name"]), "description": shipped["description"], "organization": site.organization}
    return site.overridden("teams", key, found)


def _roles(
    roles: Sequence[Mapping[str, Any]],
    templates: Sequence[Template],
    workflows: Mapping[str, Mapping[str, Any]],
    names: Mapping[str, str],
    workflow_names: Mapping[str, str],
    teams: Mapping[str, Mapping[str, Any]],
    site: Site,
) -> list[dict[str, Any]]:
    """Return what each team can do, without entries for nothing."""
    found = [
        {
            "team": _team(each["team"], teams[each["team"]], site)["name"],
            "role": each["role"],
            "job_templates": [names[template.key] for template in templates if template.use in each["templates"]],
            "workflows": [name for key, name in workflow_names.items() if workflows[key]["use"] in each["workflows"]],
            "lookup_organization": site.organization,
        }
        for each in roles
        if each["team"] in teams
    ]
    return [each for each in found if each["job_templates"] or each["workflows"]]
