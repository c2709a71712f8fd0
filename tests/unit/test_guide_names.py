# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options, results, and variables that the guides name exist, so that a rename reaches the guides too.

A name is a literal with an underscore, or a path such as `products[].kms.kms_port`. In a YAML example it is every word with an underscore.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from interface import interface_of, walk
from published import artifacts

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
EDA = ROOT / "extensions" / "eda"
# The lab has names of its own; its README has a test in tests/lab.
GUIDES = sorted(path for path in (ROOT / "docs" / "docsite" / "rst").glob("*.rst") if path.stem != "guide_lab")
PAGES = [*GUIDES, *sorted((ROOT / "roles").glob("*/README.md")), ROOT / "README.md", ROOT / "README.ja.md"]

OF_OTHERS = frozenset(
    {"always_nodes", "awx_job_id", "delegate_to", "display_args_to_stdout", "failure_nodes", "from_json", "http_proxy",
     "ignore_errors", "ignore_unreachable", "import_playbook", "loop_control", "message_encryption", "module_defaults", "no_log",
     "no_proxy", "notification_configuration", "records_removed", "resource_name", "rule_files", "set_stats",
     "show_custom_stats", "start_mode",
     "success_nodes", "update_secrets", "vars_prompt"}
)  # fmt: skip
"""Keywords, settings, and a filter of Ansible and Prometheus, options of modules, variables of the environment, and the key of a fact."""

OF_EVERY_TASK = frozenset({"changed", "failed", "unreachable"})

OF_ANSIBLE_BUILDER = frozenset(
    {"additional_build_files", "ansible_core", "ansible_runner", "base_image", "package_pip", "package_system", "python_interpreter",
     "python_path"}
)  # fmt: skip

OF_EXAMPLES = frozenset(
    {
        "activate_esu_check",
        "activation_channel_mak",
        "activation_status_notification",
        "computer_information_list",
        "dns_connection",
        "found_by_the_cleanup",
        "from_the_desk",
        "kms_clinet_kms_host",
        "kms_hosst",
        "windows_clients",
    }
)
"""Names that a page invents: groups, files, variables, one of them mistyped, and an element that must not be in a file."""

_FOREIGN_NAME = re.compile(r"(?:ansible|vault)_\w+")
_FOREIGN_PATH = re.compile(
    r"(?:winops|ansible|awx|infra|microsoft|azkms|_vlmcs)\..+|.+\.(?:cfg|conf|csv|dll|exe|json|log|md|py|rst|sh|svg|toml|txt|vbs|ya?ml)"
)
_LITERAL = {".rst": re.compile(r"``([^`]+)``"), ".md": re.compile(r"(?<!`)`([^`\n]+)`(?!`)")}
_EXAMPLE = {
    ".rst": re.compile(r"^ *\.\. code-block:: (?:yaml\S*|jinja)\n\n((?: +.*\n|\n)+)", re.MULTILINE),
    ".md": re.compile(r"^ *```yaml\n(.*?)^ *```", re.MULTILINE | re.DOTALL),
}
_CONSOLE = {
    ".rst": re.compile(r"^ *\.\. code-block:: console\n\n((?: +.*\n|\n)+)", re.MULTILINE),
    ".md": re.compile(r"^ *```console\n(.*?)^ *```", re.MULTILINE | re.DOTALL),
}
_EXTRA_VARIABLE = re.compile(r"-e \"?(\w+)=")
_PLAYBOOK = re.compile(r"ansible-playbook (?:-\S+ \S+ )*([\w./-]+)")
_NAME = re.compile(r"(?<![\w./\\-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w/(-])")
_PATH = re.compile(r"[a-z_]+(?:\[\])?(?:\.[a-z_]+(?:\[\])?)+")
_MADE_HERE = re.compile(r"(?:\b(?:register|loop_var|hosts)|_hosts): (\w+)")
"""Registered results, variables of loops, and groups."""
_TEXT = re.compile(r'(?:"|V\()(\w+)(?:"|\))')


def described(fields: Mapping[str, Any] | None, within: str) -> Iterator[str]:
    return (path for path, _field in walk(fields or {}, within))


def documented() -> Iterator[str]:
    """The path to every option, result, and variable of a role."""
    interface = interface_of(ROOT)
    yield from interface.published
    for module in interface.modules.values():
        yield from described(module.options, "suboptions")
        yield from described(module.returned, "contains")
    for path in (PLUGINS / "filter").glob("*.yml"):
        text = yaml.safe_load(path.read_text(encoding="utf-8"))
        yield from described(text["DOCUMENTATION"].get("options"), "suboptions")
        yield from described(text.get("RETURN"), "contains")
    for path in (EDA / "plugins").rglob("*.py"):
        text = path.read_text(encoding="utf-8").partition('DOCUMENTATION = r"""')[2].partition('"""')[0]
        yield from described(yaml.safe_load(text)["options"], "suboptions")
        yield from re.findall(r"C\((event\.\w+)\)", text)
    for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"].values():
            yield from described(entry.get("options"), "options")


def of_the_collection() -> Iterator[str]:
    """The names of plugins, roles, and playbooks, the words of playbooks, and codes and choices: texts that are one word."""
    yield from (
        path.stem
        for folder in (PLUGINS / "modules", PLUGINS / "filter", PLUGINS / "lookup", ROOT / "playbooks", ROOT / "roles")
        for path in folder.iterdir()
    )
    yield from yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
    for module in interface_of(ROOT).modules.values():
        yield from (str(choice) for _path, option in walk(module.options, "suboptions") for choice in option.get("choices") or ())
    controller = ROOT / "roles" / "controller_content" / "vars" / "main"
    for path in [*(ROOT / "playbooks").rglob("*.yml"), *(EDA / "rulebooks").glob("*.yml"), *controller.glob("*.yml")]:
        yield from re.findall(r"\w+", path.read_text(encoding="utf-8"))
    yield from artifacts(ROOT)
    yield from (path.stem for path in EDA.rglob("*.*"))
    for path in [*PLUGINS.rglob("*.py"), *PLUGINS.rglob("errors.json")]:
        yield from _TEXT.findall(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def paths() -> frozenset[str]:
    """Every documented path, and its ends: `kms.kms_port` of `products.kms.kms_port`."""
    parts = [path.split(".") for path in documented()]
    return frozenset(".".join(part[start:]) for part in parts for start in range(len(part)))


@pytest.fixture(scope="module")
def names(paths: frozenset[str]) -> frozenset[str]:
    return paths.union(of_the_collection(), OF_OTHERS, OF_ANSIBLE_BUILDER, OF_EXAMPLES)


def unknown_paths(page: Path, paths: frozenset[str]) -> list[str]:
    text = page.read_text(encoding="utf-8")
    found = {literal for literal in _LITERAL[page.suffix].findall(text) if _PATH.fullmatch(literal)}
    results = "|".join([r"\w+_result", *_MADE_HERE.findall(text)])
    ours = {path for path in found if not _FOREIGN_PATH.fullmatch(path)}
    return sorted(path for path in ours if re.sub(rf"^(?:{results})\.|\[\]", "", path) not in paths | OF_EVERY_TASK)


def unknown_names(page: Path, names: frozenset[str]) -> list[str]:
    text = page.read_text(encoding="utf-8")
    code = [*_LITERAL[page.suffix].findall(text), *_EXAMPLE[page.suffix].findall(text)]
    found = {name for part in code if not _FOREIGN_PATH.fullmatch(part) for name in _NAME.findall(part)}
    return sorted(name for name in found - names - set(_MADE_HERE.findall(text)) if not _FOREIGN_NAME.fullmatch(name))


def commands(page: Path) -> str:
    """The commands of a page, each in one line."""
    return "\n".join(_CONSOLE[page.suffix].findall(page.read_text(encoding="utf-8"))).replace("\\\n", "")


def unknown_extra_variables(page: Path, names: frozenset[str]) -> list[str]:
    return sorted({name for name in _EXTRA_VARIABLE.findall(commands(page)) if not _FOREIGN_NAME.fullmatch(name)} - names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_name_only_options_results_and_variables_that_exist(page: Path, paths: frozenset[str], names: frozenset[str]) -> None:
    assert unknown_paths(page, paths) == []
    assert unknown_names(page, names) == []
    assert unknown_extra_variables(page, names) == []


JAPANESE = [path for path in GUIDES if path.stem.startswith("guide_ja_")]


@pytest.mark.parametrize("guide", JAPANESE, ids=lambda path: path.stem)
def test_a_japanese_guide_has_complete_commands_and_an_english_guide(guide: Path) -> None:
    """Each command has an inventory, and runs a playbook of the collection or one that the page shows."""
    text = guide.read_text(encoding="utf-8")
    lines = [line.strip() for line in commands(guide).splitlines() if line.strip()]
    assert lines
    assert [line for line in lines if not line.startswith("$ ansible-playbook -i inventory.yml ")] == []
    run = {found[1] for line in lines if (found := _PLAYBOOK.search(line))}
    ours = {f"winops.volume_activation.{path.stem}" for path in (ROOT / "playbooks").glob("*.yml")}
    assert run
    assert [name for name in run - ours if f"``{name}``" not in text] == []
    assert guide.with_name(guide.name.replace("_ja_", "_", 1)) in GUIDES


def test_the_guides_in_japanese_are_found() -> None:
    assert len(JAPANESE) == 5


def test_a_name_that_was_renamed_is_found(tmp_path: Path, paths: frozenset[str], names: frozenset[str]) -> None:
    page = tmp_path / "guide.rst"
    page.write_text(
        "``products[].kms.host`` and ``products[].kms.kms_host``, ``kms_failover_force``\n\n.. code-block:: yaml\n\n   rearm_wait: 5\n\n"
        ".. code-block:: console\n\n   $ ansible-playbook -i inventory.yml \\\n       -e rearm_hots=pc -e kms_client_kms_host=kms01\n",
        encoding="utf-8",
    )
    assert unknown_paths(page, paths) == ["products[].kms.host"]
    assert unknown_names(page, names) == ["kms_failover_force", "rearm_wait"]
    assert unknown_extra_variables(page, names) == ["rearm_hots"]
