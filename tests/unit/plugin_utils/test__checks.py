# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of options: what is taken, what is refused, and in which words."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils import _checks


@pytest.mark.parametrize("value", [1, 1688, 65535])
def test_every_tcp_port_is_taken(value: int) -> None:
    assert _checks.port(value) == value


@pytest.mark.parametrize("value", [-1, 0, 65536, 70000])
def test_a_number_beyond_the_ports_is_refused_with_the_range(value: int) -> None:
    with pytest.raises(ValueError, match=f"^{value} is no TCP port, which is a number from 1 to 65535$"):
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
        ("http://kms01", "holds a scheme"),
        ("kms 01", "holds a blank"),
        ("kms01:1688", "write kms_host: kms01 and kms_port: 1688"),
        ("192.0.2.10:1688", "write kms_host: 192.0.2.10 and kms_port: 1688"),
        ("[2001:db8::10]:1688", r"write kms_host: \[2001:db8::10\] and kms_port: 1688"),
        ("192.0.2.300", "is no IPv4 address"),
        ("2001:db8::zz", "is no IPv6 address"),
        ("kms01/", "neither a host name nor an address"),
    ],
)
def test_what_is_no_host_is_refused_with_the_reason(value: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        _checks.host(value)


def test_an_empty_lookup_domain_is_taken_because_it_clears_the_setting() -> None:
    assert not _checks.domain("")


@pytest.mark.parametrize("value", ["192.0.2.10", "2001:db8::10", "[2001:db8::10]", "corp.example:53", "a b", "dns://corp.example"])
def test_a_lookup_domain_is_a_name(value: str) -> None:
    with pytest.raises(ValueError, match=r"is no DNS domain: it is an address or has a port|holds a blank|holds a scheme"):
        _checks.domain(value)


@pytest.mark.parametrize("value", ["2DE67392-B7A7-462A-B1CA-108DD189F588", "{2de67392-b7a7-462a-b1ca-108dd189f588}"])
def test_an_id_is_normalised(value: str) -> None:
    assert _checks.guid(value) == "2de67392-b7a7-462a-b1ca-108dd189f588"


def test_what_is_no_id_is_refused_with_an_example() -> None:
    with pytest.raises(ValueError, match="'windows' is no ID, which looks like 2de67392-"):
        _checks.guid("windows")


def test_seconds_are_not_negative() -> None:
    assert _checks.not_negative(0) == 0
    with pytest.raises(ValueError, match="-1 is negative"):
        _checks.not_negative(-1)


@pytest.mark.parametrize(
    "value",
    [
        "unmanaged",
        "absent",
        "http://help",
        "https://helpdesk.example.com/activation?from=pc#top",
        "HTTPS://helpdesk.example.com:8443/",
        "http://[2001:db8::1]:8080/help",
        "https://help.example/ライセンス認証",
        "file:///C:/Help/activation.htm",
        "file://files.example.com/public/activation%20help.htm",
        r"\\files.example.com\public\activation.htm",
        r"\\FILES\public$\Help pages\activation.htm",
    ],
)
def test_a_help_page_is_on_the_web_in_a_file_or_on_a_share_and_stays_as_it_is_written(value: str) -> None:
    assert _checks.help_url(value) == value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "is no address: it is empty"),
        (" https://help.example.com/", "blanks or control characters"),
        ("https://help.example.com/\x00", "blanks or control characters"),
        ("https://help.example.com/\nhttps://other.example", "blanks or control characters"),
        ("help.example.com", "is none of these: an address that begins with http://, https://, file://, a path such as"),
        ("Absent", "is none of these: .*, unmanaged, absent$"),
        ("javascript:alert(1)", "is none of these"),
        ("ftp://files.example.com/help.htm", "is none of these"),
        (r"C:\Help\activation.htm", "is none of these"),
        ("https:help.example.com", "is none of these"),
        ("https://", "it names no host"),
        ("https:///activation", "it names no host"),
        ("https://help example.com/", "a blank is written %20"),
        ("https://help.example.com/a page", "a blank is written %20"),
        ('https://help.example.com/"', "a quotation mark"),
        ("https://-help.example.com/", "neither a host name nor an address"),
        ("https://help.example.com:99999/", "is no address that can be opened"),
        ("https://help.example.com:0/", "0 is no TCP port"),
        ("https://[2001:db8::zz]/", "is no address that can be opened"),
        ("file:///", "it names no file"),
        (r"file://C:\Help\activation.htm", "a backslash /"),
        ("\\\\", "names no file"),
        (r"\\files", "names no file"),
        (r"\\files\public", "names no file"),
        ("\\\\files\\public\\", "names no file"),
        (r"\\files\public\a*.htm", "a character in it that no UNC path has"),
        (r"\\?\C:\Help\activation.htm", "neither a host name nor an address|a character in it"),
        ("MMMMM-KKKKK-MMMMM-PRQ22-TTWX3", "it is a product key"),
    ],
)
def test_what_is_no_address_of_a_help_page_is_refused_with_the_reason(value: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        _checks.help_url(value)


def test_a_help_page_with_a_password_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValueError, match="it holds a user name or a password") as refused:
        _checks.help_url("https://helper:Secret12@help.example.com/")
    assert "Secret12" not in str(refused.value)
