# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a module, built from its documentation, so that both are always consistent.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Names, types, choices, and defaults come from the options of DOCUMENTATION. A dictionary, or a list of dictionaries, can have suboptions,
which are checked like options and can be `required`; without suboptions, its content is not checked. In any other list, each item is
checked like a single option. `SECRETS` has the names of options with a secret, at any depth. :mod:`rules` has the dependencies between
options.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.common.validation import check_type_bool, check_type_int, check_type_list, check_type_path, check_type_str
from ansible.module_utils.common.yaml import yaml_load

from .._errors import InvalidOptionsError
from .._variables.answers import Kind
from .answers import is_task_of_role, understood
from .misplaced import SHORTEST_SECRET, misplaced_secrets, texts_in
from .redact import is_mapping
from .rules import RULES, Rule, nothing_given
from .validators import CHECKS

SECRETS = frozenset({"product_key", "fallback_key", "key_secret", "password", "http_proxy_password"})
"""Options whose value must not be shown."""


def _mapping(given: Any) -> Mapping[str, Any]:
    """Return a dictionary with any content, such as the registered result of another task."""
    if not isinstance(given, Mapping):
        raise TypeError
    return given


_CONVERTERS: Mapping[str, Callable[[Any], Any]] = {
    "str": check_type_str,
    "int": check_type_int,
    "bool": check_type_bool,
    "dict": _mapping,
    "path": check_type_path,
}
_KINDS = {"str": "text", "path": "a path", "int": "a whole number", "bool": "true or false", "dict": "a dictionary"}
_LISTS = (list, tuple)


@dataclass(frozen=True)
class Option:
    """One option from its documentation; a dictionary and a list of dictionaries have `suboptions`.

    `elements` is the type of the items of a list.
    """

    name: str
    type: str
    choices: tuple[str, ...]
    default: Any
    required: bool = False
    elements: str = ""
    suboptions: Mapping[str, Option] = field(default_factory=dict)

    def kind(self) -> Kind:
        """Return what has to be known to read an answer of a survey."""
        parts = {name: option.kind() for name, option in self.suboptions.items()}
        is_list = self.type == "list"
        return Kind(is_list, self.name in SECRETS or (is_list and any(part.is_secret for part in parts.values())), parts)

    def value_of(self, given: Any) -> Any:
        """Return the converted value of the option; raises ValueError with a human-readable message."""
        if given == self.default:
            return given
        if self.type == "list":
            return self._items_of(given) if self.suboptions else [self._scalar(item, self.elements) for item in _listed(given)]
        return self._dictionary(given) if self.suboptions else self._scalar(given, self.type)

    def _scalar(self, given: Any, kind: str) -> Any:
        try:
            value = _CONVERTERS[kind](given)
        except TypeError:
            raise ValueError(f"{given!r} is not {_KINDS[kind]}") from None
        if self.choices and value not in self.choices:
            raise ValueError(f"{given!r} is not one of {', '.join(self.choices)}")
        return CHECKS[self.name](value) if self.name in CHECKS else value

    def secret_texts(self, given: Any) -> Iterator[str]:
        """Yield the texts in a raw value that must not be shown. A value of the wrong type might be a secret in the wrong place."""
        if self.name in SECRETS:
            yield from texts_in(given) if given not in (None, self.default) else ()
        elif isinstance(given, _LISTS):
            for item in given:
                yield from self.secret_texts(item)
        elif is_mapping(given):
            for name, suboption in self.suboptions.items():
                yield from suboption.secret_texts(given.get(name))
        elif given is not None and SECRETS.intersection(self.suboptions):
            yield str(given).strip()

    def _items_of(self, given: Any) -> list[dict[str, Any]]:
        if not isinstance(given, _LISTS):
            raise ValueError("it is not a list")
        return [self._item_of(item, number) for number, item in enumerate(given, 1)]

    def _item_of(self, item: Any, number: int) -> dict[str, Any]:
        if not isinstance(item, Mapping):
            raise ValueError(f"item {number} is not a dictionary with {', '.join(self.suboptions)}")
        return self._within(item, f"item {number}: ")

    def _dictionary(self, given: Any) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            raise ValueError(f"it is not a dictionary with {', '.join(self.suboptions)}")
        return self._within(given, "")

    def _within(self, item: Mapping[str, Any], where: str) -> dict[str, Any]:
        """Return the suboptions of one dictionary; `where` is the prefix of error messages."""
        given = {name: value for name, value in item.items() if value is not None}
        problem = unknown_options(given, self.suboptions)
        missing = [name for name, option in self.suboptions.items() if option.required and name not in given]
        if problem or missing:
            raise ValueError(f"{where}{problem or ', '.join(missing) + ' is missing'}")
        return {
            name: option.default if name not in given else _named(option, given[name], where) for name, option in self.suboptions.items()
        }


def _listed(given: Any) -> list[Any]:
    """Return a list; like Ansible, accept a text with commas between the items."""
    try:
        return [
            item.strip() if isinstance(item, str) else item for item in check_type_list(list(given) if isinstance(given, tuple) else given)
        ]
    except TypeError:
        raise ValueError("it is not a list") from None


def _named(option: Option, given: Any, where: str) -> Any:
    try:
        return option.value_of(given)
    except ValueError as wrong:
        problem = str(wrong)
    # Raised outside the except block, so that the error has no context.
    raise ValueError(f"{where}{option.name}: {problem}")


def unknown_options(given: Mapping[str, Any], options: Mapping[str, Option]) -> str | None:
    """Return a message about names that are not options, or None."""
    unknown = [str(name) for name in given if name not in options]
    if not unknown:
        return None
    near = difflib.get_close_matches(unknown[0], options, n=2)
    hint = f"did you mean {' or '.join(near)}?" if near else f"the options are {', '.join(sorted(options))}"
    return f"unknown option {', '.join(unknown)}; {hint}"


@dataclass(frozen=True)
class ModuleSpec:
    """The options of one module; `name` is its short name."""

    name: str
    options: Mapping[str, Option]
    rules: tuple[Rule, ...]

    @classmethod
    def from_documentation(cls, documentation: str, *fragments: type) -> ModuleSpec:
        """Return the spec from DOCUMENTATION and the parts that it uses of `fragments`, the classes of the files in doc_fragments."""
        parsed = yaml_load(documentation)
        options: dict[str, dict[str, Any]] = dict(parsed.get("options", {}))
        for fragment in fragments:
            for part in _parts_of(fragment, parsed["extends_documentation_fragment"]):
                options.update(yaml_load(part)["options"])
        return cls(
            name=parsed["module"],
            options={name: _option(name, described) for name, described in options.items()},
            rules=RULES.get(parsed["module"], ()),
        )

    @classmethod
    def from_argument_spec(cls, name: str, argument_spec: Mapping[str, Mapping[str, Any]]) -> ModuleSpec:
        """Return the spec of a module that runs on the host of the task."""
        return cls(name, {option: _option(option, described) for option, described in argument_spec.items()}, RULES.get(name, ()))

    def answered(self, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the options of a task with these variables. In a role, an empty text is no answer. Raises InvalidOptionsError."""
        if not is_task_of_role(variables):
            return arguments
        return understood(self.name, arguments, {name: option.kind() for name, option in self.options.items()})

    def validate(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options with converted types and defaults; None for options that are not set.

        Raises InvalidOptionsError, whose text contains the name of the module and never a secret.
        """
        given = {name: value for name, value in arguments.items() if value is not None}
        self._refuse_unknown(given)
        values = {name: option.default for name, option in self.options.items()}
        values.update((name, self._value(name, value)) for name, value in given.items())
        missing = [f"{name} is required" for name, option in self.options.items() if option.required and name not in given]
        nothing = nothing_given(self.name, values)
        problems = [*missing, *(problem for rule in self.rules if (problem := rule.problem(values))), *([nothing] if nothing else [])]
        if problems:
            raise InvalidOptionsError(f"{self.name}: {'; '.join(problems)}")
        return values

    def secrets(self, arguments: Mapping[str, Any]) -> frozenset[str]:
        """Return the values of these raw arguments that must not be shown: keys, also in unknown options, and texts that look like keys."""
        values = [text for name, option in self.options.items() for text in option.secret_texts(arguments.get(name))]
        return frozenset(value for value in (*values, *misplaced_secrets(arguments, self.options)) if len(value) >= SHORTEST_SECRET)

    def _value(self, name: str, given: Any) -> Any:
        try:
            return self.options[name].value_of(given)
        except ValueError as wrong:
            raise InvalidOptionsError(f"{self.name}: {name}: {wrong}") from None

    def _refuse_unknown(self, given: Mapping[str, Any]) -> None:
        if "_raw_params" in given:
            raise InvalidOptionsError(f"{self.name}: free text is not allowed; the options are {', '.join(sorted(self.options))}")
        problem = unknown_options(given, self.options)
        if problem:
            raise InvalidOptionsError(f"{self.name}: {problem}")


def _parts_of(fragment: type, extended: Iterable[str]) -> list[str]:
    """Return the parts of a fragment that a module uses: `winops.volume_activation._losses.client` is CLIENT in `_losses.py`."""
    file = fragment.__module__.rpartition(".")[2]
    taken = [name.split(".")[2:] for name in extended]
    return [getattr(fragment, "".join(part).upper() or "DOCUMENTATION") for name, *part in taken if name == file]


def _option(name: str, described: Mapping[str, Any]) -> Option:
    return Option(
        name=name,
        type=described["type"],
        choices=tuple(described.get("choices", ())),
        default=described.get("default"),
        required=bool(described.get("required", False)),
        elements=described.get("elements", ""),
        # The documentation and an argument spec have different names for them.
        suboptions={sub: _option(sub, details) for sub, details in described.get("suboptions", described.get("options", {})).items()},
    )


__all__ = ["SECRETS", "InvalidOptionsError", "ModuleSpec", "Option"]
