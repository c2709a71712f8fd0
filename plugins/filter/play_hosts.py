# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``play_hosts``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ansible import context
from ansible.errors import AnsibleFilterError

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.redact import mask_keys
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._fleet.inventory import Inventory
from ..plugin_utils._fleet.play_hosts import Job, Named, NoHostsError, PlayRun, check
from ..plugin_utils._variables import answers
from ..plugin_utils._variables.catalog import is_known, scope_of
from ..plugin_utils._variables.misspelled import messages, misspelled

_NO_EXAMPLES: Mapping[str, str] = MappingProxyType({})
_NO_JOB: Mapping[str, Any] = MappingProxyType({})


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
    variables: Iterable[str] = (),
    only_first: Any = False,
    fail_on: Any = "",
    fail_on_unreachable: Any = "",
    job: Mapping[str, Any] = _NO_JOB,
) -> Any:
    """Return the pattern of the first variable, or its first machine, after all patterns were validated."""
    patterns = {
        str(option): _text(_named_in(str(option), pattern, attribute) if attribute else pattern) for option, pattern in value.items()
    }
    first = next(iter(patterns.values()))
    if _is_inspection():
        return make_unsafe(first or [])
    problems = _misspelled(variables, str(prefix))
    if problems:
        raise AnsibleFilterError(mask_keys(" ".join([*problems, "Nothing was changed."])))
    inventory = Inventory(groups)
    named = [
        Named(
            option,
            pattern,
            inventory.machines(pattern),
            inventory.unknown_parts(pattern),
            is_optional=option in optional,
            is_needed=option in needed,
            is_single=option in single,
            example=str(examples.get(option, "")),
        )
        for option, pattern in patterns.items()
    ]
    run = PlayRun(
        inventory.left_by(limit, [str(name) for name in remaining_hosts]),
        str(limit),
        _truth(allow_empty),
        str(prefix),
        serial,
        max_fail_percentage,
        fail_on,
        fail_on_unreachable,
        Job(*(str(job.get(name) or "") for name in ("id", "workflow", "template"))),
    )
    try:
        chosen = next(([name] for name in named[0].machines if name in run.left), []) if _truth(only_first) else first or []
        return make_unsafe(chosen if check(named, run) else [])
    except NoHostsError as error:
        # A product key in the wrong variable is masked.
        raise AnsibleFilterError(mask_keys(str(error))) from None


def _misspelled(variables: Iterable[str], prefix: str) -> list[str]:
    """Return messages about misspelled variables of the playbook and its roles. A playbook of a user has a prefix of its own."""
    try:
        scope = scope_of(prefix.rstrip("_"))
    except KeyError:
        return []
    return messages(misspelled(map(str, variables), {}, 0, scope, is_known), scope.prefixes)


def _named_in(option: str, value: Any, attribute: str) -> list[Any]:
    """Return the machines in a list of dictionaries without duplicates."""
    if value is None or value == "":
        return []
    if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(one, Mapping) and attribute in one for one in value):
        message = f"{option} must be a list of dictionaries with {attribute}, and is {value}. Correct it. Nothing was changed."
        raise AnsibleFilterError(mask_keys(message))
    names = [[one[attribute]] if isinstance(one[attribute], str) else list(one[attribute] or ()) for one in value]
    return list(dict.fromkeys(name for several in names for name in several))


def _is_inspection() -> bool:
    """Whether ansible-playbook only checks the syntax or lists something, which does not require the variables."""
    return any(context.CLIARGS.get(name) for name in ("syntax", "listhosts", "listtasks", "listtags"))


def _text(pattern: Any) -> str:
    """Return a pattern as one text. A list of patterns, and the lines of a text of a survey, are joined."""
    if isinstance(pattern, str):
        return ",".join(answers.items(pattern)) if len(pattern.split("\n")) > 1 else str(pattern).strip()
    if isinstance(pattern, Sequence):
        return ",".join(text for one in pattern if (text := _text(one)))
    return "" if pattern is None else str(pattern)


def _truth(value: Any) -> bool:
    """Convert a boolean, which is a text in a survey."""
    return str(value).strip().lower() in {"true", "yes", "on", "1", "y", "t"}


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"play_hosts": play_hosts}
