# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public interface as its documentation describes it, and the rules that hold over all modules, filters, and roles.

Each rule yields one sentence for each deviation. The exceptions are data, with their reason.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from documented_options import options_of
from published import load, published, task_files, tasks

COLLECTION = "winops.volume_activation"
Fields = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Module:
    """Options, with those of the fragments, and returned fields; `changes` tells the modules that change a Windows machine."""

    options: Fields
    returned: Fields
    is_windows: bool

    @property
    def changes(self) -> bool:
        """Whether the module carries out steps on a machine. One that restores everything has no settings before and after."""
        return self.is_windows and "steps" in self.returned and "changes_left" not in self.returned


@dataclass(frozen=True)
class Passed:
    """An option that a task of a role takes from a variable of the role as it is."""

    role: str
    module: str
    option: str
    variable: str


@dataclass(frozen=True)
class Interface:
    """Everything that users write or read. `defaults` are those of the variables of each role.

    `published` are the facts that roles and playbooks set, and `facts` those that a role documents with their shape.
    """

    modules: Mapping[str, Module]
    filters: Mapping[str, Fields]
    passed: Sequence[Passed]
    defaults: Mapping[str, Mapping[str, Any]]
    published: frozenset[str]
    facts: Mapping[str, str]


ERROR = (
    "code", "symbol", "meaning", "cause", "next_steps", "category", "source", "transient", "known", "subcode", "underlying",
)  # fmt: skip
MACHINE = (
    "computer_name", "caption", "version", "build", "edition_id", "product_type", "language", "current_time", "licensing_version",
)  # fmt: skip
ENVELOPE = ("msg", "machine", "steps", "before", "after")
"""What a module that changes a machine returns whatever ends the task."""

STATE_KEYS = frozenset(
    {
        "partial_product_key",
        "channel",
        "status",
        "cmid",
        "rearms_left",
        "host_version",
        "listed",
        "missing",
        "exists",
        "size",
        "issuance_licenses",
        "object",
        "office_products",
    }
    | {"application_kms_host", "application_kms_port"}
)
"""Keys of `before` and `after` that are no options: what Windows shows of the thing that a module manages."""

COUNTERS = frozenset({"request_counters", "counts", "machines", "machines_by_activation"})
"""Dictionaries by status: the names of their fields are statuses."""

SEVERAL_TYPES = {
    "_value": "the value of a filter",
    "before": "the settings, and within `diff` their text",
    "after": "as before",
    "diff": "one difference for a machine, a list of them for domains",
    "machine": "the facts about the machine of a task; in an item of a report over several machines its inventory name",
    "machines": "names by status in a whole report, and a list of names in one of its items",
    "objects": "activation objects of Active Directory, or the objects of a controller by their kind",
    "language": "the language of a report as an option, and the number of the display language of a machine",
    "domains": "an item for each domain; within `removals` the option of kms_srv_record",
}
"""Returned names that have two types, and why."""

OPTIONS_OF_SEVERAL_TYPES = {"machines": "to read, as patterns; or those that need an activation object, as their facts"}
"""Options that have two types, and why."""

TIMES = frozenset({"expires", "since", "time"})
"""Times whose names do not end in `_time`."""

DIFFERENT_DEFAULTS: dict[str, str] = {}
"""Role variables whose default differs from that of the option, and why."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def interface_of(root: Path) -> Interface:
    """Read the documentation of the collection below `root`; nothing is imported but the fragments."""
    modules = {path.stem: _module(path) for path in sorted((root / "plugins" / "modules").glob("*.py"))}
    filters = {path.stem: load(path).get("RETURN") or {} for path in sorted((root / "plugins" / "filter").glob("*.yml"))}
    roles = sorted(path.name for path in (root / "roles").iterdir())
    defaults = {role: load(root / "roles" / role / "defaults" / "main.yml") or {} for role in roles}
    facts = {name: shape for role in roles for name, shape in _facts(root / "roles" / role / "README.md")}
    return Interface(modules, filters, tuple(_passed(root, roles)), defaults, frozenset(published(root)), facts)


def _module(path: Path) -> Module:
    texts = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in ("DOCUMENTATION", "RETURN")
    }
    documentation = yaml.safe_load(texts["DOCUMENTATION"])
    is_windows = f"{COLLECTION}._connection" in documentation.get("extends_documentation_fragment", ())
    return Module(options_of(texts["DOCUMENTATION"]), yaml.safe_load(texts["RETURN"]), is_windows)


def _facts(readme: Path) -> Iterator[tuple[str, str]]:
    """The rows of the table of published facts."""
    _before, _heading, table = readme.read_text(encoding="utf-8").partition("\n## Published facts\n")
    yield from re.findall(r"^\| `(\w+)` \| .* \| (.+) \|$", table, re.MULTILINE)


def _passed(root: Path, roles: Sequence[str]) -> Iterator[Passed]:
    for path in task_files(root):
        role = path.relative_to(root).parts[1]
        if role not in roles:
            continue
        for task in tasks(load(path)):
            for name, arguments in task.items():
                if name.startswith(f"{COLLECTION}.") and isinstance(arguments, Mapping):
                    yield from _straight(role, name.removeprefix(f"{COLLECTION}."), arguments)


def _straight(role: str, module: str, arguments: Mapping[str, Any]) -> Iterator[Passed]:
    """The options that are a variable of the role and nothing else; what a role computes has private names."""
    for option, value in arguments.items():
        found = re.fullmatch(rf"\{{\{{ ({role}_\w+)(?: \| (?:bool|default\(omit\)))* \}}\}}", str(value))
        if found:
            yield Passed(role, module, option, found[1])


def deviations(interface: Interface) -> list[str]:
    """Everything in which the interface departs from its rules."""
    return sorted(found for rule in RULES for found in rule(interface))


def walk(fields: Fields, within: str, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every field with its path; `within` is where the inner ones stand."""
    for name, field in (fields or {}).items():
        yield f"{path}{name}", field
        yield from walk(field.get(within) or {}, within, f"{path}{name}.")


def _name(path: str) -> str:
    return path.rpartition(".")[2]


def _is_counter(path: str) -> bool:
    return not COUNTERS.isdisjoint(path.split(".")[:-1])


def _type(field: Mapping[str, Any]) -> str:
    return f"{field.get('type', 'str')}{' of ' + field['elements'] if field.get('elements') else ''}"


def _options(interface: Interface) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for module, documented in interface.modules.items():
        for path, option in walk(documented.options, "suboptions"):
            yield module, path, option


def _returned(interface: Interface) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    both = {**{name: module.returned for name, module in interface.modules.items()}, **interface.filters}
    for owner, fields in both.items():
        for path, field in walk(fields, "contains"):
            yield owner, path, field


def one_type_of_an_option(interface: Interface) -> Iterator[str]:
    """An option has one type in all modules."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for module, path, option in _options(interface):
        found[_name(path)].setdefault(_type(option), f"{module}:{path}")
    for name, types in found.items():
        if len(types) > 1 and name not in OPTIONS_OF_SEVERAL_TYPES:
            yield f"the option {name} has several types: {types}"


def one_meaning_of_an_option(interface: Interface) -> Iterator[str]:
    """An option that several modules have is described in one wording, has one default, and one list of choices."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for module, path, option in _options(interface):
        if "." not in path:
            shape = f"{option['description']} {option.get('default')} {option.get('choices')}"
            found[path][shape].append(module)
    for name, shapes in found.items():
        if len(shapes) > 1 and name not in OWN_WORDING:
            yield f"the option {name} is described differently: {sorted(modules for modules in shapes.values())}"


OWN_WORDING = {
    "activation_id": "what it selects: a product, the events of a product, the product of a rearm",
    "activation_method": "only a MAK can be activated by proxy",
    "application": "a module that reads takes all applications, one that changes something takes one, and a check has findings",
    "deadline": "of the questions to Microsoft, or of a task for many machines, which has none by default",
    "dns_server": "the modules about records write to the server, the probes only read",
    "dns_timeout": "as dns_server",
    "expiring_within_days": "of a report, or of a summary",
    "machines": "to read, or of which records are kept",
    "record_path": "of a task that reads machines, or of one that reads record files",
    "esu": "the programme that a MAK is for, or that a machine must have",
    "probe": "what the module does with the answer, and so whether it probes by default",
    "max_activations": "of a play, or of a task for all its records",
    "product_key": "each module takes another kind of key",
    "records": "SRV records, or records of a file of proxy activation",
    "since": "each module has another default",
    "authentication": "how an update of DNS is signed, or how a session with a directory is encrypted",
    "ccache": "of the process that runs the module, which is that of Ansible for a directory",
    "confirmation_id": "of a product, or of an activation object",
    "dns_port": "the modules about records use TCP only",
    "force": "to rearm, or to delete the last object that covers machines",
    "keytab": "on the machine that runs the task, or on the controller",
    "password": "a server of a directory can accept an empty one",
    "principal": "of Kerberos only, or of a directory, where other names are possible",
    "src": "each module installs another kind of file",
    "state": "what is present or absent",
}
"""Options that several modules describe differently, and why."""


def one_type_of_a_result(interface: Interface) -> Iterator[str]:
    """A returned field has one type in all modules and filters."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for owner, path, field in _returned(interface):
        if _name(path) not in SEVERAL_TYPES and not _is_counter(path):
            found[_name(path)].setdefault(_type(field), f"{owner}:{path}")
    for name, types in found.items():
        if len(types) > 1:
            yield f"the result {name} has several types: {types}"


def a_result_named_like_an_option_is_of_its_type(interface: Interface) -> Iterator[str]:
    """Unless it is a list of dictionaries, which describes the values of the option one by one. A path is returned as a text."""
    options: dict[str, set[str]] = defaultdict(set)
    for _module_name, path, option in _options(interface):
        options[_name(path)].add(_type(option).replace("path", "str"))
    for owner, path, field in _returned(interface):
        name = _name(path)
        known = options.get(name)
        if known and _type(field) not in known | {"list of dict"} and name not in SEVERAL_TYPES and not _is_counter(path):
            yield f"{owner}:{path} is {_type(field)}, and the option {name} is {', '.join(sorted(known))}"


def before_and_after_have_the_names_of_options(interface: Interface) -> Iterator[str]:
    """Of any module, as a name has one meaning; or of the few things that Windows shows and no option sets."""
    known = {_name(path) for _module_name, path, _option in _options(interface)} | STATE_KEYS
    for name, module in interface.modules.items():
        if not module.changes:
            continue
        for when in ("before", "after"):
            for key in module.returned[when]["contains"]:
                if key not in known:
                    yield f"{name}: {when}.{key} is neither an option nor one of the known keys"


def every_result_has_the_envelope(interface: Interface) -> Iterator[str]:
    """What a playbook may rely on in every module."""
    for name, module in interface.modules.items():
        wanted = ENVELOPE if module.changes else ("msg", "machine") if module.is_windows else ("msg",)
        for field in wanted:
            if field not in module.returned:
                yield f"{name} does not return {field}"
            elif (module.changes or field == "msg") and module.returned[field]["returned"] != "always":
                yield f"{name} does not always return {field}"
        if module.changes and "diff" not in module.returned:
            yield f"{name} does not return diff"
        if "error" not in module.returned:
            yield f"{name} does not return error"


def shared_shapes_are_the_same(interface: Interface) -> Iterator[str]:
    """An error, a machine, and an activation have the same fields wherever they are described."""
    activations: dict[str, str] = {}
    for owner, path, field in _returned(interface):
        contained = field.get("contains")
        if not contained or ("." in path and _name(path) != "error"):
            continue
        name = _name(path)
        if name == "error" and tuple(contained) != ERROR:
            yield f"{owner}:{path} has the fields {', '.join(contained)}"
        if name == "machine" and tuple(contained) != MACHINE:
            yield f"{owner}:{path} has the fields {', '.join(contained)}"
        if name in ("activation", "activations"):
            activations.setdefault(", ".join(contained), f"{owner}:{path}")
    if len(activations) > 1:
        yield f"activations have different fields: {activations}"


def a_time_says_so_in_its_name(interface: Interface) -> Iterator[str]:
    """A field whose sample is a time ends in `_time`, but for the few that are known."""
    for owner, path, field in _returned(interface):
        name = _name(path)
        if isinstance(field.get("sample"), str) and _TIME.match(field["sample"]) and name not in TIMES and not name.endswith("_time"):
            yield f"{owner}:{path} is a time"


def returned_is_said_in_three_words(interface: Interface) -> Iterator[str]:
    """`returned` begins with success, failure, or always; a condition follows as one on options or results."""
    for name, module in interface.modules.items():
        for field, described in module.returned.items():
            if re.split(r"[ ,]", described["returned"])[0] not in ("success", "failure", "always"):
                yield f"{name}: {field} is returned {described['returned']}"


OTHER_NAMES = {
    ("esu", "esu"): "esu_programme",
    ("adba", "name"): "adba_object_name",
    ("adba", "product_key"): "adba_object_product_key",
}
"""Variables that would repeat the name of the role, or not say of what they are, by the role and the option."""


def a_role_passes_an_option_under_its_name(interface: Interface) -> Iterator[str]:
    """The variable is the prefix of the role and the name of the option."""
    for each in interface.passed:
        if each.variable not in (f"{each.role}_{each.option}", OTHER_NAMES.get((each.role, each.option))):
            yield f"role {each.role}: {each.variable} is the option {each.option} of {each.module}"


def a_role_has_the_defaults_of_the_module(interface: Interface) -> Iterator[str]:
    """A variable that is passed as it is has the default of the option."""
    for each in interface.passed:
        option = interface.modules[each.module].options.get(each.option, {})
        default, known = interface.defaults[each.role].get(each.variable), option.get("default")
        if each.variable in interface.defaults[each.role] and default != known and each.variable not in DIFFERENT_DEFAULTS:
            yield f"role {each.role}: the default of {each.variable} is {default!r}, and that of the option {known!r}"


def a_published_fact_has_a_documented_shape(interface: Interface) -> Iterator[str]:
    """The result of a module or filter that exists, a list, or a dictionary whose fields are named."""
    for name in interface.published - set(interface.facts):
        yield f"the fact {name} is not documented"
    for name, shape in interface.facts.items():
        source = re.match(r"Result of the (module|filter) `(\w+)`", shape)
        known = interface.filters if source and source[1] == "filter" else interface.modules
        if name not in interface.published:
            yield f"the fact {name} is documented, and nothing sets it"
        if (source and source[2] not in known) or not (source or shape.startswith(("List of", "Dictionary with"))):
            yield f"the fact {name} has no known shape: {shape}"


RULES = (
    one_type_of_an_option,
    one_meaning_of_an_option,
    one_type_of_a_result,
    a_result_named_like_an_option_is_of_its_type,
    before_and_after_have_the_names_of_options,
    every_result_has_the_envelope,
    shared_shapes_are_the_same,
    a_time_says_so_in_its_name,
    returned_is_said_in_three_words,
    a_role_passes_an_option_under_its_name,
    a_role_has_the_defaults_of_the_module,
    a_published_fact_has_a_documented_shape,
)
