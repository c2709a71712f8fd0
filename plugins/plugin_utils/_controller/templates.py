# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Job templates: from the shipped description to the objects of a controller. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .site import Site
from .surveys import survey_of

CHECK = "check"
"""Use of a template in check mode, and the end of its key."""


@dataclass(frozen=True)
class Template:
    """A shipped job template. roles/controller_content/vars/main/templates_reading.yml describes the fields."""

    key: str
    name: str
    description: str
    playbook: str
    use: str
    has_check: bool = False
    required: Sequence[str] = ()
    questions: Sequence[str] = ()
    credentials: Sequence[str] = ()
    limit: bool = False
    slices: bool = False
    extra_vars: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


def templates_of(groups: Sequence[Mapping[str, Mapping[str, Any]]]) -> Iterator[Template]:
    """Return the shipped templates, each followed by its template in check mode."""
    for key, fields in ((key, fields) for group in groups for key, fields in group.items()):
        template = Template(key=key, **fields)
        yield template
        if template.has_check:
            yield _in_check_mode(template)


def _in_check_mode(template: Template) -> Template:
    return replace(
        template,
        key=f"{template.key}_{CHECK}",
        name=f"{template.name} (check)",
        description=f"In check mode, which changes nothing and shows what would change. {template.description}",
        use=CHECK,
        has_check=False,
        options={"job_type": "check", "diff_mode": True, **template.options},
    )


def job_template(template: Template, questions: Mapping[str, Mapping[str, Any]], labels: Mapping[str, str], site: Site) -> dict[str, Any]:
    """Return a job template in the form of infra.aap_configuration."""
    shipped = {
        "name": site.named(template.name),
        "description": template.description,
        "organization": site.organization,
        "job_type": "run",
        "inventory": site.inventory_name,
        "project": site.project_name,
        "playbook": f"{site.playbook_folder}/{template.playbook}.yml".lstrip("/"),
        "credentials": [site.credential_names[kind] for kind in template.credentials if site.credential_names.get(kind)],
        "extra_vars": _variables(template, site),
        "labels": [site.named(labels[template.use])] if site.has("labels", template.use) else [],
        "allow_simultaneous": False,
        "become_enabled": False,
        "ask_variables_on_launch": False,
        "ask_limit_on_launch": template.limit,
        "ask_job_slice_count_on_launch": template.slices and template.use != "step",
        "ask_verbosity_on_launch": template.use != "step",
        "job_slice_count": site.slices if template.slices and template.use == "step" else 1,
        "notification_templates_error": [] if template.use == "step" else site.notification_names,
        **survey_of(template.required, template.questions, questions, site),
        **_of_the_site(site),
        **template.options,
    }
    return site.overridden("templates", template.key, shipped)


def _variables(template: Template, site: Site) -> dict[str, Any]:
    """Return the variables of the job. Those that the site sets come first, because the others refer to them."""
    own = {**template.extra_vars, **_ledger(template, site)}
    shared = {"volume_activation_folder": site.folder, "volume_activation_file_host": site.file_host}
    found: dict[str, Any] = {name: value for name, value in shared.items() if name in str(own)}
    if site.file_host_variables and "file_host" in str(own):
        # The file host is in the inventory of one slice only.
        found["volume_activation_file_host_variables"] = dict(site.file_host_variables)
    return {**found, **own}


def _ledger(template: Template, site: Site) -> dict[str, Any]:
    """Return the variables of the ledger. It is on the file host, as the other files."""
    if not site.ledger or template.use != "changes":
        return {}
    host = {"activation_ledger_file_host": site.file_host} if site.file_host else {}
    return {"activation_ledger": site.ledger, **host}


def _of_the_site(site: Site) -> dict[str, Any]:
    chosen = {
        "execution_environment": site.execution_environment_name,
        "instance_groups": list(site.instance_groups),
        "verbosity": site.verbosity,
    }
    return {name: value for name, value in chosen.items() if value not in ("", [], None)}
