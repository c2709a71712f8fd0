# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What roles and playbooks leave in variables: read from their files, so that a new name cannot be forgotten.

A name that begins with two underscores is private. Every other name that a task sets is published, and AWX may give its value to a
later job as an extra variable, which wins over everything a task sets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PRIVATE = "__"
_SET_FACT, _SET_STATS = "ansible.builtin.set_fact", "ansible.builtin.set_stats"
_INNER = ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks", "handlers")


@dataclass(frozen=True)
class Written:
    """A variable that a task sets, and the template its value comes from; None for a result that is registered."""

    name: str
    value: Any
    where: str

    @property
    def is_private(self) -> bool:
        """Whether no artifact of a job can have this name."""
        return self.name.startswith(PRIVATE)


def task_files(root: Path) -> list[Path]:
    """The files of tasks and plays."""
    return sorted([*root.glob("roles/*/tasks/*.yml"), *root.glob("roles/*/handlers/*.yml"), *root.glob("playbooks/**/*.yml")])


def variable_files(root: Path) -> list[Path]:
    """The files of variables that roles bring along."""
    return sorted([*root.glob("roles/*/vars/*.yml"), *root.glob("roles/*/defaults/*.yml")])


def tasks(entries: Iterable[Mapping[str, Any]] | None) -> Iterator[Mapping[str, Any]]:
    """Plays and tasks of a file, and those inside of them."""
    for entry in entries or ():
        yield entry
        for inner in _INNER:
            yield from tasks(entry.get(inner))


def load(path: Path) -> Any:
    """What a file says."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def written(path: Path) -> Iterator[Written]:
    """Every variable that a task of a file sets."""
    for task in tasks(load(path)):
        data = (task.get(_SET_STATS) or {}).get("data")
        # The names of the artifacts of a run are computed, see `artifacts`.
        facts = {**(task.get(_SET_FACT) or {}), **(data if isinstance(data, Mapping) else {})}
        yield from (Written(name, value, path.name) for name, value in facts.items() if name != "cacheable")
        if "register" in task:
            yield Written(task["register"], None, path.name)


def published(root: Path) -> set[str]:
    """Every public name that a role or playbook sets."""
    return {found.name for path in task_files(root) for found in written(path) if not found.is_private}


def artifacts(root: Path) -> set[str]:
    """The artifacts of the playbooks, outside of AWX and in a job of AWX."""
    return {f"{path.stem}_outcome{job}" for path in root.glob("playbooks/*.yml") for job in ("", "_1742")}


def handed(path: Path) -> Iterator[Written]:
    """Every variable that a file gives to plays, roles, blocks and tasks, and every name that a loop has for its items."""
    for entry in tasks(load(path)):
        for holder in (entry, *(role for role in entry.get("roles") or () if isinstance(role, Mapping))):
            yield from (Written(name, value, path.name) for name, value in (holder.get("vars") or {}).items())
        control = entry.get("loop_control") or {}
        yield from (Written(control[kind], None, path.name) for kind in ("loop_var", "index_var") if kind in control)


def texts(value: Any) -> Iterator[str]:
    """Every text in a structure, without the names of its entries."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def read_in(value: Any, names: Iterable[str]) -> set[str]:
    """Which of the names a structure reads: as a variable, as an attribute or as text, but not as a filter or module of the collection."""
    found = "\n".join(texts(value))
    return {name for name in names if re.search(rf"(?<!volume_activation\.)(?<!\w){name}\b", found)}


def readme_before_facts(role: Path) -> str:
    """The README of a role up to its table of published facts."""
    return (role / "README.md").read_text(encoding="utf-8").partition("\n## Published facts\n")[0]
