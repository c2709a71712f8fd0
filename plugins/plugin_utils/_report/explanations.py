# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The explanations of error codes and findings in the language of a report.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A record has explanations in English, as the task returned them. A code of the error catalog is explained again in another language. What
the catalog does not have, for example the reason why a proxy refused a connection, stays in English.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from .._licensing.catalog.errors import CONTEXTS, explain
from .texts import Texts

_ENGLISH = "en"


@dataclass(frozen=True)
class Explained:
    """One code with its explanation. `code` is a number such as 0xC004F074, or a name of this collection."""

    code: str
    symbol: str | None
    meaning: str
    cause: str
    next_steps: tuple[str, ...]

    @property
    def label(self) -> str:
        """Return the code, followed by its symbol if it has one."""
        return f"{self.code} {self.symbol}" if self.symbol else self.code


class Explanations:
    """Explains the errors, the status reasons, and the findings of records in one language."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._texts = Texts(language)

    def of_error(self, error: Mapping[str, Any] | None) -> Explained | None:
        """Return the explanation of the `error` of a result or of a finding, or None if there is none."""
        if not error:
            return None
        code = str(error.get("code") or "")
        if self._language != _ENGLISH and (known := _translated(code, self._language, _plain(error, "meaning"))):
            return known
        return Explained(code, _text(error.get("symbol")), _plain(error, "meaning"), _plain(error, "cause"), _steps(error))

    def of_reason(self, reason: Mapping[str, Any] | None) -> Explained | None:
        """Return the explanation of the status reason of a product, or None if Windows did not report one."""
        if not reason or not reason.get("code"):
            return None
        code = str(reason["code"])
        return _explained(code, self._language) or Explained(code, _text(reason.get("symbol")), _plain(reason, "meaning"), "", ())

    def steps_of(self, finding: Mapping[str, Any]) -> list[str]:
        """Return what to do about a finding: the steps of the record, or in another language those of its code or of all such findings."""
        if self._language == _ENGLISH:
            return list(_steps(finding)) or self._general(finding)
        error = finding.get("error") or {}
        known = _translated(str(error.get("code") or ""), self._language, _plain(error, "meaning"))
        return list(known.next_steps) if known else self._general(finding)

    def meaning_of_finding(self, finding_id: str) -> str | None:
        """Return what a finding means in another language than English; None in English, and for a finding of a newer release."""
        return self._translated_text(f"finding.{finding_id}.meaning")

    def meaning_of_state(self, state: str) -> str | None:
        """Return why a machine was not read in another language than English; None in English, and for a machine that was read."""
        return self._translated_text(f"attention.{state}_meaning")

    def _translated_text(self, key: str) -> str | None:
        try:
            return None if self._language == _ENGLISH else self._texts(key)
        except KeyError:
            return None

    def _general(self, finding: Mapping[str, Any]) -> list[str]:
        try:
            return [self._texts(f"finding.{finding['id']}.step")]
        except KeyError:  # a finding of a newer release
            return list(_steps(finding))


def _translated(code: str, language: str, meaning: str) -> Explained | None:
    """Return the explanation in another language, in the context in which the code has this meaning in English."""
    for context in (None, *CONTEXTS):
        known = _explained(code, _ENGLISH, context)
        if known is None:
            return None
        if known.meaning == meaning:
            return _explained(code, language, context)
    return _explained(code, language)


@cache
def _explained(code: str, language: str, context: str | None = None) -> Explained | None:
    """Return the entry of the error catalog, or None if it does not have the code."""
    try:
        found = explain(code, language, context)
    except ValueError:
        return None
    return Explained(found.code, found.symbol, found.meaning, found.cause, found.next_steps) if found.known else None


def _steps(found: Mapping[str, Any]) -> tuple[str, ...]:
    steps = found.get("next_steps") or ()
    return tuple(str(step) for step in steps) if isinstance(steps, Sequence) and not isinstance(steps, str) else ()


def _plain(found: Mapping[str, Any], name: str) -> str:
    return str(found.get(name) or "")


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


__all__ = ["Explained", "Explanations"]
