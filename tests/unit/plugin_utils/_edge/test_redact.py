# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No full product key survives, whatever stands around it; what only resembles one is left alone."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
import uuid
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.redact import mask_deep, mask_keys, resembles_key

ALPHABET = "BCDFGHJKMNPQRTVWXY2346789"
KEY = "MMMMM-KKKKK-MMMMM-23BCD-FGHJK"
MASKED = "XXXXX-XXXXX-XXXXX-XXXXX-FGHJK"

GROUPS = st.lists(st.text(ALPHABET, min_size=5, max_size=5), min_size=5, max_size=5).filter(
    # A key that is all hexadecimal cannot be told from a hash once its dashes are gone; one in a thousand million is.
    lambda groups: re.search("[G-WYZ]", "".join(groups)) is not None and not all(group == "XXXXX" for group in groups[:4])
)
SURROUNDING = st.text(max_size=30)
DASHES = st.sampled_from(["-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212", "\uff0d", " - ", "- "])
ALONE = st.sampled_from(["", " ", "\t", "\n", '"', "'", "=", ":", ",", "<", ">", "/", "(", "[", "\u3000", "\u306f", "-"])


def survives(groups: list[str], text: str) -> bool:
    """Whether the key can still be read from the text, with or without whatever stands between its characters."""
    return "".join(groups).lower() in re.sub("[^A-Za-z0-9]", "", text).lower()


@given(GROUPS, DASHES, SURROUNDING, SURROUNDING)
def test_a_dashed_key_never_survives_in_any_text(groups: list[str], dash: str, before: str, after: str) -> None:
    text = before + dash.join(groups) + after
    assert not survives(groups, mask_keys(text))
    assert not survives(groups, mask_keys(text.lower()))


@given(GROUPS, st.sampled_from(["", " ", ".", "_", "\t", "\u00a0"]), ALONE, ALONE)
def test_a_key_without_dashes_never_survives_when_it_stands_alone(groups: list[str], separator: str, before: str, after: str) -> None:
    key = separator.join(groups)
    assert not survives(groups, mask_keys(f"key {before}{key}{after} end"))
    assert not survives(groups, mask_keys(f"key {before}{key.lower()}{after} end"))


WRITTEN = [", ", ",", "/", " / ", ":", "+", ";", "|", "  ", "\n", "\r\n", "\t\t", "--", "_", "\u200b", "\ufffd", "\ufeff", "\u3000", " - "]
ENCODED = ["%2D", "%252d", "&#45;", "&#x2D;", "&amp;#45;", "&ndash;", "\\n", "\\u002d", "\\x2d"]
WIDE = st.sampled_from([*WRITTEN, *ENCODED])


@given(GROUPS, WIDE, ALONE.filter(lambda text: text != "-"))
def test_a_key_with_other_characters_between_its_groups_never_survives_when_it_stands_alone(
    groups: list[str], separator: str, around: str
) -> None:
    key = f"key {around}{separator.join(groups)}{around} end"
    assert not survives(groups, decoded(mask_keys(key)))
    assert not survives(groups, decoded(mask_keys(key.lower())))
    assert groups[-1] in mask_keys(key)


def decoded(text: str) -> str:
    """A text without the encoded separators, whose letters would break a key that is still there."""
    return re.sub(r"%(25)*2d|&(amp;)*(#45|#x2d|ndash);|\\\\(n|u002d|x2d)", "", text, flags=re.IGNORECASE)


@given(GROUPS, DASHES | WIDE)
def test_a_key_in_other_forms_of_letters_and_digits_never_survives(groups: list[str], separator: str) -> None:
    wide = [group.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}) for group in groups]
    masked = unicodedata.normalize("NFKC", mask_keys(f"key {separator.join(wide)} end"))
    assert not survives(groups, decoded(masked))


@given(GROUPS)
def test_the_last_five_characters_stay_as_they_were_written(groups: list[str]) -> None:
    assert mask_keys(f"key {'-'.join(groups)}.") == f"key XXXXX-XXXXX-XXXXX-XXXXX-{groups[-1]}."
    assert mask_keys(f"key={'-'.join(groups).lower()}\n") == f"key=XXXXX-XXXXX-XXXXX-XXXXX-{groups[-1].lower()}\n"


@given(st.text())
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask_keys(text)
    assert mask_keys(once) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (KEY, MASKED),
        (f"slmgr /ipk {KEY} && slmgr /ato", f"slmgr /ipk {MASKED} && slmgr /ato"),
        (f"<ProductKey>{KEY}</ProductKey>", f"<ProductKey>{MASKED}</ProductKey>"),
        (f'{{"product_key": "{KEY}"}}', f'{{"product_key": "{MASKED}"}}'),
        (f"{KEY},{KEY}\n{KEY}", f"{MASKED},{MASKED}\n{MASKED}"),
        (f"product-key-{KEY}", f"product-key-{MASKED}"),
        (f"key{KEY}done", f"key{MASKED}done"),
        (f"key_{KEY.replace('-', '')}_", f"key_{MASKED}_"),
        ("MMMM0-KKKKK-MMMMM-23BCD-FGHJL", "XXXXX-XXXXX-XXXXX-XXXXX-FGHJL"),
        (f"AAAAA-{KEY}", "-".join(["XXXXX"] * 6)),
        (f"{KEY}-AAAAA", "-".join(["XXXXX"] * 6)),
        (f"{KEY}-{KEY}", "-".join(["XXXXX"] * 10)),
    ],
)
def test_keys_are_found_where_people_meet_them(text: str, expected: str) -> None:
    assert mask_keys(text) == expected


@given(st.uuids(), st.uuids(), st.binary(max_size=80))
def test_guids_and_hexadecimal_are_untouched(first: uuid.UUID, second: uuid.UUID, data: bytes) -> None:
    for text in (
        str(first),
        f"{first}-{second}",
        first.hex,
        f"{{{first}}}",
        data.hex(),
        data.hex(" "),
        data.hex("-", 2),
        data.hex().upper(),
    ):
        assert mask_keys(text) is text


@given(st.binary(max_size=200))
def test_base64_and_digests_are_untouched(data: bytes) -> None:
    for text in (base64.b64encode(data).decode(), hashlib.sha1(data).hexdigest(), hashlib.sha256(data).hexdigest().upper()):
        assert mask_keys(text) is text


@pytest.mark.parametrize(
    "text",
    [
        "03612-03308-000-000001-03-1033-17763.0000-3232026",
        "00330-80000-00000-AA123",
        "0077700076-53131-6542566-2442561",
        "-".join(["123456"] * 9),
        "012345678901234567890123456789012345678901234567890123456789012",
        "S-1-5-21-1004336348-1177238915-682003330-512",
        "2026-11-20T09:00:00Z 0xC004F074 win-01.example.com:1688",
        "2346789234678923467892346",
        "33446-22266-44433-DN346, 33446-22266-44433-DN347",
        "10.0.17763, 10.0.20348, 10.0.26100; 6.3.9600",
        "the keys ending in TTWX3, 2BCDF, HVTHP and T83GX",
        "host_keys:\n- TTWX3\n- 2BCDF\n- HVTHP\n- T83GX\n- 3V66T\n",
        "TTWX3, 2BCDF, HVTHP, T83GX, 3V66T, 22222",
        "other, three, seven, eight, forty",
        "W10PC-W11PC, SRV22-SRV19; KMS01/KMS02/KMS03/KMS04/KMS05",
        "Windows(R) 運用, ボリューム ライセンス認証 ويندوز",
        "23467 89234 67892 34678 92346",
        "XXXXX-XXXXX-XXXXX-XXXXX-3V66T",
        "*****-*****-*****-*****-3V66T",
        "",
    ],
)
def test_what_is_no_key_comes_back_as_the_same_object(text: str) -> None:
    assert mask_keys(text) is text


def test_text_without_a_key_keeps_the_marks_of_its_class() -> None:
    class Marked(str):
        __slots__ = ()

    text = Marked("nothing to hide")
    assert mask_keys(text) is text


def test_nested_structures_are_masked_in_keys_and_values() -> None:
    value: dict[Any, Any] = {
        KEY: [KEY, (KEY, {KEY}), {"deep": {"deeper": f"key {KEY}"}}],
        "bytes": KEY.encode(),
        "number": 5,
        "none": None,
        "flag": True,
        7: frozenset({KEY}),
    }
    masked = mask_deep(value)
    assert masked == {
        MASKED: [MASKED, (MASKED, {MASKED}), {"deep": {"deeper": f"key {MASKED}"}}],
        "bytes": MASKED.encode(),
        "number": 5,
        "none": None,
        "flag": True,
        7: frozenset({MASKED}),
    }
    assert KEY in value, "the original stays as it was"


def test_two_keys_that_end_alike_stay_two_entries() -> None:
    other = KEY.replace("MMMMM", "RRRRR")
    assert mask_deep({KEY: 1, other: 2}) == {MASKED: 1, f"{MASKED} (2)": 2}


def test_bytes_that_are_no_text_are_masked_without_loss() -> None:
    assert mask_deep(b"\xff\xfe" + KEY.encode() + b"\x80") == b"\xff\xfe" + MASKED.encode() + b"\x80"
    assert mask_deep(KEY.replace("-", "\u2013").encode()) == MASKED.encode()


JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)


@given(JSON_LIKE)
def test_data_without_keys_is_equal_afterwards(value: Any) -> None:
    assert mask_deep(value) == value


@given(JSON_LIKE, GROUPS)
def test_no_key_survives_in_json_of_any_shape(value: Any, groups: list[str]) -> None:
    key = "-".join(groups)
    masked = json.dumps(mask_deep({"before": value, key: key, "list": [value, f"with {key} inside"]}))
    assert key not in masked
    assert not survives(groups, masked)


@given(st.lists(st.sampled_from("0123456789abcdef-{}, :/|\n"), max_size=300).map("".join))
def test_hexadecimal_in_groups_of_any_length_is_untouched(text: str) -> None:
    if not re.search("[0-9a-f]{5}-[0-9a-f]{5}-[0-9a-f]{5}-[0-9a-f]{5}-[0-9a-f]{5}", text.replace(" ", "")):
        assert mask_keys(text) is text


@given(GROUPS, st.sampled_from(["-", " ", "", "/", ".", "\n"]), st.integers(0, 28), st.sampled_from("AEIOU015"))
def test_a_key_with_a_typing_error_resembles_one(groups: list[str], separator: str, place: int, wrong: str) -> None:
    # The typing error may hit the only letter that tells a key from hexadecimal.
    assume(len(re.findall("[G-WYZ]", "".join(groups))) > 1)
    key = separator.join(groups)
    assert resembles_key(key)
    assert resembles_key(key[:place] + wrong + key[place + 1 :])
    assert resembles_key(key[:place] + wrong + key[place:])
    assert not resembles_key(f"the key is {key}, as everybody knows by now")


@pytest.mark.parametrize(
    "text",
    [
        "kms01.lab01.corp1.example",
        "kms-host-win01-data1-prod1",
        "2de67392-b7a7-462a-b1ca-108dd189f588",
        "https://help.corp.lab/a",
        "",
        "auto",
        "-".join(["123456"] * 4),
        "0077700076-53131-6542566",
        "Windows Server 2022 Datacenter",
    ],
)
def test_what_else_an_option_may_hold_does_not(text: str) -> None:
    assert not resembles_key(text)
