# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site of `make docs` fails on whatever leads nowhere, and says where it is. The collection is a small one, with every mistake once."""

from __future__ import annotations

import re

import pytest

from docs_site import Site, build

LABEL = ".. _ansible_collections.acme.tools.docsite.{}:\n\n{}\n====\n\n"
FILES = {
    "index.rst": "acme.tools\n==========\n",
    "galaxy.yml": "namespace: acme\nname: tools\nversion: 1.0.0\nreadme: README.md\nauthors: [nobody]\n",
    "README.md": "# acme.tools\n",
    "meta/runtime.yml": "requires_ansible: '>=2.16.0'\n",
    "docs/docsite/extra-docs.yml": "sections:\n"
    "  - title: Work\n    toctree: [guide_good, guide_wrong, guide_ja_good, guide_gone]\n"
    "  - title: 日本語\n    toctree: [guide_ja_good]\n",
    "docs/docsite/rst/guide_good.rst": LABEL.format("guide_good", "Good")
    + "See :ref:`cut <ansible_collections.acme.tools.cut_module>`, Good_, :ansplugin:`acme.tools.cut#module`, "
    + ":ref:`ansible_collections.ansible.builtin.winrm_connection`, and :ansopt:`acme.tools.cut#module:length`.\n",
    "docs/docsite/rst/guide_ja_good.rst": LABEL.format("guide_ja_good", "良い")
    + "認証、\n更新。Windows\nの状態。\n\n.. code-block:: text\n\n   表示、\n   表示。\n",
    "docs/docsite/rst/guide_wrong.rst": LABEL.format("guide_wrong", "Bad!")
    + ":ref:`ansible_collections.acme.tools.docsite.nowhere`\n\n"
    + "Lost_\n\n"
    + ":ref:`ansible_collections.ansible.builtin.no_such_module`\n\n"
    + ":doc:`guide_nowhere`\n\n"
    + ".. _ansible_collections.acme.tools.docsite.guide_good:\n\nAgain\n-----\n",
    "docs/docsite/rst/guide_forgotten.rst": LABEL.format("guide_forgotten", "Lone"),
    "roles/polish/meta/argument_specs.yml": "argument_specs:\n  step:\n    short_description: One step\n"
    "    description: [One step.]\n    author: [nobody (@nobody)]\n    options: {}\n",
    "plugins/modules/cut.py": '''
DOCUMENTATION = r"""
module: cut
short_description: Cut
description: [Cuts. See M(acme.tools.paste).]
author: [nobody (@nobody)]
options:
  length:
    description: Length in meters.
    type: int
"""
EXAMPLES = ""
RETURN = ""
''',
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, list[str]]:
    """The site of the small collection, and the problems of its build."""
    place = tmp_path_factory.mktemp("site")
    for name, text in FILES.items():
        (place / "collection" / name).parent.mkdir(parents=True, exist_ok=True)
        (place / "collection" / name).write_text(text, encoding="utf-8")
    site = Site(place / "collection", place / "docs", place / "collection" / "index.rst")
    return site, build(site)


def problem_about(built: tuple[Site, list[str]], words: str) -> str:
    found = [problem for problem in built[1] if words in problem]
    assert len(found) == 1, built[1]
    return found[0]


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("docs/docsite/rst/guide_wrong.rst:6", "undefined label: 'ansible_collections.acme.tools.docsite.nowhere'"),
        ("docs/docsite/rst/guide_wrong.rst:8", 'Unknown target name: "lost"'),
        ("docs/docsite/rst/guide_wrong.rst:10", "undefined label: 'ansible_collections.ansible.builtin.no_such_module'"),
        ("docs/docsite/rst/guide_wrong.rst:12", "unknown document: 'guide_nowhere'"),
        ("docs/docsite/rst/guide_wrong.rst:17", "duplicate label ansible_collections.acme.tools.docsite.guide_good"),
        ("docs/docsite/rst/guide_forgotten.rst", "document isn't included in any toctree"),
    ],
)
def test_a_mistake_in_a_guide_is_a_problem_with_file_and_line(built: tuple[Site, list[str]], file: str, words: str) -> None:
    assert problem_about(built, words).startswith(f"{file}: "), built[1]


def test_a_guide_that_does_not_exist_is_a_problem_of_the_list_of_guides(built: tuple[Site, list[str]]) -> None:
    assert "docs/docsite/extra-docs.yml" in problem_about(built, "'docsite/guide_gone'")


def test_a_module_that_does_not_exist_is_a_problem_of_the_module_that_names_it(built: tuple[Site, list[str]]) -> None:
    assert re.match(r"cut_module\.rst:\d+: .*plugins/modules/cut\.py", problem_about(built, "acme.tools.paste"))


def test_what_is_right_is_no_problem(built: tuple[Site, list[str]]) -> None:
    assert not [problem for problem in built[1] if problem.startswith(("docs/docsite/rst/guide_good", "docs/docsite/rst/guide_ja"))]
    assert len(built[1]) == 8, built[1]


def test_references_lead_to_pages_of_the_site_and_to_the_documentation_of_ansible(built: tuple[Site, list[str]]) -> None:
    page = (built[0].html / "docsite" / "guide_good.html").read_text(encoding="utf-8")
    assert 'href="../cut_module.html#ansible-collections-acme-tools-cut-module-parameter-length"' in page
    assert 'href="https://docs.ansible.com/projects/ansible/latest/collections/ansible/builtin/winrm_connection.html"' in page


def test_the_first_page_has_the_groups_of_guides_and_the_reference(built: tuple[Site, list[str]]) -> None:
    page = (built[0].html / "index.html").read_text(encoding="utf-8")
    main = page.partition('<div role="main"')[2].partition("<footer")[0]
    found = re.findall(r'caption-text">([^<]+)<|href="([^"#]+\.html)"', main)
    assert [caption or link for caption, link in found] == [
        *("Work", "docsite/guide_good.html", "docsite/guide_wrong.html", "docsite/guide_ja_good.html"),
        *("日本語", "docsite/guide_ja_good.html", "Reference", "reference.html"),
    ]


def test_the_reference_lists_plugins_and_describes_roles_that_only_have_steps(built: tuple[Site, list[str]]) -> None:
    page = (built[0].html / "reference.html").read_text(encoding="utf-8")
    assert "<h1>Modules, filters, and roles" in page
    assert re.search(r"cut module</span></a> – Cut</p>", page)
    assert "Several entry points" in page.partition("polish role")[2]
    assert "docsite/guide_wrong.html" not in page.partition('<div role="main"')[2].partition("<footer")[0]


def test_japanese_guides_are_marked_as_japanese(built: tuple[Site, list[str]]) -> None:
    languages = {
        path.stem: re.findall(r'<html[^>]* lang="(\w+)"', path.read_text(encoding="utf-8"))
        for path in (built[0].html / "docsite").glob("guide_*good.html")
    }
    assert languages == {"guide_good": ["en"], "guide_ja_good": ["ja"]}


def test_lines_of_japanese_text_are_joined_without_a_space_and_those_of_an_output_are_kept(built: tuple[Site, list[str]]) -> None:
    page = (built[0].html / "docsite" / "guide_ja_good.html").read_text(encoding="utf-8")
    assert "<p>認証、更新。Windows\nの状態。</p>" in page
    assert "表示、\n表示。" in page


def test_no_page_of_the_site_loads_anything_from_elsewhere(built: tuple[Site, list[str]]) -> None:
    pages = [path.read_text(encoding="utf-8") for path in built[0].html.rglob("*.html")]
    loaded = [tag for page in pages for tag in re.findall(r"<(?:script|img|iframe)[^>]* src=\"[^\"]*|<link [^>]*href=\"[^\"]*", page)]
    assert len(loaded) > 10
    assert [tag for tag in loaded if "//" in tag.partition("=")[2]] == []


def test_the_site_leaves_only_pages_and_html(built: tuple[Site, list[str]]) -> None:
    assert {path.name for path in built[0].target.iterdir()} == {"rst", "html"}
