# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read from the root entry, and from entries."""

from __future__ import annotations

from datetime import datetime, timezone
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.messages import DirectoryEntry
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.model import read_root, read_time


def entry(**values: list[bytes]) -> DirectoryEntry:
    """An entry with attributes."""
    return DirectoryEntry("", MappingProxyType({name: tuple(value) for name, value in values.items()}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20261201133057.0Z", datetime(2026, 12, 1, 13, 30, 57, tzinfo=timezone.utc)),
        ("20261201133057Z", datetime(2026, 12, 1, 13, 30, 57, tzinfo=timezone.utc)),
        ("20261301133057.0Z", None),
        ("20261201133057.0+0100", None),
        ("2026", None),
        ("", None),
        ("²0261201133057.0Z", None),
    ],
)
def test_times_of_active_directory_are_read(text: str, expected: datetime | None) -> None:
    assert read_time(text) == expected


@given(st.text(max_size=20) | st.from_regex(r"[0-9]{14}\.0Z", fullmatch=True))
def test_any_text_is_a_time_or_none(text: str) -> None:
    found = read_time(text)
    assert found is None or found.tzinfo is timezone.utc


def test_the_root_entry_of_a_read_only_domain_controller_says_so() -> None:
    root = read_root(
        entry(
            configurationNamingContext=[b"CN=Configuration,DC=corp,DC=test"],
            rootDomainNamingContext=[b"DC=corp,DC=test"],
            isSynchronized=[b"FALSE"],
            supportedCapabilities=[b"1.2.840.113556.1.4.800", b"1.2.840.113556.1.4.1920"],
            forestFunctionality=[b"7"],
            domainControllerFunctionality=[b"seven"],
        )
    )
    assert root.forest == "corp.test"
    assert root.is_read_only
    assert not root.is_synchronized
    assert root.forest_level == 7
    assert root.domain_controller_level is None
    assert root.current_time is None


def test_attributes_are_found_without_case_and_bytes_are_texts_if_they_can_be() -> None:
    found = entry(displayName=[b"\xe6\x97\xa5\xff", b"b"])
    assert found.texts("DISPLAYNAME") == ("日\ufffd", "b")
    assert found.text("displayname") == "日\ufffd"
    assert found.text("cn") is None
    assert found.values("cn") == ()
