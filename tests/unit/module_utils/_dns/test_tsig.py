# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys are read as people have them, and a secret is in no message and in no repr."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils._dns.errors import DnsError, InvalidInputError
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.tsig import (
    ALGORITHMS,
    key_from_file,
    key_from_options,
    parse_key_file,
)

SECRET = base64.b64encode(b"a secret of the tests").decode()
FILE = f"""
// made by tsig-keygen; secret "nothing";
key "kms-update" {{ # the one we want
    algorithm hmac-sha256;
    secret "{SECRET}";
}};
/* key "old" {{ algorithm hmac-md5; secret "x"; }}; */
key other. {{ secret {SECRET}; algorithm HMAC-SHA512; }};
"""


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.conf"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_a_key_file_of_bind_is_read_with_its_comments_and_spellings() -> None:
    first, second = parse_key_file(FILE)
    assert (first.name, first.algorithm, first.secret) == ("kms-update", "hmac-sha256", b"a secret of the tests")
    assert (second.name, second.algorithm) == ("other", "hmac-sha512")


def test_one_of_several_keys_is_taken_by_its_name(key_file: Path) -> None:
    assert key_from_file(str(key_file), "OTHER", None).algorithm == "hmac-sha512"
    with pytest.raises(DnsError, match="holds 2 keys, so say which with 'key_name'"):
        key_from_file(str(key_file), None, None)
    with pytest.raises(DnsError, match="0 of them named absent"):
        key_from_file(str(key_file), "absent", None)


def test_md5_is_used_only_when_the_task_says_so(tmp_path: Path) -> None:
    path = tmp_path / "md5"
    path.write_text(f'key "k" {{ algorithm hmac-md5.sig-alg.reg.int; secret "{SECRET}"; }};', encoding="utf-8")
    with pytest.raises(InvalidInputError, match="hmac-md5"):
        key_from_file(str(path), None, None)
    assert key_from_file(str(path), None, "hmac-md5").algorithm == "hmac-md5"


def test_an_algorithm_that_contradicts_the_file_is_refused(key_file: Path) -> None:
    with pytest.raises(InvalidInputError, match="leave key_algorithm out"):
        key_from_file(str(key_file), "other", "hmac-sha256")


@pytest.mark.parametrize(
    "text",
    ["", "no key", 'key "k" { };', 'key "k" { algorithm hmac-sha256; };', f'key "k" {{ algorithm hmac-sha256; secret "{SECRET}!"; }};'],
)
def test_a_file_that_is_no_key_file_is_told_without_its_content(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DnsError) as caught:
        key_from_file(str(path), None, None)
    assert caught.value.error_code == "invalid_key_file"
    assert SECRET not in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DnsError, match="No such file"):
        key_from_file(str(tmp_path / "none"), None, None)


def test_an_unknown_algorithm_is_told(tmp_path: Path) -> None:
    path = tmp_path / "truncated"
    path.write_text(f'key "k" {{ algorithm hmac-sha256-128; secret "{SECRET}"; }};', encoding="utf-8")
    with pytest.raises(DnsError, match="hmac-sha256-128"):
        key_from_file(str(path), None, None)


@given(st.text(alphabet="abcXYZ019+/=!-_ ä", max_size=40))
def test_a_secret_is_in_no_message_and_no_repr(text: str) -> None:
    try:
        said = repr(key_from_options("kms-update", text, None))
    except InvalidInputError as error:
        said = str(error)
    assert len(text) < 8 or text not in said


def test_the_algorithm_is_sha256_when_nobody_says_otherwise() -> None:
    assert key_from_options("kms-update.", SECRET, None).algorithm == ALGORITHMS[0] == "hmac-sha256"


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="key_name"):
        key_from_options("two words", SECRET, None)
