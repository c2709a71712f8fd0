# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``play_hosts``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ansible import context
from ansible.errors import AnsibleFilterError

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.redact import mask_keys
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._fleet.inventory import Inventory
from ..plugin_utils._fleet.play_hosts import Named, NoHostsError, Run, check

_NO_EXAMPLES: Mapping[str, str] = MappingProxyType({})


def play_hosts(
    value: Mapping[str, Any],
    groups: Mapping[str, Sequence[str]],
    remaining_hosts: Collection[str],
    limit: str = "",
    allow_empty: Any = False,
    optional: Sequence[str] = (),
    needed: Sequence[str] = (),
    single: Sequence[str] = (),
    prefix: str = "",
    examples: Mapping[str, str] = _NO_EXAMPLES,
    serial: Any = "",
    max_fail_percentage: Any = "",
    attribute: str = "",
) -> Any:
    """The pattern of the first variable, checked with those of the others."""
    patterns = {
        str(option): _text(_named_in(str(option), pattern, attribute) if attribute else pattern) for option, pattern in value.items()
    }
    first = next(iter(patterns.values()))
    if _only_looks():
        return make_unsafe(first or [])
    inventory = Inventory(groups)
    named = [
        Named(
            option,
            pattern,
            inventory.machines(pattern),
            inventory.strangers(pattern),
            is_optional=option in optional,
            is_needed=option in needed,
            is_single=option in single,
            example=str(examples.get(option, "")),
        )
        for option, pattern in patterns.items()
    ]
    run = Run(
        inventory.left_by(limit, [str(name) for name in remaining_hosts]),
        str(limit),
        _truth(allow_empty),
        str(prefix),
        serial,
        max_fail_percentage,
    )
    try:
        return make_unsafe((first or []) if check(named, run) else [])
    except NoHostsError as error:
        # A key under the wrong variable is no pattern.
        raise AnsibleFilterError(mask_keys(str(error))) from None


def _named_in(option: str, value: Any, attribute: str) -> list[Any]:
    """The machines in a list of dictionaries, each once."""
    if value is None or value == "":
        return []
    if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(one, Mapping) and attribute in one for one in value):
        words = f"{option} must be a list of dictionaries with {attribute}, and is {value}. Correct it. Nothing was changed."
        raise AnsibleFilterError(mask_keys(words))
    names = [[one[attribute]] if isinstance(one[attribute], str) else list(one[attribute] or ()) for one in value]
    return list(dict.fromkeys(name for several in names for name in several))


def _only_looks() -> bool:
    """Whether this is no run but a check of the syntax or a list, for which no variable needs to be set."""
    return any(context.CLIARGS.get(name) for name in ("syntax", "listhosts", "listtasks", "listtags"))


def _text(pattern: Any) -> str:
    """A pattern as one text; a list of patterns, as extra variables may hold one, is joined."""
    if isinstance(pattern, str):
        return str(pattern).strip()
    if isinstance(pattern, Sequence):
        return ",".join(text for one in pattern if (text := _text(one)))
    return "" if pattern is None else str(pattern)


def _truth(value: Any) -> bool:
    """A survey answers in text."""
    return str(value).strip().lower() in {"true", "yes", "on", "1", "y", "t"}


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file by name."""
        return {"play_hosts": play_hosts}
