# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookup ``invalid_variables``: messages about variables of a role with wrong values."""

from __future__ import annotations

DOCUMENTATION = r"""
name: invalid_variables
version_added: 0.1.0
short_description: Validate the variables of a role of this collection
description:
  - Validates the variables that the task sees against the argument spec of a role, and returns messages about wrong ones. The list is empty
    if all are right. The roles of this collection use it in their first task.
  - In contrast to M(ansible.builtin.validate_argument_spec), an empty text means that the variable is not set, as for a question of an AWX
    survey without an answer. An empty product key or another secret is wrong, and so is an empty limit for activations. A text of several
    lines is a list.
  - The messages do not contain the argument spec, product keys, or other secrets.
author:
  - winops contributors (@winops)
options:
  _terms:
    description: Name of the role without the name of the collection, and the entry point. The default of the entry point is V(main).
    type: list
    elements: str
    required: true
seealso:
  - plugin: winops.volume_activation.misspelled_variables
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Fail before the first machine if a variable is wrong
  ansible.builtin.fail:
    msg: "{{ wrong | join(' ') }}"
  vars:
    wrong: "{{ query('winops.volume_activation.invalid_variables', 'kms_client') }}"
  when: wrong | length > 0
  run_once: true
"""

RETURN = r"""
_raw:
  description: Messages, one sentence each.
  type: list
  elements: str
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.misplaced import SHORTEST_SECRET
from ..plugin_utils._edge.secrets import SecretMask
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._variables.catalog import spec_of
from ..plugin_utils._variables.validation import problems, secrets_in


@dataclass(frozen=True)
class _Unread:
    """A variable that cannot be evaluated."""

    message: str


class LookupModule(LookupBase):  # type: ignore[misc]
    """winops.volume_activation.invalid_variables"""

    def run(self, terms: Sequence[str], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[str]:
        """Return messages about the variables of a role."""
        self.set_options(var_options=variables, direct=kwargs)
        role, entry = [*map(str, terms), "main"][:2]
        try:
            options = spec_of(role)[entry]
        except (OSError, KeyError):
            raise AnsibleLookupError(f"invalid_variables: {role} with the entry point {entry} is not a role of this collection.") from None
        unread, values = self._values(options, variables or {})
        mask = SecretMask([text for text in secrets_in(options, values) if len(text) >= SHORTEST_SECRET])
        return make_unsafe([mask.apply(message) for message in [*unread, *problems(role, options, values)]])

    def _values(self, options: Mapping[str, Any], variables: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
        """Return messages about variables that cannot be evaluated, and the values of the others."""
        found = {name: self._value(name, variables[name]) for name in options if name in variables}
        unread = [value.message for value in found.values() if isinstance(value, _Unread)]
        return unread, {name: value for name, value in found.items() if not isinstance(value, _Unread)}

    def _value(self, name: str, raw: Any) -> Any:
        try:
            return self._templar.template(raw)
        except AnsibleError as error:
            return _Unread(f"{name} cannot be evaluated: {' '.join(str(error).split()).rstrip('.')}.")
