# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials: what a job gets from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment

from awx_rules.objects import CredentialType, ObjectError

MACHINE = "Machine"
_ENV_NAME = re.compile(r"^[a-zA-Z_][a-zA-Z0-9_]*$")
_PROHIBITED = frozenset({"VIRTUAL_ENV", "PATH", "PYTHONPATH", "JOB_ID", "INVENTORY_ID", "INVENTORY_SOURCE_ID", "INVENTORY_UPDATE_ID"})

WriteFile = Callable[[str, str], str]
"""Writes a file of a credential by its label and content, and returns its path in the job."""


@dataclass(frozen=True)
class Credential:
    """A credential: the name of its type, and its values."""

    name: str
    kind: str
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Credential({self.name!r})"


@dataclass(frozen=True)
class Injection:
    """What a job gets from one credential."""

    extra_vars: Mapping[str, Any] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    passwords: Mapping[str, str] = field(default_factory=dict)
    """Answers to the prompts of ansible-playbook, by regular expression."""


def secrets(credential: Credential, kind: CredentialType | None) -> frozenset[str]:
    """Return the values of a credential that no output may contain."""
    names = frozenset({"password"}) if kind is None else kind.secret
    return frozenset(str(value) for name, value in credential.inputs.items() if name in names and value)


def machine(credential: Credential) -> Injection:
    """Return what the built-in type "Machine" injects: a user, and the answer to the prompt for a password."""
    arguments: tuple[str, ...] = ()
    if credential.inputs.get("username"):
        arguments += ("-u", str(credential.inputs["username"]))
    if not credential.inputs.get("password"):
        return Injection(arguments=arguments)
    return Injection(arguments=(*arguments, "--ask-pass"), passwords={r"SSH password:\s*?$": str(credential.inputs["password"])})


def _check_env(kind: CredentialType) -> None:
    for name in kind.env:
        if not _ENV_NAME.match(name) or name in _PROHIBITED or name.startswith("ANSIBLE_"):
            raise ObjectError(f"{kind.name}: AWX does not inject {name} into the environment")


def _render(node: Any, names: Mapping[str, Any]) -> Any:
    if isinstance(node, Mapping):
        return {_render(name, names): _render(value, names) for name, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_render(value, names) for value in node]
    if not isinstance(node, str):
        raise ObjectError(f"{node!r}: an injector consists of texts")
    return ImmutableSandboxedEnvironment().from_string(node).render(**names)


def inject(kind: CredentialType, credential: Credential, write: WriteFile) -> Injection:
    """Return what a credential of one's own type injects. In its templates, an input without a value is undefined and renders empty."""
    missing = [name for name in kind.required if credential.inputs.get(name) in (None, "")]
    if missing:
        raise ObjectError(f"{credential.name}: no value for {', '.join(missing)}")
    _check_env(kind)
    tower = SimpleNamespace()
    values = {name: value for name, value in credential.inputs.items() if isinstance(value, bool) or value}
    names = {**dict.fromkeys(kind.booleans, False), **values, "tower": tower}
    for label, content in kind.file.items():
        path = write(label, _render(content, names))
        if "." not in label:
            tower.filename = path
            continue
        tower.filename = getattr(tower, "filename", SimpleNamespace())
        setattr(tower.filename, label.split(".", 1)[1], path)
    return Injection(_render(kind.extra_vars, names), _render(kind.env, names))
