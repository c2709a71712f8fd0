# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every code that the layer raises has an explanation, and every explanation is one that the layer raises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.catalog.codes import CATALOG, MAY_PASS, entry_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import LONGEST_TEXT, DirectoryError, shown

LAYER = Path(__file__).parents[4] / "plugins" / "plugin_utils" / "_ldap"
FOR_CALLERS = {"directory_schema_too_old", "directory_no_container"}
"""Raised by those who know what they look for."""


def sources() -> str:
    """The code of the layer without the catalog."""
    return "\n".join(path.read_text(encoding="utf-8") for path in LAYER.rglob("*.py") if path.parent.name != "catalog")


def test_every_code_of_the_layer_is_in_the_catalog() -> None:
    used = set(re.findall(r'"(directory_[a-z_]+)"', sources())) - {"directory_timeout_option"}
    codes = {name.partition(".")[0] for name in CATALOG}
    assert used <= codes
    assert codes - used == FOR_CALLERS
    assert set(MAY_PASS) <= codes


def test_every_subcode_of_the_catalog_is_raised() -> None:
    text = sources()
    subcodes = {name.partition(".")[2] for name in CATALOG if "." in name}
    assert [name for name in sorted(subcodes) if f'"{name}"' not in text] == []


@pytest.mark.parametrize("name", CATALOG)
def test_an_explanation_has_sentences_and_at_most_four_steps(name: str) -> None:
    found = CATALOG[name]
    assert 1 <= len(found.next_steps) <= 4
    for text in (found.meaning, found.cause, *found.next_steps):
        assert text.endswith(".")
        assert text[0].isupper() or text.split()[0] in ("ca_file", "setspn", "server", "principal", "adprep")


def test_an_unknown_code_or_subcode_has_an_explanation() -> None:
    assert entry_of("directory_logon_failed", "something new") == CATALOG["directory_logon_failed"]
    assert entry_of("something new").next_steps


def test_an_error_has_its_code_its_detail_and_its_explanation() -> None:
    error = DirectoryError("directory_tls_failed", "dc1: x.", subcode="name")
    assert str(error).startswith("directory_tls_failed: The certificate of the domain controller is for another name.")
    explanation = error.explain().as_dict()
    assert explanation["code"] == "directory_tls_failed"
    assert explanation["subcode"] == "name"
    assert explanation["category"] == "directory"
    assert explanation["meaning"].endswith("dc1: x.")
    assert not explanation["transient"]


def test_texts_of_servers_are_one_short_line() -> None:
    assert shown("a\0\n b\x1b") == "a b\ufffd"
    assert len(shown("x" * 10**6)) == LONGEST_TEXT + 3
