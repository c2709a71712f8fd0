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
        ("", "is not a valid address: it is empty"),
        (" https://help.example.com/", "control characters, or spaces"),
        ("https://help.example.com/\x00", "control characters, or spaces"),
        ("https://help.example.com/\nhttps://other.example", "control characters, or spaces"),
        ("help.example.com", "is not valid: it must be an address that starts with http://, https://, file://, a UNC path such as"),
        ("Absent", "is not valid: .*, or absent$"),
        ("javascript:alert(1)", "is not valid: it must be"),
        ("ftp://files.example.com/help.htm", "is not valid: it must be"),
        (r"C:\Help\activation.htm", "is not valid: it must be"),
        ("https:help.example.com", "is not valid: it must be"),
        ("https://", "it does not contain a host name"),
        ("https:///activation", "it does not contain a host name"),
        ("https://help example.com/", "write %20 for a space"),
        ("https://help.example.com/a page", "write %20 for a space"),
        ('https://help.example.com/"', "a quotation mark"),
        ("https://-help.example.com/", "neither a host name nor an address"),
        ("https://help.example.com:99999/", "is not a valid address"),
        ("https://help.example.com:0/", "0 is not a TCP port"),
        ("https://[2001:db8::zz]/", "is not a valid address"),
        ("file:///", "it does not contain a file name"),
        (r"file://C:\Help\activation.htm", "/ for a backslash"),
        ("\\\\", "does not contain a file name"),
        (r"\\files", "does not contain a file name"),
        (r"\\files\public", "does not contain a file name"),
        ("\\\\files\\public\\", "does not contain a file name"),
        (r"\\files\public\a*.htm", "a character that is not allowed in a UNC path"),
        (r"\\?\C:\Help\activation.htm", "neither a host name nor an address|a character that is not allowed"),
        ("MMMMM-KKKKK-MMMMM-PRQ22-TTWX3", "it contains a product key"),
    ],
)
def test_what_is_no_address_of_a_help_page_is_refused_with_the_reason(value: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        _help_url.help_url(value)


def test_a_help_page_with_a_password_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValueError, match="it contains a user name or a password") as refused:
        _help_url.help_url("https://helper:Secret12@help.example.com/")
    assert "Secret12" not in str(refused.value)
