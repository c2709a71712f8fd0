# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of options: what is taken, what is refused, and in which words."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge import validators as _checks


@pytest.mark.parametrize("value", [1, 1688, 65535])
def test_every_tcp_port_is_taken(value: int) -> None:
    assert _checks.port(value) == value


@pytest.mark.parametrize("value", [-1, 0, 65536, 70000])
def test_a_number_beyond_the_ports_is_refused_with_the_range(value: int) -> None:
    with pytest.raises(ValueError, match=f"^{value} is not a TCP port from 1 to 65535$"):
        _checks.port(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("kms01", "kms01"),
        ("kms01.example.com", "kms01.example.com"),
        ("192.0.2.10", "192.0.2.10"),
        ("2001:db8::10", "2001:db8::10"),
        ("[2001:DB8::10]", "2001:db8::10"),
    ],
)
def test_a_host_is_a_name_or_an_address_in_either_notation(value: str, expected: str) -> None:
    assert _checks.host(value) == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "is empty"),
        ("http://kms01", "contains a scheme"),
        ("kms 01", "contains a space"),
        ("kms01:1688", "set kms_host: kms01 and kms_port: 1688"),
        ("192.0.2.10:1688", "set kms_host: 192.0.2.10 and kms_port: 1688"),
        ("[2001:db8::10]:1688", r"set kms_host: \[2001:db8::10\] and kms_port: 1688"),
        ("192.0.2.300", "is not an IPv4 address"),
        ("2001:db8::zz", "is not an IPv6 address"),
        ("kms01/", "neither a host name nor an address"),
        ("BBBBB-CCCCC-DDDDD-FFFFF-GGGGG", "is a product key"),
        ("BBBBB-CCCCC-DDDDD-FFFF-GGGGG", "looks like a product key with a typing error"),
        ("BBBBB-CCCOC-DDDDD-FFFFF-GGGGG", "is a product key"),
    ],
)
def test_what_is_no_host_is_refused_with_the_reason(value: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        _checks.host(value)


def test_an_empty_lookup_domain_is_taken_because_it_clears_the_setting() -> None:
    assert not _checks.domain("")


@pytest.mark.parametrize("value", ["192.0.2.10", "2001:db8::10", "[2001:db8::10]", "corp.example:53", "a b", "dns://corp.example"])
def test_a_lookup_domain_is_a_name(value: str) -> None:
    with pytest.raises(ValueError, match=r"is not a DNS domain: it is an address or contains a port|contains a space|contains a scheme"):
        _checks.domain(value)


@pytest.mark.parametrize("value", ["2DE67392-B7A7-462A-B1CA-108DD189F588", "{2de67392-b7a7-462a-b1ca-108dd189f588}"])
def test_an_id_is_normalized(value: str) -> None:
    assert _checks.guid(value) == "2de67392-b7a7-462a-b1ca-108dd189f588"


def test_what_is_no_id_is_refused_with_an_example() -> None:
    with pytest.raises(ValueError, match="'windows' is not an ID such as 2de67392-"):
        _checks.guid("windows")


def test_seconds_are_not_negative() -> None:
    assert _checks.not_negative(0) == 0
    with pytest.raises(ValueError, match="-1 is negative"):
        _checks.not_negative(-1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("24", timedelta(hours=24)),
        ("0.5", timedelta(minutes=30)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=timezone.utc)),
        ("2026-11-20T08:00:00Z", datetime(2026, 11, 20, 8, tzinfo=timezone.utc)),
        ("2026-11-20 08:00+09:00", datetime(2026, 11, 19, 23, tzinfo=timezone.utc)),
    ],
)
def test_a_time_to_look_back_to_is_hours_or_iso_8601(value: str, expected: object) -> None:
    assert _checks.since(value) == expected


@pytest.mark.parametrize("value", ["", "-1", "0", "0.0", "tomorrow", "2026-13-01", "0001-01-01", "1e3"])
def test_no_other_text_is_a_time_to_look_back_to(value: str) -> None:
    with pytest.raises(ValueError, match=r"hours|is too early"):
        _checks.since(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("C:/ProgramData/", "C:\\ProgramData"),
        ("d:\\", "d:\\"),
        ("C:\\Logs\\kms-{date}.EVTX", "C:\\Logs\\kms-{date}.EVTX"),
        ("C:\\logs.old\\kms", "C:\\logs.old\\kms"),
    ],
)
def test_a_path_is_a_folder_or_a_saved_log_on_a_drive(value: str, expected: str) -> None:
    assert _checks.windows_path(value) == expected


@pytest.mark.parametrize(
    "value", ["", "C:", "C:logs", "\\\\server\\share", "/tmp", "C:\\a\\\\b", "C:\\a.", "C:\\a?", "C:\\con\\x.evtx", "C:\\x.evt"]
)
def test_a_path_windows_would_not_take_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        _checks.windows_path(value)


def test_the_message_about_a_path_has_the_backslashes_of_the_path() -> None:
    with pytest.raises(ValueError, match="is on another machine") as caught:
        _checks.windows_path("\\\\fs\\logs")
    assert str(caught.value).startswith("'\\\\fs\\logs' is on another machine")


@pytest.mark.parametrize("value", [".evtx", "kms", "kms.evt", "a/b.evtx", "{date}{hour}.evtx", "aux.evtx"])
def test_a_file_name_windows_would_not_take_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        _checks.file_name(value)


class Tagged(int):
    """An integer as ansible-core 2.19 and later pass it: of a class of its own."""


@pytest.mark.parametrize(("value", "is_valid"), [(0, True), (4294967294, True), (4294967295, False), (-1, False)])
def test_the_version_of_a_license_is_checked_without_a_search_through_all_versions(value: int, is_valid: bool) -> None:
    began = time.process_time()
    if is_valid:
        assert _checks.license_version(Tagged(value)) == value
    else:
        with pytest.raises(ValueError, match="is not a version from 0 to 4294967294"):
            _checks.license_version(Tagged(value))
    assert time.process_time() - began < 1
