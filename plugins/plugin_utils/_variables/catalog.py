# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the roles and playbooks: their options, and the names that they publish.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The options of a role are read from its `meta/argument_specs.yml`, as Ansible does, so that they are not written down twice. The variables
of playbooks and the published names are lists of this file, which tests compare with the playbooks and with the tasks of the roles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ansible.module_utils.common.yaml import yaml_load

_ROLES = Path(__file__).resolve().parents[3] / "roles"
_READING = ("hosts", "allow_empty")
_CHECKING = (*_READING, "serial")
_WRITING = (*_CHECKING, "max_fail_percentage")


@dataclass(frozen=True)
class Playbook:
    """A playbook: the variables that only the playbook reads, and the roles that it runs."""

    variables: frozenset[str]
    roles: tuple[str, ...]


def _playbook(prefix: str, names: tuple[str, ...], *roles: str, more: tuple[str, ...] = ()) -> Playbook:
    return Playbook(frozenset((*(f"{prefix}_{name}" for name in names), *more)), roles)


PLAYBOOKS: Mapping[str, Playbook] = {
    "activate_esu": _playbook("activate_esu", _WRITING, "esu"),
    "activation_check": _playbook("activation_check", _CHECKING, "activation_check"),
    "activation_merge": _playbook("activation_merge", ("paths", "path", "report_path", "stale_after_days", "expiring_within_days")),
    "activation_report": _playbook("activation_report", _READING, "activation_report"),
    "convert_to_kms": _playbook("convert_to_kms", _WRITING, "kms_client"),
    "convert_to_mak": _playbook("convert_to_mak", _WRITING, "mak_client"),
    "kms_failover": _playbook("kms_failover", ("serial", "max_fail_percentage", "allow_empty"), "kms_failover"),
    "kms_key_rotation": _playbook("kms_key_rotation", ("serial", "max_fail_percentage", "allow_empty"), "kms_key_rotation"),
    "kms_srv_cleanup": _playbook("kms_srv_cleanup", ("allow_empty",), "kms_srv_cleanup"),
    "mak_to_kms_when_ready": _playbook("mak_to_kms_when_ready", (*_WRITING, "kms_hosts"), "kms_client"),
    "proxy_activation": _playbook("proxy_activation", _WRITING, "proxy_activation"),
    "rearm_duplicates": _playbook(
        "rearm_duplicates", ("serial", "max_fail_percentage", "allow_empty", "reboot"), "rearm", more=("rearm_duplicates",)
    ),
    "recover_nongenuine": _playbook("recover_nongenuine", (*_WRITING, "kms_hosts"), "recover_nongenuine"),
    "windows_conformance": _playbook(
        "windows_conformance", ("hosts", "folder", "deadline", "exchanges", "allow_empty", "allow_changes", "computer_names")
    ),
}
"""Playbooks by the first part of the names of their variables. The four playbooks of proxy activation share it."""

PUBLISHED: frozenset[str] = frozenset(
    {
        "activation_check_result",
        "activation_check_summary",
        "activation_policy_result",
        "activation_report_result",
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
def options_of(role: str) -> frozenset[str]:
    """Return the options of all entry points of a role."""
    text = (_ROLES / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    return frozenset(name for entry in yaml_load(text)["argument_specs"].values() for name in entry.get("options") or ())


def roles() -> tuple[str, ...]:
    """Return the names of all roles."""
    return tuple(sorted(path.name for path in _ROLES.iterdir() if (path / "meta" / "argument_specs.yml").is_file()))


@cache
def scope_of(content: str) -> VariableScope:
    """Return what a playbook or a role reads: a playbook with its roles, or a role with the playbooks that run it.

    Raises KeyError for a name that is neither.
    """
    found = {name for name, playbook in PLAYBOOKS.items() if content == name or content in playbook.roles}
    used = {content} & set(roles()) | set(PLAYBOOKS[content].roles if content in PLAYBOOKS else ())
    if not found | used:
        raise KeyError(content)
    options = frozenset().union(*(PLAYBOOKS[name].variables for name in found), *(options_of(role) for role in used))
    return VariableScope(tuple(sorted(f"{name}_" for name in found | used)), options)


@cache
def _all_options() -> frozenset[str]:
    return frozenset().union(*(playbook.variables for playbook in PLAYBOOKS.values()), *(options_of(role) for role in roles()))


def is_known(name: str) -> bool:
    """Whether a role or playbook reads or publishes a variable of this name."""
    return name in PUBLISHED or name in _all_options()


__all__ = ["PLAYBOOKS", "PUBLISHED", "Playbook", "VariableScope", "is_known", "options_of", "roles", "scope_of"]
