# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Job templates, workflows, and credential types, read from data in the names of infra.aap_configuration.

Only the fields that decide what a job does are read. A name that no object has is an error of the data, and not of a test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PROMPTS = {
    "ask_variables_on_launch": "extra_vars",
    "ask_limit_on_launch": "limit",
    "ask_job_type_on_launch": "job_type",
    "ask_verbosity_on_launch": "verbosity",
    "ask_diff_mode_on_launch": "diff_mode",
    "ask_tags_on_launch": "job_tags",
    "ask_skip_tags_on_launch": "skip_tags",
    "ask_forks_on_launch": "forks",
    "ask_timeout_on_launch": "timeout",
    "ask_job_slice_count_on_launch": "job_slice_count",
    "ask_inventory_on_launch": "inventory",
    "ask_credential_on_launch": "credentials",
    "ask_execution_environment_on_launch": "execution_environment",
    "ask_scm_branch_on_launch": "scm_branch",
    "ask_labels_on_launch": "labels",
    "ask_instance_groups_on_launch": "instance_groups",
}
"""Each option `ask_*_on_launch`, and the field of a launch that it opens."""

FIELDS = ("limit", "job_type", "verbosity", "diff_mode", "job_tags", "skip_tags", "forks", "job_slice_count", "inventory", "credentials")
"""The fields of a job template that decide how its jobs run."""


class ObjectError(Exception):
    """The data has a mistake that AWX refuses."""


@dataclass(frozen=True)
class Question:
    """A question of a survey."""

    variable: str
    kind: str
    required: bool
    default: Any = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Template:
    """A job template."""

    name: str
    playbook: str
    extra_vars: Mapping[str, Any] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    asks: frozenset[str] = frozenset()
    """The fields of a launch that are open, such as `limit`."""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Node:
    """A node of a workflow: a job template, or an approval."""

    identifier: str
    template: str = ""
    """The name of the job template. Empty for an approval."""
    approval: str = ""
    timeout: int = 0
    """Seconds until an approval fails by itself. 0: never."""
    extra_data: Mapping[str, Any] = field(default_factory=dict)
    prompts: Mapping[str, Any] = field(default_factory=dict)
    all_parents_must_converge: bool = False
    success: tuple[str, ...] = ()
    failure: tuple[str, ...] = ()
    always: tuple[str, ...] = ()


@dataclass(frozen=True)
class Workflow:
    """A workflow template."""

    name: str
    nodes: tuple[Node, ...]
    extra_vars: Mapping[str, Any] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    asks: frozenset[str] = frozenset()
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CredentialType:
    """A credential type of one's own."""

    name: str
    secret: frozenset[str]
    required: tuple[str, ...]
    defaults: Mapping[str, Any]
    booleans: frozenset[str]
    extra_vars: Mapping[str, Any]
    env: Mapping[str, str]
    file: Mapping[str, str]


def _choices(given: Any) -> tuple[str, ...]:
    lines = given.splitlines() if isinstance(given, str) else given or ()
    return tuple(str(line) for line in lines if str(line).strip())


def _limit(given: Any) -> float | None:
    return None if given in {"", None} else float(given)


def questions(template: Mapping[str, Any]) -> tuple[Question, ...]:
    """Return the questions of a template. Without `survey_enabled`, AWX does not ask any."""
    found = (template.get("survey_spec") or {}).get("spec") or ()
    if not template.get("survey_enabled"):
        return ()
    for entry in found:
        if not entry.get("variable") or not entry.get("question_name") or "required" not in entry:
            raise ObjectError(f"{template['name']}: a question needs question_name, variable, and required: {entry}")
    return tuple(
        Question(
            entry["variable"], entry["type"], bool(entry["required"]), entry.get("default"), _choices(entry.get("choices")),
            _limit(entry.get("min")), _limit(entry.get("max")),
        )
        for entry in found
    )  # fmt: skip


def asks(template: Mapping[str, Any]) -> frozenset[str]:
    """Return the fields that a template asks for on launch."""
    unknown = {name for name in template if name.startswith("ask_")} - set(PROMPTS)
    if unknown:
        raise ObjectError(f"{template['name']}: AWX has no {', '.join(sorted(unknown))}")
    return frozenset(name for option, name in PROMPTS.items() if template.get(option))


def template(data: Mapping[str, Any]) -> Template:
    """Read a job template."""
    fields = {name: data[name] for name in FIELDS if data.get(name) not in (None, "", [])}
    return Template(data["name"], data["playbook"], data.get("extra_vars") or {}, questions(data), asks(data), fields)


def _names(given: Sequence[Any] | None) -> tuple[str, ...]:
    return tuple(entry["identifier"] if isinstance(entry, Mapping) else str(entry) for entry in given or ())


def node(data: Mapping[str, Any]) -> Node:
    """Read a node, in the short form of infra.aap_configuration or the form of awx.awx."""
    what, related = data.get("unified_job_template") or {}, data.get("related") or data
    what = {"name": what} if isinstance(what, str) else what
    approval = data.get("approval_node") or (what if what.get("type") == "workflow_approval" else {})
    credentials = _names_of(related.get("credentials"))
    prompts = {name: data[name] for name in FIELDS if name != "credentials" and data.get(name) not in (None, "")}
    return Node(
        data["identifier"],
        "" if approval else what["name"],
        approval.get("name", ""),
        int(approval.get("timeout") or 0),
        data.get("extra_data") or {},
        {**prompts, **({"credentials": list(credentials)} if credentials else {})},
        bool(data.get("all_parents_must_converge")),
        _names(related.get("success_nodes")),
        _names(related.get("failure_nodes")),
        _names(related.get("always_nodes")),
    )


def _names_of(given: Sequence[Any] | None) -> tuple[str, ...]:
    return tuple(entry["name"] if isinstance(entry, Mapping) else str(entry) for entry in given or ())


def workflow(data: Mapping[str, Any]) -> Workflow:
    """Read a workflow template. A link to a node that does not exist, and two nodes of one name, are errors."""
    nodes = tuple(node(entry) for entry in data.get("simplified_workflow_nodes") or data.get("workflow_nodes") or ())
    known = [entry.identifier for entry in nodes]
    linked = {name for entry in nodes for name in (*entry.success, *entry.failure, *entry.always)}
    if len(set(known)) != len(known) or linked - set(known):
        raise ObjectError(f"{data['name']}: {known} are linked to {sorted(linked)}")
    fields = {name: data[name] for name in FIELDS if data.get(name) not in (None, "", [])}
    return Workflow(data["name"], nodes, data.get("extra_vars") or {}, questions(data), asks(data), fields)


def credential_type(data: Mapping[str, Any]) -> CredentialType:
    """Read a credential type."""
    inputs, injectors = data.get("inputs") or {}, data.get("injectors") or {}
    fields = inputs.get("fields") or ()
    unknown = set(injectors) - {"extra_vars", "env", "file"}
    if unknown:
        raise ObjectError(f"{data['name']}: AWX has no injector {', '.join(sorted(unknown))}")
    return CredentialType(
        data["name"],
        frozenset(entry["id"] for entry in fields if entry.get("secret")),
        tuple(inputs.get("required") or ()),
        {entry["id"]: entry["default"] for entry in fields if "default" in entry},
        frozenset(entry["id"] for entry in fields if entry.get("type") == "boolean"),
        injectors.get("extra_vars") or {},
        injectors.get("env") or {},
        injectors.get("file") or {},
    )
