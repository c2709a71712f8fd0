# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of help pages: what is taken, what is refused, and in which words."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge import help_url as _help_url


@pytest.mark.parametrize(
    "value",
    [
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
    assert _help_url.help_url(value) == value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "is no address: it is empty"),
        (" https://help.example.com/", "blanks or control characters"),
        ("https://help.example.com/\x00", "blanks or control characters"),
        ("https://help.example.com/\nhttps://other.example", "blanks or control characters"),
        ("help.example.com", "is none of these: an address that begins with http://, https://, file://, a path such as"),
        ("Absent", "is none of these: .*, absent$"),
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
        ("MMMMM-KKKKK-MMMMM-PRQ22-TTWX3", "it holds a product key"),
    ],
)
def test_what_is_no_address_of_a_help_page_is_refused_with_the_reason(value: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        _help_url.help_url(value)


def test_a_help_page_with_a_password_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValueError, match="it holds a user name or a password") as refused:
        _help_url.help_url("https://helper:Secret12@help.example.com/")
    assert "Secret12" not in str(refused.value)
