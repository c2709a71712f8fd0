# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The passwords of the machines are hidden in their records, as they are and in base64, and nothing else is."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.fleet.secrets import mask_of_hosts, secrets_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.secrets import SecretMask
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.model import LONGEST_LINE, record_of
from explained import assert_explained

PASSWORD = 'Pass"word-1 xyz'
MASKS = mask_of_hosts(SecretMask(()))


@pytest.mark.parametrize(
    "text",
    [
        PASSWORD,
        f"the password {PASSWORD.upper()} was refused",
        base64.b64encode(f"LabAdmin:{PASSWORD}".encode()).decode(),
        base64.b64encode(f"admin:{PASSWORD}".encode()).decode(),
        base64.b64encode(f"adm:{PASSWORD}!".encode()).decode(),
    ],
)
def test_a_password_that_a_machine_returns_is_not_in_its_record(text: str) -> None:
    record, line = MASKS(frozenset({PASSWORD})).record("pc1", {"msg": text, "machine": {"caption": "Windows"}})
    assert text not in str(record.result)
    assert "(hidden)" in line
    assert record.result["machine"] == {"caption": "Windows"}


@given(st.dictionaries(st.sampled_from(["msg", "licensed", "count"]), st.text("abc 123", max_size=20) | st.booleans() | st.integers()))
def test_a_result_without_a_secret_stays_as_it_is(result: dict[str, object]) -> None:
    record, line = MASKS(frozenset({PASSWORD})).record("pc1", result)
    assert record.result == SecretMask(()).apply(result)
    assert "(hidden)" not in line


def test_a_full_product_key_of_a_machine_is_cut_in_its_record() -> None:
    record, line = MASKS(frozenset()).record("pc1", {"msg": "MMMMM-KKKKK-MMMMM-22222-33333"})
    assert record.result["msg"] == "XXXXX-XXXXX-XXXXX-XXXXX-33333"
    assert "MMMMM-KKKKK" not in line


def test_secrets_are_the_passwords_in_the_options_of_a_connection() -> None:
    options = [
        ("remote_password", PASSWORD),
        ("ansible_winrm_certificate_key_password", "of the key file"),
        ("ansible_winrm_proxy", "http://user:of-the-proxy@proxy.example:3128"),
        ("remote_user", "Administrator"),
        ("kerberos_command", "kinit"),
        ("certificate_key_password", "short"),
        ("port", 5985),
    ]
    assert secrets_of(options) == {PASSWORD, "of the key file", "of-the-proxy"}


def test_a_record_that_no_reader_would_accept_is_a_failure_instead() -> None:
    """One machine with a huge response must not make the file of all machines unusable."""
    record, line = MASKS(frozenset({PASSWORD})).record("pc1", {"msg": PASSWORD, "products": ["x" * LONGEST_LINE]})
    assert (record.result["failed"], record.result["error"]["code"], record_of(line)) == (True, "record_too_long", record_of(record.line()))
    assert record.result["msg"].startswith("pc1: the result has 10")
    assert_explained(record.result)
