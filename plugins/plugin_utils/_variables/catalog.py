# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the roles and playbooks: their options, and the names that they publish.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The options of a role are read from its `meta/argument_specs.yml`, as Ansible does, and the variables of playbooks from
`meta/playbook_specs.yml`, so that they are not written down twice. The published names are a list of this file, which a test compares with
the tasks of the roles.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_load

_ROOT = Path(__file__).resolve().parents[3]
_ROLES = _ROOT / "roles"


@dataclass(frozen=True)
class Playbook:
    """The playbooks with one first part of their variables: the variables that only they read, and the roles that they run."""

    variables: frozenset[str]
    roles: tuple[str, ...]


def _prefix_of(playbook: str, specification: Mapping[str, Any]) -> str:
    """Return the first part of a playbook's variables: its own name, or that of the role of its proxy activation."""
    return "proxy_activation" if "proxy_activation" in specification["roles"] else playbook


@cache
def _specifications() -> Mapping[str, Mapping[str, Any]]:
    return dict(yaml_load((_ROOT / "meta" / "playbook_specs.yml").read_text(encoding="utf-8"))["playbook_specs"])


@cache
def _artifact() -> re.Pattern[str]:
    """Return the pattern of the artifacts that playbooks publish, in AWX with the number of the job."""
    return re.compile(rf"(?:{'|'.join(map(re.escape, _specifications()))})_outcome(?:_[0-9]+)?")


@cache
def playbooks() -> Mapping[str, Playbook]:
    """Return the playbooks by the first part of the names of their variables. The four playbooks of proxy activation share it."""
    found: dict[str, Playbook] = {}
    for name, specification in _specifications().items():
        prefix = _prefix_of(name, specification)
        before = found.get(prefix, Playbook(frozenset(), ()))
        used = dict.fromkeys((*before.roles, *specification["roles"]))
        found[prefix] = Playbook(before.variables.union(specification["options"]), tuple(used))
    return found


PUBLISHED: frozenset[str] = frozenset(
    {
        "activation_check_facts",
        "activation_check_result",
        "activation_check_summary",
        "activation_policy_result",
        "activation_report_result",
        "adba_migration",
        "adba_object_result",
        "adba_plan",
        "adba_result",
        "controller_credential_types",
        "controller_credentials",
        "controller_execution_environments",
        "controller_inventories",
        "controller_inventory_sources",
        "controller_labels",
        "controller_notifications",
        "controller_organizations",
        "controller_projects",
        "controller_roles",
        "controller_schedules",
        "controller_teams",
        "controller_templates",
        "controller_workflows",
        "esu_budget",
        "esu_check_result",
        "esu_report",
        "esu_result",
        "kms_client_result",
        "kms_failover_pending",
        "kms_failover_report",
        "kms_host_result",
        "kms_srv_cleanup_repair",
        "kms_srv_cleanup_report",
        "mak_client_budget",
        "mak_client_check_result",
        "mak_client_result",
        "outcome_report",
        "proxy_activation_collected",
        "proxy_activation_deposited",
        "proxy_activation_report",
        "proxy_activation_requested",
        "rearm_activation",
        "rearm_result",
        "recover_nongenuine_after",
        "recover_nongenuine_before",
    }
)
"""Names that roles and playbooks set for their users. A job of AWX can pass them to the next job as extra variables."""


@dataclass(frozen=True)
class VariableScope:
    """The variables that a run can read: their first parts, and their names."""

    prefixes: tuple[str, ...]
    options: frozenset[str]


@cache
def spec_of(role: str) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """Return the options of a role by entry point, as in its argument spec."""
    text = (_ROLES / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    return {name: entry.get("options") or {} for name, entry in yaml_load(text)["argument_specs"].items()}


def options_of(role: str) -> frozenset[str]:
    """Return the options of all entry points of a role."""
    return frozenset(name for options in spec_of(role).values() for name in options)


def roles() -> tuple[str, ...]:
    """Return the names of all roles."""
    return tuple(sorted(path.name for path in _ROLES.iterdir() if (path / "meta" / "argument_specs.yml").is_file()))


@cache
def scope_of(content: str) -> VariableScope:
    """Return what a playbook or a role reads: a playbook with its roles, or a role with the playbooks that run it.

    Raises KeyError for a name that is neither.
    """
    found = {name for name, playbook in playbooks().items() if content == name or content in playbook.roles}
    used = {content} & set(roles()) | set(playbooks()[content].roles if content in playbooks() else ())
    if not found | used:
        raise KeyError(content)
    options = frozenset().union(*(playbooks()[name].variables for name in found), *(options_of(role) for role in used))
    return VariableScope(tuple(sorted(f"{name}_" for name in found | used)), options)


@cache
def _all_options() -> frozenset[str]:
    return frozenset().union(*(playbook.variables for playbook in playbooks().values()), *(options_of(role) for role in roles()))


def is_known(name: str) -> bool:
    """Whether a role or playbook reads or publishes a variable of this name."""
    return name in PUBLISHED or name in _all_options() or _artifact().fullmatch(name) is not None


__all__ = ["PUBLISHED", "Playbook", "VariableScope", "is_known", "options_of", "playbooks", "roles", "scope_of", "spec_of"]
