# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of docs/ARCHITECTURE.md that can be read off the source: who imports whom, and how big things get."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import return_docs

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
UTILS = PLUGINS / "plugin_utils"
TARGET_UTILS = PLUGINS / "module_utils"
LAB = ROOT / "tests" / "lab" / "winlab"
COLLECTION = "ansible_collections.winops.volume_activation."
NOT_OURS = {".venv", ".ansible", "build", "dist", "__pycache__"}

LICENSE_TAG = ": ".join(("SPDX-License-Identifier", ""))
"""In two pieces, as `reuse` would take the line for the license of this file."""

LONGEST_FILE = 300
LONGEST_ACTION = 40
FOR_ANSIBLE_LINT = "\n\nmain = ActionModule.main\n"
"""The end of every action plugin: what ansible-lint calls to check the options of a task. Not counted."""

LAYERS = {
    "ground": tuple(path for path in TARGET_UTILS.glob("_*.py") if path.name != "_strict_xml.py"),
    "dns": (TARGET_UTILS / "_dns",),
    "kms": (TARGET_UTILS / "_kms",),
    "errors": (UTILS / "_errors.py",),
    "xml": (TARGET_UTILS / "_strict_xml.py",),
    "batch": (TARGET_UTILS / "_batch",),
    "file host": (TARGET_UTILS / "_file_host",),
    "cim": (UTILS / "_cim",),
    "ldap": (UTILS / "_ldap",),
    "licensing": (UTILS / "_licensing",),
    "adba": (UTILS / "_adba",),
    "registered": (UTILS / "_task_results.py",),
    "files": (UTILS / "_atomic_file.py", UTILS / "_regular_file.py"),
    "records": (UTILS / "_records",),
    "jobs": (UTILS / "_jobs",),
    "probing": (UTILS / "_probing",),
    "edge": (UTILS / "_edge",),
    "proxy": (UTILS / "_proxy",),
    "fleet": (UTILS / "_fleet",),
    "report": (UTILS / "_report",),
    "conformance": (UTILS / "_conformance",),
    "controller": (UTILS / "_controller",),
    "variables": (UTILS / "_variables",),
    "watching": (UTILS / "_watching",),
    "modules": (PLUGINS / "modules",),
    "plugins": tuple(PLUGINS / name for name in ("action", "filter", "lookup", "doc_fragments")),
}
ALLOWED = {
    "ground": {"ground"},
    "dns": {"dns", "ground"},
    "kms": {"kms", "ground"},
    "errors": {"errors", "ground"},
    "xml": {"xml"},
    "batch": {"batch", "xml", "ground"},
    "file host": {"file host"},
    "cim": {"cim", "xml", "errors", "ground"},
    "ldap": {"ldap", "dns", "errors", "ground"},
    "licensing": {"licensing", "cim", "errors", "ground"},
    "adba": {"adba", "ldap", "licensing", "errors", "ground"},
    "registered": {"registered"},
    "files": {"files"},
    "records": {"records", "files", "registered", "errors", "ground"},
    "jobs": {"jobs", "adba", "licensing", "cim", "errors", "ground"},
    "probing": {"probing", "registered", "jobs", "licensing", "cim", "dns", "kms", "errors", "ground"},
    "edge": {
        "edge", "xml", "variables", "file host", "files", "records", "registered", "probing", "jobs", "adba", "ldap", "licensing", "cim",
        "errors", "ground",
    },
    "proxy": {"proxy", "xml", "edge", "registered", "licensing", "errors", "ground"},
    "fleet": {"fleet", "variables", "files", "records", "probing", "registered", "licensing", "errors", "ground"},
    "report": {"report", "fleet", "records", "files", "edge", "registered", "licensing", "errors", "ground"},
    "conformance": {"conformance", "files", "edge", "jobs", "licensing", "cim", "errors", "ground"},
    "controller": {"controller", "errors", "ground"},
    "variables": {"variables"},
    "watching": {"watching", "fleet", "records", "edge", "registered", "licensing", "dns", "kms", "errors", "ground"},
    "modules": {"modules", "batch", "dns", "kms", "ground"},
    "plugins": {
        "plugins", "modules", "report", "conformance", "proxy", "fleet", "variables", "records", "edge", "probing", "registered",
        "jobs", "licensing", "cim", "batch", "dns", "controller", "errors", "ground",
    },
}  # fmt: skip
"""The layers that each layer can import, itself included.

From top to bottom: plugins, report, conformance, and watching, fleet, proxy, and variables, edge, probing, jobs, adba, licensing, cim and
ldap, errors, ground.

Modules run where a task is delegated to, so they see nothing but what travels with them: module_utils.
"""

MOST_FILES = 20
"""In one folder; a package with more files becomes two packages."""

STANDARD_LIBRARY = frozenset(sys.stdlib_module_names)
XML_MODULES = ("xml", "xmltodict", "lxml", "defusedxml")
PRIVATE_TO_CONNECT = ("_build_winrm_kwargs", "_winrm_connect", "_build_kwargs", "_psrp_conn_kwargs", "shell_id")
RUNS_SOMETHING = ("_execute_module", "_low_level_execute_command", "exec_command", "put_file", "fetch_file", "open_shell", "run_command")


@dataclass(frozen=True)
class Import:
    """One imported module by its full name; names of this collection are paths below the repository, such as plugins.action."""

    module: str
    line: int

    @property
    def top(self) -> str:
        """The top-level package."""
        return self.module.partition(".")[0]


def python_files(*folders: Path) -> list[Path]:
    """All Python files below, without what the commands made."""
    found = (path for folder in folders for path in ([folder] if folder.is_file() else folder.rglob("*.py")))
    return sorted(path for path in found if not NOT_OURS & set(path.relative_to(ROOT).parts))


def imports_of(path: Path) -> Iterator[Import]:
    """Every import of a file, wherever it stands, with relative ones resolved."""
    package = list(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])]).removeprefix(COLLECTION)
            # "from . import envelope" names a module, "from .session import CimPath" a thing inside one: both spellings go in.
            yield from (Import(f"{module}.{alias.name}", node.lineno) for alias in node.names)


def layer_of(module: str) -> str | None:
    """Return the layer of a module of this collection, None for everything else."""
    for name, places in LAYERS.items():
        for place in places:
            dotted = ".".join(place.relative_to(ROOT).with_suffix("").parts)
            if module == dotted or module.startswith(f"{dotted}."):
                return name
    return None


def leads_back_from(layer: str) -> Callable[[Import], bool]:
    """Return a predicate: whether an import goes from this layer to a layer that it must not import."""

    def leads_back(found: Import) -> bool:
        other = layer_of(found.module)
        # A module of the collection without a layer would escape the rule.
        return other not in ALLOWED[layer] if other else found.top == "plugins"

    return leads_back


def complaints(files: list[Path], is_wrong: Callable[[Import], bool]) -> list[str]:
    """The imports `is_wrong` says yes to, as file:line and module."""
    return [
        f"{path.relative_to(ROOT)}:{found.line} imports {found.module}" for path in files for found in imports_of(path) if is_wrong(found)
    ]


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_between_layers_go_one_way(layer: str) -> None:
    files = python_files(*LAYERS[layer])
    assert files, f"the layer {layer} is empty"
    assert complaints(files, leads_back_from(layer)) == []


def test_the_checker_sees_an_import_that_leads_back() -> None:
    read = [item.module for item in imports_of(UTILS / "_licensing" / "state" / "read.py")]
    assert "plugins.plugin_utils._cim.session.CimSession" in read
    assert "plugins.plugin_utils._licensing.state.wql" in read
    assert not any(leads_back_from("licensing")(Import(module, 1)) for module in read)
    assert all(leads_back_from("cim")(Import(module, 1)) for module in read if "_licensing" in module)
    assert leads_back_from("licensing")(Import("plugins.plugin_utils._edge.actions.windows", 1))
    assert leads_back_from("errors")(Import("plugins.somewhere_new.thing", 1))


def test_cim_knows_ansible_only_where_the_connection_is_opened() -> None:
    files = [path for path in python_files(UTILS / "_cim") if path.name != "_connect.py"]
    assert complaints(files, lambda found: found.top == "ansible") == []


def test_licensing_lives_on_the_standard_library_and_sees_no_xml() -> None:
    def is_foreign(found: Import) -> bool:
        return found.top in XML_MODULES or (found.top not in STANDARD_LIBRARY and layer_of(found.module) is None)

    assert complaints(python_files(UTILS / "_licensing", UTILS / "_jobs"), is_foreign) == []


@pytest.mark.parametrize(
    ("package", "taken"),
    [
        ("_proxy", ("catalog.esu", "spending.balance", "state.model")),
        (
            "_fleet",
            (
                "ad.objects",
                "catalog.coverage",
                "catalog.esu",
                "catalog.findings",
                "catalog.host_matrix",
                "catalog.thresholds",
                "office.names",
                "recording.entry",
                "state.model",
                "state.report",
            ),
        ),
    ],
)
def test_packages_about_many_machines_import_only_names_and_numbers_of_licensing(package: str, taken: tuple[str, ...]) -> None:
    licensing = tuple(f"plugins.plugin_utils._licensing.{name}" for name in taken)

    def is_foreign(found: Import) -> bool:
        return layer_of(found.module) == "licensing" and not found.module.startswith(licensing)

    assert complaints(python_files(UTILS / package), is_foreign) == []


def job_of(module: str) -> str | None:
    """The job in whose folder a module is, None for any other."""
    return module.split(".")[3] if module.startswith("plugins.plugin_utils._jobs.") else None


def test_no_job_imports_another() -> None:
    for folder in (UTILS / "_jobs").iterdir():
        assert complaints(python_files(folder), lambda found, own=folder.name: job_of(found.module) not in (None, own)) == []


def test_one_file_knows_windows_server_2003() -> None:
    """The table of the generations; nothing below a job, and no job, asks for that version by name."""
    package = UTILS / "_jobs" / "server_2003"
    outside = [path for path in python_files(PLUGINS) if package not in path.parents and path != UTILS / "_edge" / "generations.py"]
    assert complaints(outside, lambda found: job_of(found.module) == package.name) == []
    named = [path for path in python_files(UTILS / "_licensing") if re.search(r"\bwpa\b|server_2003", path.read_text(encoding="utf-8"))]
    assert named == []


def import_graph() -> dict[str, set[str]]:
    """Which files of the plugins import which, by full name; what is imported for type checking only counts too."""
    files = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in python_files(PLUGINS)}
    graph: dict[str, set[str]] = {}
    for name, path in files.items():
        found = {item.module for item in imports_of(path)}
        graph[name] = ({module for module in found if module in files} | {module.rpartition(".")[0] for module in found} & set(files)) - {
            name
        }
    return graph


def circle_in(graph: dict[str, set[str]]) -> list[str]:
    """The files of a circle, none when there is none: whoever imports nothing that is left goes, and what cannot go is in one."""
    left = dict(graph)
    while free := [name for name, wanted in left.items() if not wanted & set(left)]:
        for name in free:
            del left[name]
    return sorted(left)


def test_no_imports_lead_in_a_circle_not_even_for_type_checking() -> None:
    graph = import_graph()
    assert "plugins.plugin_utils._licensing.plan.step" in graph["plugins.plugin_utils._licensing.problems"]
    assert circle_in(graph) == []
    assert circle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["a", "b", "c"]


def test_reading_a_machine_needs_no_table_of_keys() -> None:
    assert "plugins.plugin_utils._licensing.catalog.gvlk" not in import_graph()["plugins.plugin_utils._licensing.state.read"]


def test_what_everybody_imports_stands_on_the_ground() -> None:
    licensing = "plugins.plugin_utils._licensing"
    graph = import_graph()
    below = {"plan.step": {"plan.timer", "state.model", "state.product_key"}, "registry.values": set(), "catalog.errors": set()}
    for name, allowed in below.items():
        own = {module.removeprefix(f"{licensing}.") for module in graph[f"{licensing}.{name}"] if module.startswith(licensing)}
        assert own <= allowed, name


def folders() -> list[Path]:
    """Every folder of the plugins that holds Python files."""
    return sorted({path.parent for path in python_files(UTILS, TARGET_UTILS)})


def test_no_folder_holds_too_many_files() -> None:
    assert [folder for folder in folders() if len(list(folder.glob("*.py"))) > MOST_FILES] == []


def test_files_that_share_a_prefix_are_a_folder() -> None:
    shared = {}
    for folder in folders():
        for path in folder.glob("*.py"):
            prefix, found, _rest = path.stem.lstrip("_").partition("_")
            if found:
                shared.setdefault((folder.name, prefix), []).append(path.name)
    assert {key: names for key, names in shared.items() if len(names) > 2} == {}


def test_licensing_and_plugins_see_a_session_only_through_its_protocol() -> None:
    def goes_behind(found: Import) -> bool:
        return layer_of(found.module) == "cim" and not found.module.startswith("plugins.plugin_utils._cim.session.")

    assert complaints(python_files(UTILS / "_licensing", UTILS / "_jobs", *LAYERS["plugins"]), goes_behind) == []


def test_collection_and_lab_share_no_code() -> None:
    assert complaints(python_files(PLUGINS), lambda found: found.top == "winlab") == []
    assert complaints(python_files(LAB), lambda found: found.top in {"ansible", "ansible_collections", "plugins"}) == []


def test_private_names_of_connection_plugins_stay_in_one_file() -> None:
    for path in python_files(PLUGINS):
        if path != UTILS / "_cim" / "_connect.py":
            text = path.read_text(encoding="utf-8")
            assert [name for name in PRIVATE_TO_CONNECT if f".{name}" in text or f'"{name}"' in text] == [], path.relative_to(ROOT)


def test_nothing_in_the_collection_runs_a_command_on_the_machine() -> None:
    of_file_hosts = UTILS / "_edge" / "file_host" / "channel.py"  # whose machine is not the one that a task is about
    for path in set(python_files(PLUGINS)) - {of_file_hosts}:
        used = {node.attr for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)}
        assert used.isdisjoint(RUNS_SOMETHING), path.relative_to(ROOT)


def test_action_plugins_are_thin() -> None:
    actions = python_files(PLUGINS / "action")
    assert actions
    for path in actions:
        before, checked, after = path.read_text(encoding="utf-8").partition(FOR_ANSIBLE_LINT)
        assert (checked, after) == (FOR_ANSIBLE_LINT, ""), f"{path.relative_to(ROOT)}: ansible-lint cannot check the options"
        assert len(before.splitlines()) <= LONGEST_ACTION, path.relative_to(ROOT)


def test_no_file_has_two_jobs() -> None:
    for path in python_files(PLUGINS, LAB, ROOT / "tools"):
        text = path.read_text(encoding="utf-8")
        # What a tool writes into a file has its source elsewhere, and is counted there.
        generated = sum(len(block.found.splitlines()) for block in return_docs.blocks_of(text)) if path.parent.name == "modules" else 0
        assert len(text.splitlines()) - generated <= LONGEST_FILE, path.relative_to(ROOT)


def test_plugins_are_namespace_packages() -> None:
    assert [path for path in python_files(PLUGINS) if path.name == "__init__.py"] == []


def test_private_utilities_say_that_they_are_private() -> None:
    for path in python_files(UTILS, TARGET_UTILS):
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        assert "FOR INTERNAL COLLECTION USE ONLY." in docstring, path.relative_to(ROOT)


def test_every_python_file_names_its_license() -> None:
    files = [path for path in python_files(PLUGINS, ROOT / "tests", ROOT / "tools", ROOT / "extensions") if path.stat().st_size]
    assert len(files) > 100
    bare = [str(path.relative_to(ROOT)) for path in files if LICENSE_TAG not in path.read_text(encoding="utf-8")[:400]]
    assert bare == []


def test_the_architecture_page_names_every_package_of_the_private_utilities() -> None:
    page = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    packages = [folder.relative_to(PLUGINS).as_posix() for folder in folders() if folder not in (UTILS, TARGET_UTILS)]
    assert [package for package in packages if f"`{package}/`" not in page] == []
    named = re.findall(r"`((?:plugin|module)_utils/[a-z_0-9/]+)/`", page)
    assert [package for package in named if not (PLUGINS / package).is_dir()] == []


def test_the_decisions_are_all_in_their_index() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text(encoding="utf-8")
    pages = sorted(folder.glob("0*.md"))
    assert pages
    assert [path.name for path in pages if f"]({path.name})" not in index] == []
