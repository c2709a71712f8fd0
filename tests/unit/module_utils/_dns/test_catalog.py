# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every code that can come up has its words, and the words fit a message."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._dns.catalog import (
    CATALOG,
    MAY_PASS,
    SOURCES,
    STANDARDS,
    UNKNOWN,
)
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.errors import DnsError

PLUGINS = Path(__file__).parents[4] / "plugins"
RAISED = re.compile(r'(?:DnsError|DnsRequestNotSentError|DnsResponseLostError)\(\s*"(\w+)"|"(\w+_(?:answer|request))"')


def test_every_code_in_the_source_is_in_the_catalog() -> None:
    sources = [*(PLUGINS / "module_utils" / "_dns").glob("*.py"), *(PLUGINS / "modules").glob("kms_srv_record*.py")]
    codes = {one or other for path in sources for one, other in RAISED.findall(path.read_text(encoding="utf-8"))}
    assert len(codes) > 15
    assert sorted(codes - set(CATALOG)) == []


@pytest.mark.parametrize("code", [*CATALOG, "BADVERS"])
def test_an_entry_says_what_it_means_why_and_what_to_do(code: str) -> None:
    words = DnsError(code).as_dict()
    entry = CATALOG.get(code, UNKNOWN)
    told = {"code": code, "meaning": entry.meaning, "cause": entry.cause, "next_steps": list(entry.next_steps)}
    assert {name: words[name] for name in told} == told
    assert set(words) - set(told) == {"symbol", "category", "source", "transient", "known", "subcode", "underlying"}
    assert (words["symbol"] == code) is bool(code in STANDARDS)
    assert entry.next_steps
    for sentence in (entry.meaning, entry.cause, *entry.next_steps):
        assert sentence[0].isupper()
        assert sentence.endswith(".")


def test_the_detail_of_a_case_is_part_of_its_meaning() -> None:
    problem = DnsError("timeout", "192.0.2.1:53 gave no answer.")
    assert str(problem.as_dict()["meaning"]).endswith("in time. 192.0.2.1:53 gave no answer.")


def test_the_remedy_for_owned_names_is_complete() -> None:
    text = " ".join(str(part) for part in CATALOG["record_owned_by_other"])
    for word in ("only the first KMS host could register", "security group", "ticket", "static", "tombstone"):
        assert word in text


def test_sources_and_codes_that_may_pass_are_those_of_codes_there_are() -> None:
    assert sorted({*MAY_PASS, *SOURCES, *STANDARDS} - set(CATALOG)) == []
    assert not set(SOURCES) & set(STANDARDS)
