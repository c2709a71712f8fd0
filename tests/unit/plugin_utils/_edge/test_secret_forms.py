# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret of the task is found in whatever form it comes back, and nothing else is taken for it."""

from __future__ import annotations

import base64
import html
import json
import re
import urllib.parse
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.redact import mask_keys
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.secret_forms import HIDDEN, SecretForms

KEY = "MMMMM-KKKKK-MMMMM-23BCD-FGHJK"
SPOILT = "MMMMM-KKKK-MMMMM-23BCD-FGHJK"
PASSWORD = "GssPassw0rd-XYZZY!"
SECRETS = [KEY, SPOILT, PASSWORD]
MASKED = "XXXXX-XXXXX-XXXXX-XXXXX-FGHJK"

FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "lower case": str.lower,
    "swapped case": lambda secret: secret.lower().swapcase().title(),
    "bare": lambda secret: secret.replace("-", ""),
    "spaced out": " ".join,
    "zero width": "\u200b".join,
    "replaced": "\ufffd".join,
    "line breaks": lambda secret: secret.replace("-", "\r\n"),
    "json": lambda secret: json.dumps(secret.replace("-", "\n")),
    "escaped": lambda secret: "".join(f"\\u{ord(character):04x}" for character in secret),
    "bytes": lambda secret: "".join(f"\\x{ord(character):02x}" for character in secret),
    "url": lambda secret: secret.replace("-", "%2D"),
    "url twice": lambda secret: secret.replace("-", "%252d"),
    "url in full": lambda secret: "".join(f"%{ord(character):02X}" for character in secret),
    "form": lambda secret: urllib.parse.quote_plus(" ".join(secret)),
    "entity": lambda secret: secret.replace("-", "&#45;"),
    "entity twice": lambda secret: html.escape(secret.replace("-", "&#x2D;")),
    "entities": lambda secret: "".join(f"&#{ord(character)};" for character in secret),
    "named entity": lambda secret: secret.replace("-", "&ndash;"),
    "hyphen of XML names": lambda secret: secret.replace("-", "_x002D_"),
    "hyphen of URLs in UTF-16": lambda secret: secret.replace("-", "%u002D"),
    "URL in UTF-16 in full": lambda secret: "".join(f"%u{ord(character):04X}" for character in secret),
    "quoted-printable": lambda secret: secret.replace("-", "=2D"),
    "octal hyphen": lambda secret: secret.replace("-", "\\055"),
    "escapes in braces": lambda secret: secret.replace("-", "\\u{2d}"),
    "escapes in braces in full": lambda secret: "".join(f"\\u{{{ord(character):x}}}" for character in secret),
    "entity without semicolon": lambda secret: secret.replace("-", "&#45"),
    "hexadecimal entity without semicolon": lambda secret: secret.replace("-", "&#x2D"),
    "entities without semicolon": lambda secret: "".join(f"&#{ord(character)}" for character in secret),
    "markup": lambda secret: f"<b>{secret.replace('-', '<wbr/>')}</b>",
    "fullwidth": lambda secret: "".join(chr(ord(character) + 0xFEE0) for character in secret),
    "backwards": lambda secret: secret[::-1],
    "hexadecimal": lambda secret: secret.encode().hex(),
    "hexadecimal, lower": lambda secret: secret.lower().replace("-", "").encode().hex(),
    "hexadecimal of UTF-16": lambda secret: secret.encode("utf-16-le").hex().upper(),
    "hexadecimal of UTF-16, the other way round": lambda secret: secret.encode("utf-16-be").hex(),
    "hexadecimal dump": lambda secret: secret.encode().hex(" "),
    "hexadecimal with prefixes": lambda secret: ", ".join(f"0x{byte:02x}" for byte in secret.encode()),
}
for _encoding in ("utf-8", "utf-16-le"):
    for _shift in range(3):
        FORMS[f"base64 of {_encoding}, {_shift}"] = lambda secret, encoding=_encoding, shift=_shift: (  # type: ignore[misc]
            base64.b64encode(b"\0" * shift + secret.encode(encoding) + b"!").decode()
        )
FORMS["base64 for addresses"] = lambda secret: base64.urlsafe_b64encode(b"??>>" + secret.encode()).decode().rstrip("=")
FORMS["base64 in lines"] = lambda secret: "\n".join(re.findall("..?" * 10, base64.b64encode(secret.encode()).decode() + "="))


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_hidden_in_every_form(form: str, secret: str) -> None:
    written = FORMS[form](secret)
    said = f"refused {written} (0xC004F050)."
    hidden = SecretForms(SECRETS).hide(said)
    assert hidden.startswith("refused ")
    assert hidden.endswith("(0xC004F050).")
    kept = [form for form in (written, written.lower()) if form in hidden]
    assert kept == []
    assert left_over(written, hidden) < 7, hidden


def left_over(written: str, hidden: str) -> int:
    """The length of the longest piece of a text that is still there, of letters and digits only."""
    hidden = hidden.replace(HIDDEN, "").replace(MASKED[:-5], "").replace("refused", "").replace("(0xC004F050)", "")
    sizes = range(len(written), 0, -1)
    return next((size for size in sizes for start in range(len(written) - size + 1) if is_piece(written[start : start + size], hidden)), 0)


def is_piece(piece: str, hidden: str) -> bool:
    return piece.isalnum() and piece in hidden


@pytest.mark.parametrize("form", ["as it is", "lower case", "bare", "spaced out", "url", "line breaks", "entities"])
def test_of_a_whole_key_the_last_five_characters_stay(form: str) -> None:
    assert SecretForms([KEY]).hide(f"<{FORMS[form](KEY)}>").upper() == f"<{MASKED}>"


@pytest.mark.parametrize("length", range(14, 28))
def test_a_key_that_a_text_was_cut_in_is_hidden_too(length: int) -> None:
    for part in (KEY[:length], KEY[-length:]):
        assert left_over(part, SecretForms([KEY]).hide(f"told {part}")) < 6


def test_the_last_five_characters_alone_are_no_secret() -> None:
    for text in ("the key ending in FGHJK", MASKED, "23BCD", "MMMMM"):
        assert SecretForms([KEY]).hide(text) == text


@given(st.text(), st.sampled_from(sorted(FORMS)), st.text())
def test_a_secret_is_hidden_whatever_stands_around_it(before: str, form: str, after: str) -> None:
    text = f"{before} {FORMS[form](SPOILT)} {after}"
    assert SPOILT.replace("-", "") not in SecretForms([SPOILT]).hide(text).replace("-", "").upper()


@given(st.text(max_size=400))
def test_a_text_without_a_secret_stays_the_same_object(text: str) -> None:
    if len(set(text)) < 200:
        forms = SecretForms([KEY, PASSWORD])
        assert forms.hide(text) is text or "mmmmm" in text.lower() or "gssp" in text.lower()


HOSTILE = [
    "M",
    "MMMMM",
    "MMMMM-",
    "MMMMM ",
    "%2D",
    "%25",
    "&#4",
    "&amp;",
    "=&",
    "\\",
    "\\u00",
    "<b",
    "4d",
    "=2",
    "_x00",
    "\\u{",
    "%u00",
    "TU1N ",
    "QQ==",
    "AAAA\n",
]
HOSTILE += ["\uff2d", "\u0130", " "]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("unit", "length"), [*((unit, 100_000) for unit in HOSTILE), ("MMMMM-", 1_000_000), ("\\u00", 1_000_000)])
def test_a_megabyte_of_hostile_text_takes_no_longer_than_a_megabyte(unit: str, length: int) -> None:
    """The limit guards against a search that grows with the square of the length, which takes minutes with the shorter texts already."""
    text = unit * (length // len(unit))
    assert KEY not in mask_keys(SecretForms([KEY, SPOILT]).hide(text))


@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=3), st.text(max_size=60))
def test_any_secret_is_hidden_in_any_text_without_a_failure(secrets: list[str], text: str) -> None:
    forms = SecretForms(secrets)
    assert isinstance(forms.hide(f"{text} convert_kms_host {secrets[0]} {base64.b64encode(text.encode()).decode()}"), str)


@pytest.mark.parametrize(
    "secret",
    [
        "\u043f\u0430\u0440\u043e\u043b\u044c-\u0430\u0434\u043c\u0438\u043d\u0438\u0441\u0442\u0440\u0430\u0442\u043e\u0440\u0430",
        "\u30d1\u30b9\u30ef\u30fc\u30c9\u306f\u79d8\u5bc6\u3067\u3059\u304b\u3089\u898b\u306a\u3044\u3067",
    ],
)
def test_a_password_in_another_alphabet_is_hidden(secret: str) -> None:
    assert SecretForms([secret]).hide(f"convert_kms_host: {secret}!") == f"convert_kms_host: {HIDDEN}!"
