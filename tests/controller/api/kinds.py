# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of objects: their fields with defaults, what a new object must have, and the lists that belong to an object.

From the answers of AWX 24.6.1 and its source (awx/api/serializers.py, awx/main/models).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_NAMED: Mapping[str, Any] = {"name": "", "description": ""}
_NOTIFIED = {
    "notification_templates_started": "notification_templates",
    "notification_templates_success": "notification_templates",
    "notification_templates_error": "notification_templates",
}
_PROMPTED = {"credentials": "credentials", "labels": "labels", "instance_groups": "instance_groups"}
_NODES = dict.fromkeys(("success_nodes", "failure_nodes", "always_nodes"), "workflow_job_template_nodes")
_ASKED = (
    "variables", "limit", "tags", "skip_tags", "job_type", "verbosity", "inventory", "credential", "execution_environment", "forks",
    "instance_groups", "job_slice_count", "labels", "timeout", "diff_mode", "scm_branch",
)  # fmt: skip


def _asked(*names: str) -> dict[str, bool]:
    return {f"ask_{name}_on_launch": False for name in names}


@dataclass(frozen=True)
class Kind:
    """A kind of objects. `endpoint` is the list below /api/v2/."""

    endpoint: str
    type: str
    fields: Mapping[str, Any]
    required: tuple[str, ...] = ("name",)
    references: Mapping[str, str] = field(default_factory=dict)
    """Fields with the number of another object, and the list of that object."""
    associations: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    unique: tuple[str, ...] = ("name", "organization")
    choices: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    has_survey: bool = False
    can_delete: bool = True


_JOB_TEMPLATE: Mapping[str, Any] = {
    **_NAMED, "organization": None, "job_type": "run", "inventory": None, "project": None, "playbook": "", "scm_branch": "",
    "forks": 0, "limit": "", "verbosity": 0, "extra_vars": "", "job_tags": "", "force_handlers": False, "skip_tags": "",
    "start_at_task": "", "timeout": 0, "use_fact_cache": False, "execution_environment": None, "host_config_key": "",
    **_asked(*_ASKED), "survey_enabled": False, "become_enabled": False, "diff_mode": False, "allow_simultaneous": False,
    "job_slice_count": 1, "webhook_service": "", "webhook_credential": None, "prevent_instance_group_fallback": False,
}  # fmt: skip
_WORKFLOW: Mapping[str, Any] = {
    **_NAMED, "organization": None, "inventory": None, "limit": None, "scm_branch": None, "extra_vars": "", "survey_enabled": False,
    "allow_simultaneous": False, **_asked("variables", "inventory", "limit", "scm_branch", "labels", "tags", "skip_tags"),
    "webhook_service": "", "webhook_credential": None, "job_tags": None, "skip_tags": None,
}  # fmt: skip
_PROMPTS: Mapping[str, Any] = {
    "extra_data": {}, "inventory": None, "scm_branch": None, "job_type": None, "job_tags": None, "skip_tags": None, "limit": None,
    "diff_mode": None, "verbosity": None, "execution_environment": None, "forks": None, "job_slice_count": None, "timeout": None,
}  # fmt: skip

KINDS: Mapping[str, Kind] = {
    kind.endpoint: kind
    for kind in (
        Kind(
            "organizations", "organization", {**_NAMED, "max_hosts": 0, "default_environment": None}, unique=("name",),
            associations={**_NOTIFIED, "notification_templates_approvals": "notification_templates", "instance_groups": "instance_groups"},
            roles=("admin", "execute", "read", "member", "approval", "auditor"),
        ),
        Kind("users", "user", {"username": "", "is_superuser": False}, ("username",), unique=("username",)),
        Kind("instance_groups", "instance_group", {"name": ""}, unique=("name",), roles=("admin", "use", "read")),
        Kind(
            "labels", "label", {"name": "", "organization": None}, ("name", "organization"),
            {"organization": "organizations"}, can_delete=False,
        ),
        Kind(
            "credential_types", "credential_type", {**_NAMED, "kind": "", "inputs": {}, "injectors": {}, "managed": False},
            ("name", "kind"), unique=("name",), choices={"kind": ("cloud", "net")},
        ),
        Kind(
            "credentials", "credential", {**_NAMED, "organization": None, "credential_type": None, "inputs": {}},
            ("name", "credential_type"), {"organization": "organizations", "credential_type": "credential_types"},
            roles=("admin", "use", "read"), unique=("name", "organization", "credential_type"),
        ),
        Kind(
            "execution_environments", "execution_environment",
            {**_NAMED, "organization": None, "image": "", "credential": None, "pull": ""}, ("name", "image"),
            {"organization": "organizations", "credential": "credentials"}, unique=("name",),
            choices={"pull": ("", "always", "missing", "never")},
        ),
        Kind(
            "projects", "project",
            {
                **_NAMED, "organization": None, "scm_type": "", "scm_url": "", "scm_branch": "", "scm_refspec": "", "scm_clean": False,
                "scm_update_on_launch": False, "scm_update_cache_timeout": 0, "timeout": 0, "credential": None, "local_path": "",
                "default_environment": None, "allow_override": False, "status": "successful", "scm_revision": "",
            },
            ("name",), {"organization": "organizations", "credential": "credentials"}, _NOTIFIED, ("admin", "use", "update", "read"),
            choices={"scm_type": ("", "git", "svn", "insights", "archive")},
        ),
        Kind(
            "inventories", "inventory",
            {**_NAMED, "organization": None, "kind": "", "host_filter": None, "variables": "", "prevent_instance_group_fallback": False},
            ("name", "organization"), {"organization": "organizations"},
            {"instance_groups": "instance_groups", "input_inventories": "inventories"}, ("admin", "update", "adhoc", "use", "read"),
            choices={"kind": ("", "smart", "constructed")},
        ),
        Kind(
            "inventory_sources", "inventory_source",
            {
                **_NAMED, "inventory": None, "source": "", "source_path": "", "source_vars": "", "source_project": None, "scm_branch": "",
                "credential": None, "enabled_var": "", "enabled_value": "", "host_filter": "", "overwrite": False, "overwrite_vars": False,
                "timeout": 0, "verbosity": 1, "limit": "", "update_on_launch": False, "update_cache_timeout": 0,
                "execution_environment": None,
            },
            ("name", "inventory"), {"inventory": "inventories", "source_project": "projects"}, _NOTIFIED, unique=("name", "inventory"),
            choices={"source": ("file", "constructed", "scm", "ec2", "controller")},
        ),
        Kind(
            "notification_templates", "notification_template",
            {**_NAMED, "organization": None, "notification_type": "", "notification_configuration": {}, "messages": None},
            ("name", "organization", "notification_type"), {"organization": "organizations"},
        ),
        Kind(
            "job_templates", "job_template", _JOB_TEMPLATE, ("name", "project", "playbook"),
            {"organization": "organizations", "inventory": "inventories", "project": "projects",
            "execution_environment": "execution_environments"},
            {**_NOTIFIED, **_PROMPTED}, ("admin", "execute", "read"), choices={"job_type": ("run", "check"), "verbosity": (0, 1, 2, 3,
            4, 5)},
            has_survey=True,
        ),
        Kind(
            "workflow_job_templates", "workflow_job_template", _WORKFLOW, ("name",),
            {"organization": "organizations", "inventory": "inventories"},
            {**_NOTIFIED, "notification_templates_approvals": "notification_templates", "labels": "labels"},
            ("admin", "execute", "read", "approval"), has_survey=True,
        ),
        Kind(
            "workflow_job_template_nodes", "workflow_job_template_node",
            {"workflow_job_template": None, "unified_job_template": None, "identifier": "", "all_parents_must_converge": False, **_PROMPTS},
            ("workflow_job_template",), {"workflow_job_template": "workflow_job_templates",
            "unified_job_template": "unified_job_templates"},
            {**_NODES, **_PROMPTED}, unique=("workflow_job_template", "identifier"),
        ),
        Kind("workflow_approval_templates", "workflow_approval_template", {**_NAMED, "timeout": 0}, unique=("id",)),
        Kind(
            "schedules", "schedule", {**_NAMED, "unified_job_template": None, "rrule": "", "enabled": True, **_PROMPTS},
            ("name", "unified_job_template", "rrule"), {"unified_job_template": "unified_job_templates"}, _PROMPTED,
            unique=("unified_job_template", "name"),
        ),
        Kind(
            "teams", "team", {**_NAMED, "organization": None}, ("name", "organization"), {"organization": "organizations"},
            roles=("admin", "member", "read"),
        ),
        Kind(
            "roles", "role", {"name": "", "object": ""}, (), associations={"teams": "teams", "users": "users"},
            unique=("id",), can_delete=False,
        ),
        Kind(
            "workflow_jobs", "workflow_job",
            {"name": "", "status": "pending", "failed": False, "finished": None, "extra_vars": ""}, (), unique=("id",),
        ),
    )
}  # fmt: skip

UNIFIED = ("job_templates", "workflow_job_templates", "projects", "inventory_sources", "workflow_approval_templates")
"""Lists whose objects a node or a schedule can start. Their numbers are from one sequence."""
