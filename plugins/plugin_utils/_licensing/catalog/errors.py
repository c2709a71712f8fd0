# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Explanations of licensing, WMI, network, and DNS error codes, with next steps.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The catalog consists of ``data/errors.json`` (one entry for each code) and ``data/errors_families.json`` (the texts of the families, and the
number ranges for codes that are not listed). The symbols are from the public headers slerror.h, winerror.h, wbemcli.h, and WsmError.h. The
explanations were written for this collection. A code without its own text has the text of its family. The explanation of a code that is not
in the catalog states this. The meaning of some codes depends on what Windows did when it returned them. Their entries have texts for these
contexts, and the caller, who knows what it did, names the context. The files ``data/errors_ja.json`` and ``data/errors_families_ja.json``
contain only the Japanese texts.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..._errors import ErrorExplanation

_DATA = Path(__file__).parent / "data"
_HEX = re.compile(r"0[xX][0-9a-fA-F]{1,8}\Z")
_BARE_HEX = re.compile(r"(?=.*[a-fA-F])[0-9a-fA-F]{8}\Z")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,10}\Z")
_UINT32 = 1 << 32
_INT32_MIN = -(1 << 31)
_WIN32_MAX = 0xFFFF
_WIN32_FACILITY = 0x80070000
_SEVERITY, _NTSTATUS_AS_HRESULT, _FACILITY_NT = 0xF0000000, 0xD0000000, 0x10000000
"""HRESULT_FROM_NT sets one bit of an NTSTATUS error, which begins with 0xC."""


KMS_CLIENT_KEY, KMS_HOST_KEY, ESU, PUBLISHING, MACHINE = "kms_client_key", "kms_host_key", "esu", "publishing", "machine"
ACTIVATION_OBJECT = "activation_object"
CONTEXTS = (KMS_CLIENT_KEY, KMS_HOST_KEY, ESU, PUBLISHING, MACHINE, ACTIVATION_OBJECT)
"""What Windows did when it returned a code, for codes whose meaning depends on this: installed a key of a KMS client, of a KMS host, or for
Extended Security Updates, published the record of a KMS host in DNS, responded to a query or change of the machine itself, for which no
KMS host was involved, or created an activation object in Active Directory."""

ADMIN_CENTER = "the Microsoft 365 admin center (Billing > Your products > Volume licensing)"
"""Where an organization finds its product keys, and how many activations are left."""

LANGUAGES = ("en", "ja")
"""The languages of the catalog."""


@dataclass(frozen=True)
class _Catalog:
    codes: Mapping[int, Mapping[str, Any]]
    families: Mapping[str, Mapping[str, Any]]
    ranges: tuple[tuple[int, int, Mapping[str, Any]], ...]
    phrases: Mapping[str, str]
    sources: Mapping[str, str]


@functools.lru_cache(maxsize=len(LANGUAGES))
def _catalog(language: str) -> _Catalog:
    """Return the catalog in one language. The files of another language are read at its first use."""
    codes, texts = _load("errors.json")["codes"], _load("errors_families.json")
    if language != "en":
        codes = _translated(codes, _load(f"errors_{language}.json")["codes"])
        translation = _load(f"errors_families_{language}.json")
        texts = {
            **texts,
            "families": _translated(texts["families"], translation["families"]),
            "ranges": [{**item, **translated} for item, translated in zip(texts["ranges"], translation["ranges"], strict=True)],
            "phrases": translation["phrases"],
        }
    return _Catalog(
        codes={int(code, 16): entry for code, entry in codes.items()},
        families=texts["families"],
        ranges=tuple((int(item["first"], 16), int(item["last"], 16), item) for item in texts["ranges"]),
        phrases=texts["phrases"],
        sources=texts["sources"],
    )


def _load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((_DATA / name).read_text(encoding="utf-8"))
    return loaded


def _translated(entries: Mapping[str, Mapping[str, Any]], texts: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the entries with the texts of another language. The other fields do not depend on the language."""
    return {name: {**entry, **texts.get(name, {})} for name, entry in entries.items()}


def parse_code(value: int | str) -> int:
    """Convert any usual notation of a 32-bit code to an integer from 0 to 4294967295.

    The value can be a signed (-1073418124) or unsigned (3221549172) integer, a text with ``0x`` and up to eight hexadecimal digits, eight
    hexadecimal digits without ``0x`` if one of them is a letter, or a signed or unsigned decimal text.

    Raises :class:`ValueError` with a readable message for any other value.
    """
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError(f"an error code must be an integer or a text such as 0xC004F074, not a value of type {type(value).__name__}")
    if isinstance(value, int):
        return _to_uint32(int(value))
    text = str(value).strip()
    if _HEX.match(text) or _BARE_HEX.match(text):
        return int(text, 16)
    if _DECIMAL.match(text):
        return _to_uint32(int(text))
    raise ValueError(f"{text[:40]!r} is not an error code: use the form 0xC004F074, or a decimal number of 32 bits")


def _to_uint32(number: int) -> int:
    if not _INT32_MIN <= number < _UINT32:
        raise ValueError(f"{number} is not a Windows error code: it does not fit into 32 bits")
    return number % _UINT32


def format_code(number: int) -> str:
    """Return ``0xC004F074`` for 3221549172. The number must be a result of :func:`parse_code`."""
    return f"0x{number:08X}"


def explain(code: int | str, language: str = "en", context: str | None = None) -> ErrorExplanation:
    """Explain a code, in any notation that :func:`parse_code` accepts, in one of LANGUAGES.

    `context` is one of CONTEXTS, or None if it is not known. A code whose meaning does not depend on it has the same explanation in all.
    A number that is not in the catalog is explained by its number range, with ``known=False``. Raises :class:`ValueError` as
    :func:`parse_code` does, and for an unknown language or context.
    """
    if context is not None and context not in CONTEXTS:
        raise ValueError(f"invalid context {str(context)[:20]!r}: must be one of {', '.join(CONTEXTS)}")
    if language not in LANGUAGES:
        raise ValueError(f"invalid language {str(language)[:20]!r}: must be one of {', '.join(LANGUAGES)}")
    number = parse_code(code)
    catalog = _catalog(language)
    entry = catalog.codes.get(number)
    if entry is None and 0 < number <= _WIN32_MAX:
        # WinRM and services return plain Win32 codes, but the catalog lists only their HRESULT form.
        entry = catalog.codes.get(_WIN32_FACILITY | number)
    elif entry is None and number & _SEVERITY == _NTSTATUS_AS_HRESULT:
        entry = catalog.codes.get(number & ~_FACILITY_NT)
    if entry is None:
        return _unknown(number, catalog)
    return _known(number, {**entry, **entry.get("contexts", {}).get(context, {})}, catalog)


def known_codes() -> tuple[str, ...]:
    """Return every code of the catalog as text, in ascending order."""
    return tuple(format_code(number) for number in sorted(_catalog("en").codes))


def families() -> Mapping[str, Mapping[str, Any]]:
    """Return the family texts by category: ``title``, ``meaning``, ``cause``, ``next_steps``. Do not change them."""
    return _catalog("en").families


def has_own_text(code: int | str) -> bool:
    """Return whether the code has its own explanation instead of the explanation of its family."""
    return "meaning" in _catalog("en").codes.get(parse_code(code), {})


def _known(number: int, entry: Mapping[str, Any], catalog: _Catalog) -> ErrorExplanation:
    family = catalog.families[entry["category"]]
    meaning = entry.get("meaning")
    if meaning is None:
        words = _words_of(entry["symbol"])
        symbol_text = catalog.phrases["symbol_reads"].format(words=words)
        meaning = f"{family['meaning']} {symbol_text}" if words else family["meaning"]
    return ErrorExplanation(
        code=format_code(number),
        symbol=entry["symbol"] or None,
        meaning=meaning,
        cause=entry.get("cause", family["cause"]),
        next_steps=tuple(entry.get("next_steps", family["next_steps"])),
        category=entry["category"],
        transient=entry["transient"],
        source="; ".join(catalog.sources[name] for name in entry.get("sources", ())) or None,
    )


def _unknown(number: int, catalog: _Catalog) -> ErrorExplanation:
    code = format_code(number)
    place = next(item for first, last, item in catalog.ranges if first <= number <= last)
    win32 = number & _WIN32_MAX
    symbol = f"HRESULT_FROM_WIN32({win32})" if number & 0xFFFF0000 == _WIN32_FACILITY else None
    return ErrorExplanation(
        code=code,
        symbol=symbol,
        meaning=f"{catalog.phrases['not_listed'].format(code=code)} {place['place'].format(win32=win32)}",
        cause=place["cause"],
        next_steps=(*_hexadecimal_slip(number, catalog), *(step.format(win32=win32, code=code) for step in place["next_steps"])),
        category=place["category"],
        transient=False,
        known=False,
    )


def _hexadecimal_slip(number: int, catalog: _Catalog) -> tuple[str, ...]:
    """Return a hint for a decimal number such as 80070005 if 0x80070005 is a known code."""
    digits = str(number)
    if len(digits) == 8 and int(digits, 16) in catalog.codes:
        return (catalog.phrases["hexadecimal_slip"].format(digits=digits),)
    return ()


def _words_of(symbol: str) -> str:
    """Return ``invalid binding uri`` for ``SL_E_CHPA_INVALID_BINDING_URI``."""
    bare = re.sub(r"^(SL_REMAPPING_(SP_PUB|SP_STATUS|MDOLLAR)|SL_[EI]|WBEM_E|ERROR_WSMAN|E_RM)_", "", symbol)
    bare = re.sub(r"^(API|CHPA|SRV|TKA|TS|CRYPTO|SFS|TOKSTO|IA|GENERAL|OSR)_", "", bare)
    return bare.replace("_", " ").lower() if re.fullmatch(r"[A-Z0-9_]+", bare) else ""


__all__ = [
    "ACTIVATION_OBJECT",
    "ADMIN_CENTER",
    "CONTEXTS",
    "ESU",
    "KMS_CLIENT_KEY",
    "KMS_HOST_KEY",
    "LANGUAGES",
    "MACHINE",
    "PUBLISHING",
    "ErrorExplanation",
    "explain",
    "families",
    "format_code",
    "has_own_text",
    "known_codes",
    "parse_code",
]
