# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide with the variables of the playbooks is the one that the argument specifications make, and contains all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

import playbook_tables
from ansible_collections.winops.volume_activation.plugins.plugin_utils._variables import catalog

PAGE = playbook_tables.PAGE.read_text(encoding="utf-8")


def test_the_page_is_current() -> None:
    assert playbook_tables.main(["--check"]) == 0


def test_a_page_that_differs_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(playbook_tables, "PAGE", tmp_path / "page.rst")
    assert playbook_tables.main(["--check"]) == 1
    assert "page.rst differs from the specifications" in capsys.readouterr().err


@pytest.mark.parametrize("prefix", catalog.playbooks())
def test_every_variable_of_a_playbook_is_on_the_page(prefix: str) -> None:
    names = catalog.playbooks()[prefix].variables.union(*map(catalog.options_of, catalog.playbooks()[prefix].roles))
    assert [name for name in sorted(names) if f"- ``{name}``\n" not in PAGE] == []


@pytest.mark.parametrize(
    ("option", "question"),
    [
        ({"type": "bool"}, "Multiple choice"),
        ({"type": "str", "choices": ["a"]}, "Multiple choice"),
        ({"type": "list", "elements": "str", "choices": ["a"]}, "Multiple select"),
        ({"type": "list", "elements": "path"}, "Textarea, an item in each line"),
        ({"type": "list", "elements": "dict"}, "None"),
        ({"type": "str", "no_log": True}, "Password. Prefer a credential"),
        ({"type": "raw"}, "Text"),
    ],
)
def test_the_type_of_a_question_follows_from_the_option(option: dict[str, object], question: str) -> None:
    assert playbook_tables.question_of(option) == question
