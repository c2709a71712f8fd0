# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dependencies between the options of a module.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The documentation contains the same rules: a test fails for a rule whose sentence is not in a description, and for a sentence without a
rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._licensing.policies.places import POLICIES

NEEDS, EXCLUDES, REQUIRED_WITH = "Needs", "Cannot be combined with", "Required with"


@dataclass(frozen=True)
class Rule:
    """A dependency of `option` on `other`; `value` is the value of `other` in the rule, or None for any value.

    `within` is the list of dictionaries that contains both as suboptions, or empty. `unset` is a value of `option` that counts as not set.
    """

    option: str
    kind: str
    other: str
    value: str | bool | None = None
    within: str = ""
    unset: str | None = None

    @property
    def paths(self) -> tuple[str, str]:
        """Return the names of the two options in the documentation."""
        before = f"{self.within}[]." if self.within else ""
        return before + self.option, before + self.other

    @property
    def sentence(self) -> str:
        """Return the sentence in the description of the option."""
        return f"{self.kind} O({self.paths[1]}{'' if self.value is None else f'={_as_yaml(self.value)}'})."

    def problem(self, options: Mapping[str, Any]) -> str | None:
        """Return how these options violate the rule, or None."""
        if not self.within:
            return self._about(options)
        items = enumerate(options.get(self.within) or (), 1)
        return next((f"{self.within}: item {number}: {wrong}" for number, item in items if (wrong := self._about(item))), None)

    def _about(self, options: Mapping[str, Any]) -> str | None:
        given = options.get(self.option)
        here, there = _is_given(given) and given not in (self.unset, []), _is_given(options.get(self.other))
        if self.kind == NEEDS and here and not there:
            return f"{self.option} needs {self.other}"
        is_meant = there if self.value is None else options.get(self.other) == self.value
        named = self.other if self.value is None else f"{self.other}: {_as_yaml(self.value)}"
        if self.kind == EXCLUDES and here and is_meant:
            return f"{self.option} cannot be combined with {named}"
        if self.kind == REQUIRED_WITH and not here and is_meant:
            return f"{self.option} is required with {named}"
        return None


def _as_yaml(value: str | bool) -> str:
    """Return a value in the form of a playbook."""
    return str(value).lower() if isinstance(value, bool) else value


def _is_given(value: Any) -> bool:
    """Return whether an option is set. False counts as not set: "discovery: false" does not contradict a KMS host."""
    return value is not None and value is not False


_DIRECTORY = (
    Rule("domain", EXCLUDES, "server"),
    Rule("address", NEEDS, "server"),
    Rule("dns_server", NEEDS, "domain"),
)

RULES: Mapping[str, tuple[Rule, ...]] = {
    "activation_check": (Rule("esu", EXCLUDES, "application", "office"),),
    "adba_object": (
        *_DIRECTORY,
        Rule("product_key", REQUIRED_WITH, "state", "present"),
        Rule("confirmation_id", EXCLUDES, "activation_method", "online"),
        Rule("installation_id", NEEDS, "confirmation_id"),
        Rule("guid", EXCLUDES, "state", "present"),
        Rule("partial_product_key", EXCLUDES, "state", "present"),
        Rule("machines", EXCLUDES, "state", "present"),
        Rule("force", EXCLUDES, "state", "present"),
    ),
    "adba_object_info": _DIRECTORY,
    "kms_client": (
        Rule("kms_host", EXCLUDES, "discovery"),
        Rule("kms_port", NEEDS, "kms_host"),
        Rule("products", EXCLUDES, "application", "windows"),
        Rule("remove_leftover_keys", EXCLUDES, "application", "windows"),
        Rule("product_key", EXCLUDES, "application", "office", unset="auto"),
    ),
    "kms_host": (Rule("installation_id", NEEDS, "confirmation_id", within="host_keys"),),
    "mak_client": (
        Rule("confirmation_id", EXCLUDES, "activation_method", "online"),
        Rule("confirmation_id", EXCLUDES, "activate", False),
        Rule("confirmation_id_file", EXCLUDES, "confirmation_id"),
        Rule("confirmation_id_file", EXCLUDES, "activation_method", "online"),
        Rule("confirmation_id_file", EXCLUDES, "activate", False),
        Rule("installation_id", NEEDS, "confirmation_id"),
        Rule("planned_activations", NEEDS, "max_activations"),
        Rule("clear_kms_settings", EXCLUDES, "application", "office"),
        Rule("esu", EXCLUDES, "activation_id"),
        Rule("esu", EXCLUDES, "application", "office"),
        Rule("esu", EXCLUDES, "clear_kms_settings"),
    ),
    "product_key": (Rule("product_key", REQUIRED_WITH, "state", "present"),),
    "rearm": (
        Rule("application_id", EXCLUDES, "scope", "windows"),
        Rule("application_id", EXCLUDES, "scope", "product"),
        Rule("application_id", REQUIRED_WITH, "scope", "application"),
        Rule("activation_id", EXCLUDES, "scope", "windows"),
        Rule("activation_id", EXCLUDES, "scope", "application"),
        Rule("activation_id", REQUIRED_WITH, "scope", "product"),
        Rule("cmids", EXCLUDES, "scope", "application"),
        Rule("cmids", EXCLUDES, "scope", "product"),
    ),
    "token_license": (Rule("src", REQUIRED_WITH, "state", "present"),),
    "windows_conformance": (
        Rule("computer_names", REQUIRED_WITH, "allow_changes", True),
        Rule("restore_path", REQUIRED_WITH, "allow_changes", True),
    ),
}
"""By the short name of the module."""


_DIRECTORY_SERVER = ("domain controller", ("server", "domain"))

AT_LEAST_ONE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "activation_policy": ("policy", tuple(policy.option for policy in POLICIES)),
    "adba_object": _DIRECTORY_SERVER,
    "adba_object_info": _DIRECTORY_SERVER,
}
"""By the short name of the module: options of which one must be given, because the task would not do anything or
would not know where, and what they are."""


def nothing_given(module: str, options: Mapping[str, Any]) -> str | None:
    """Return the problem of a task that would not do anything, or None."""
    what, names = AT_LEAST_ONE.get(module, ("", ()))
    if not names or any(_is_given(options.get(name)) for name in names):
        return None
    return f"at least one {what} must be specified: {', '.join(names)}"


__all__ = ["AT_LEAST_ONE", "RULES", "Rule", "nothing_given"]
