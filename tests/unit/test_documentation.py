# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guides and the README promise exists, and what exists is in them."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winops.volume_activation.plugins.module_utils._batch.catalog import CATALOG as SERVICE_CATALOG
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.catalog import CATALOG
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog.findings import FINDINGS

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ROOT / "docs" / "docsite" / "rst"
READMES = (ROOT / "README.md", ROOT / "README.ja.md")
PAGES = (*READMES, ROOT / "CONTRIBUTING.md", ROOT / "TESTING.md", *sorted((ROOT / "docs").rglob("*.md")))
FQCN = "winops.volume_activation"

README = ROOT / "README.md"
README_LIMIT = 7_500
"""Bytes outside of tables: a README says what there is and how to begin. What is longer is a guide. A table has a row for each content."""

_NAMED = re.compile(rf"{re.escape(FQCN)}\.(\w+)")
_MAKE = re.compile(r"\bmake ([a-z]+)\b")
_REQUIREMENTS = ("\n## Requirements\n", "\n## 必要なもの\n")
_REFUSAL = re.compile(r'TaskRefusedError\(\s*"(\w+)"')


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def documented(module: str, part: str = "RETURN") -> Any:
    """DOCUMENTATION or RETURN of a module, without importing it."""
    tree = ast.parse(text_of(ROOT / "plugins" / "modules" / f"{module}.py"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == part:
            return yaml.safe_load(ast.literal_eval(node.value))
    raise AssertionError(f"{module} has no {part}")


def options_of(module: str) -> set[str]:
    """The options of a module, those of its fragments too."""
    documentation = documented(module, "DOCUMENTATION")
    options = set(documentation.get("options", {}))
    for fragment in documentation.get("extends_documentation_fragment", ()):
        file, _dot, part = fragment.removeprefix(f"{FQCN}.").partition(".")
        shared = import_module(f"ansible_collections.{FQCN}.plugins.doc_fragments.{file}").ModuleDocFragment
        options |= set(yaml.safe_load(getattr(shared, (part or "documentation").upper())).get("options", {}))
    return options


def yaml_examples(page: Path) -> list[Any]:
    """The YAML code blocks of a page in Markdown or reStructuredText, parsed."""
    text = text_of(page)
    if page.suffix == ".md":
        blocks = [block for _indent, block in re.findall(r"^( *)```yaml\n(.*?)^\1```", text, re.MULTILINE | re.DOTALL)]
    else:
        blocks = re.findall(r"^ *\.\. code-block:: yaml(?:\+jinja)?\n\n((?: +.*\n|\n)+)", text, re.MULTILINE)
    return [yaml.safe_load(textwrap.dedent(block)) for block in blocks]


def tasks(example: Any) -> Iterator[Mapping[str, Any]]:
    """Every mapping that runs a module of this collection, whatever it stands in."""
    if isinstance(example, list):
        for item in example:
            yield from tasks(item)
    elif isinstance(example, dict):
        if any(str(name).startswith(f"{FQCN}.") for name in example):
            yield example
        for value in example.values():
            yield from tasks(value)


def fields(described: dict[str, Any]) -> Iterator[str]:
    """The names of all fields, whatever their depth."""
    for name, field in described.items():
        yield name
        yield from fields(field.get("contains", {}))


def existing_names() -> set[str]:
    plugins = {path.stem for folder in ("modules", "filter", "lookup") for path in (ROOT / "plugins" / folder).glob("*.py")}
    playbooks = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
    return plugins | playbooks | {path.name for path in (ROOT / "roles").iterdir()}


def test_the_guide_to_the_activation_state_names_every_field() -> None:
    words = set(re.findall(r"\w+", text_of(GUIDES / "guide_activation_state.rst")))
    # Errors have a guide of their own.
    assert sorted(set(fields({name: field for name, field in documented("activation_info").items() if name != "error"})) - words) == []


def test_the_guide_to_errors_names_every_field_and_every_error_code() -> None:
    page = text_of(GUIDES / "guide_errors.rst")
    assert sorted(field for field in documented("kms_client")["error"]["contains"] if f"``{field}``" not in page) == []
    sources = [*(ROOT / "plugins" / "plugin_utils").rglob("*.py"), *(ROOT / "plugins" / "module_utils").glob("_*.py")]
    codes = {code for path in sources for code in re.findall(r'\berror_code ?= ?"(\w+)"', text_of(path))}
    assert len(codes) > 10
    assert sorted(code for code in codes - {"not_supported_by_windows"} if f"``{code}``" not in page) == []


def test_the_guides_name_every_refusal() -> None:
    utils = ROOT / "plugins" / "plugin_utils"
    sources = [path for package in ("_licensing", "_jobs") for path in (utils / package).rglob("*.py")]
    codes = {code for path in sources for code in _REFUSAL.findall(text_of(path))}
    assert len(codes) > 5
    pages = "".join(
        text_of(GUIDES / f"guide_{name}.rst")
        for name in (
            "convert_to_kms",
            "convert_to_mak",
            "product_keys",
            "kms_hosts",
            "events",
            "rearm_and_recovery",
            "office",
            "activation_objects",
        )
    )
    # Installing without a key is refused by the option check, before there is a plan.
    assert sorted(code for code in codes - {"product_key_missing"} if f"``{code}``" not in pages) == []


def test_the_guide_to_srv_records_names_every_error_of_a_dns_task() -> None:
    page = text_of(GUIDES / "guide_srv_records.rst")
    assert len(CATALOG) > 20
    assert sorted(code for code in CATALOG if f"``{code}``" not in page) == []


def test_the_guide_to_proxy_activation_names_every_error_of_a_request_with_its_meaning() -> None:
    page = text_of(GUIDES / "guide_proxy_activation.rst")
    assert len(SERVICE_CATALOG) > 20
    assert [code for code, entry in SERVICE_CATALOG.items() if f"   * - ``{code}``\n     - {entry.meaning}\n" not in page] == []


@pytest.mark.parametrize("page", [*PAGES, *sorted(GUIDES.glob("*.rst"))], ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_name_only_content_that_exists(page: Path) -> None:
    named = set(_NAMED.findall(text_of(page)))
    groups = set(yaml.safe_load(text_of(ROOT / "meta" / "runtime.yml"))["action_groups"])
    eda = {path.stem for path in (ROOT / "extensions" / "eda").rglob("*.*")}
    assert sorted(named - existing_names() - groups - eda - {"docsite", "git"}) == []


def test_the_readme_is_short() -> None:
    assert sum(len(line) for line in README.read_bytes().splitlines() if not line.startswith(b"|")) < README_LIMIT


def test_every_guide_is_in_the_index_under_its_title() -> None:
    links = re.findall(r"\[([^\]]+)\]\(docsite/rst/(\w+)\.rst\)", text_of(ROOT / "docs" / "README.md"))
    titles = {path.stem: re.findall(r"^(.+)\n=+$", text_of(path), re.MULTILINE)[0] for path in GUIDES.glob("*.rst")}
    assert {path: title for title, path in links} == titles


def test_every_guide_is_in_the_table_of_contents_and_has_its_label() -> None:
    index = yaml.safe_load(text_of(ROOT / "docs" / "docsite" / "extra-docs.yml"))
    listed = [name for section in index["sections"] for name in section["toctree"]]
    assert sorted(listed) == sorted(path.stem for path in GUIDES.glob("*.rst"))
    for name in listed:
        assert f".. _ansible_collections.{FQCN}.docsite.{name}:" in text_of(GUIDES / f"{name}.rst")


def test_commands_of_the_pages_are_targets_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    for page in PAGES:
        inside = re.findall(r"`([^`]*)`|^\$ (.*)$", text_of(page), re.MULTILINE)
        used = {name for code in inside for name in _MAKE.findall(" ".join(code))}
        assert used - targets == set(), page.name


def test_the_readme_lists_every_plugin_role_and_playbook() -> None:
    readme = text_of(README)
    assert sorted(name for name in existing_names() if name not in readme) == []


def event_sources() -> dict[str, set[str]]:
    """The options of each event source of Event-Driven Ansible."""
    files = (ROOT / "extensions" / "eda" / "plugins" / "event_source").glob("*.py")
    texts = {path.stem: text_of(path).partition('DOCUMENTATION = r"""')[2].partition('"""')[0] for path in files}
    return {name: set(yaml.safe_load(text)["options"]) for name, text in texts.items()}


@pytest.mark.parametrize("page", [*PAGES, *sorted(GUIDES.glob("*.rst"))], ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_are_yaml_and_give_modules_only_options_they_have(page: Path) -> None:
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
    sources = event_sources()
    for task in tasks(yaml_examples(page)):
        for name in [str(name).removeprefix(f"{FQCN}.") for name in task if str(name).startswith(f"{FQCN}.")]:
            assert name in modules | set(sources), f"{page.name}: {task}"
            given = task[f"{FQCN}.{name}"] or {}
            known = sources[name] if name in sources else options_of(name)
            assert set(given) - known == set(), f"{page.name}: {task}"


def test_the_examples_of_the_guides_are_found() -> None:
    found = [task for page in GUIDES.glob("*.rst") for task in tasks(yaml_examples(page))]
    assert len(found) > 10
    assert list(tasks(yaml_examples(README)))
    assert len(yaml_examples(ROOT / "README.ja.md")) == 2


def test_the_japanese_readme_requires_what_the_readme_requires() -> None:
    """The tables of both READMEs have the same versions of Ansible, Python, libraries, Windows, and Office."""
    sections = [text_of(readme).partition(title)[2].partition("\n## ")[0] for readme, title in zip(READMES, _REQUIREMENTS, strict=True)]
    english, japanese = (set(re.findall(r"\d[\d.]*", " ".join(re.findall(r"^\| .*", text, re.MULTILINE)))) for text in sections)
    assert len(english) > 10
    assert japanese == english


def test_the_guide_to_verifying_names_every_finding_with_its_severity() -> None:
    rows = re.findall(r"   \* - ``(\w+)``\n     - (error|warning|info)\n", text_of(GUIDES / "guide_verify.rst"))
    assert dict(rows) == {name: severity.value for name, severity in FINDINGS.items()}
