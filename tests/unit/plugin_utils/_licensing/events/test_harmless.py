# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events that look like a problem and are none are told apart by their code, and nothing else is called harmless."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.events.catalog import catalog
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.events.decode import values_of


@pytest.mark.parametrize(
    ("event_id", "strings", "harmless"),
    [
        (12321, ("0xC004F011",), True),
        (12321, ("HR: 0xc004f011",), True),
        (12321, ("0xC004F30B",), False),
        (12321, (), False),
        (12321, ("no code",), False),
        (8198, ("hr=0xC004F011", "RuleId=1"), False),
        (12293, ("0x8007232B", "corp.example"), False),
    ],
)
def test_only_a_machine_without_tokens_is_harmless(event_id: int, strings: tuple[str, ...], harmless: bool) -> None:
    assert catalog()[event_id].is_harmless(values_of(event_id, strings)) is harmless


def test_nothing_is_harmless_without_a_code() -> None:
    assert not any(kind.is_harmless(None) or kind.is_harmless({}) for kind in catalog().values())


def test_a_harmless_event_says_so_in_its_meaning() -> None:
    named = [kind for kind in catalog().values() if kind.harmless_results]
    assert named
    assert all("can be ignored" in kind.meaning for kind in named)
