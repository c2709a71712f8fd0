# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the answers of a machine say about WinRM: encoding, faults, paging. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from itertools import chain

from ..._cim.session import CimInstance
from ..._licensing.state.wmi_classes import NO_SUCH_CLASS, NO_SUCH_METHOD
from ..model import Answers, Finding, KitAnswer, fails, hidden_from_account, holds, not_visible

_DATES = ("EvaluationEndDate", "TrustedTime")
_NEVER = "1601-01-01T00:00:00"
_FRACTION = re.compile(r"T[0-9:]{8}\.[0-9]+(Z|[+-][0-9]{2}:[0-9]{2})$")
_UNSPECIFIED = 0x80004005
_SAYS_UNSPECIFIED = re.compile(rb"80004005|2147500037|-2147467259")
_QUERIES = ("operating_system", "licensing_service", "products", "licenses", "mak_editions")
_SLOW = 60.0
"""Seconds after which WinRM ends an operation with its default settings."""


def _instances(answers: Answers) -> list[CimInstance]:
    return [*(answers.value("licensing_service") or ()), *(answers.value("products") or ())]


def code_is_known(name: str, known: Collection[int]) -> Callable[[Answers], Finding]:
    """Return a check that an impossible read failed with one of these codes."""

    def check(answers: Answers) -> Finding:
        answer, hidden = answers.by_name.get(name), hidden_from_account(answers, name)
        if hidden:
            return hidden
        if answer is None or (answer.error is None and answer.value is None):
            return not_visible("This was not asked.")
        if answer.error is None:
            return fails("The machine did not return an error.")
        if answer.code is None:
            return not_visible(f"The machine returned no code: {answer.error}")
        return (holds if answer.code in known else fails)(f"The code is 0x{answer.code:08X}.")

    return check


missing_class = code_is_known("unknown_class", NO_SUCH_CLASS)
missing_namespace = code_is_known("unknown_namespace", NO_SUCH_CLASS)
missing_method = code_is_known("unknown_method", NO_SUCH_METHOD)


def unknown_column(answers: Answers) -> Finding:
    """An unknown column makes the whole query fail."""
    answer, hidden = answers.by_name.get("unknown_column"), hidden_from_account(answers, "unknown_column")
    if hidden:
        return hidden
    if answer is None or answer.code is None:
        value = None if answer is None else answer.value
        return not_visible("There was no response with a code.") if value is None else fails(f"The query returned {len(value)} instances.")
    return holds(f"The query failed with 0x{answer.code:08X}.")


def faults_have_codes(answers: Answers) -> Finding:
    """Every fault contains a number, not only a text."""
    names = ("unknown_class", "unknown_namespace", "unknown_column", "invalid_query", "unknown_method", "wrong_selector")
    failed = {name: answers.by_name[name] for name in names if name in answers.by_name and answers.by_name[name].error}
    coded = {name: answer for name, answer in failed.items() if answer.code is not None}
    if not coded:
        return not_visible("No fault was received.")
    shown = ", ".join(f"{name} 0x{answer.code or 0:08X}" for name, answer in coded.items())
    return (fails if any(map(_lacks_code, coded.values())) else holds)(f"{shown}.")


def _lacks_code(answer: KitAnswer) -> bool:
    """Return whether the client found no code: it then uses the unspecified one, which a machine can also send."""
    if answer.code != _UNSPECIFIED:
        return not answer.code
    return not any(_SAYS_UNSPECIFIED.search(exchange.response) for exchange in answer.exchanges)


def never_is_1601(answers: Answers) -> Finding:
    """A date that means "never" is in the year 1601."""
    values = [text for instance in _instances(answers) for name in _DATES if (text := instance.text(name))]
    never = [text for text in values if text.startswith(_NEVER)]
    odd = [text for text in values if not re.match(r"(1601|20[0-9]{2})-", text)]
    if odd:
        return fails(f"A date is {odd[0][:40]}.")
    return holds(f"{len(never)} of {len(values)} dates are {_NEVER}.") if never else not_visible("No date of this machine means never.")


def null_or_empty(answers: Answers) -> Finding:
    """A text that is not set is NULL or empty, and nothing else."""
    services = answers.value("licensing_service") or ()
    if not services:
        return hidden_from_account(answers, "licensing_service") or not_visible("The licensing service could not be read.")
    service = services[0]
    name = "KeyManagementServiceMachine"
    if not service.has(name):
        return holds(f"{name} is missing.")
    stored = service.text(name)
    if stored and not stored.strip():
        return fails(f"{name} has only blanks.")
    if stored:
        return not_visible(f"{name} is set.")
    return holds(f"{name} is {'NULL' if service.properties[name] is None else 'an empty text'}.")


def local_time_has_fraction(answers: Answers) -> Finding:
    """LocalDateTime has a fraction of a second and an offset."""
    systems = answers.value("operating_system") or ()
    text = systems[0].text("LocalDateTime") if systems else None
    if text is None:
        return hidden_from_account(answers, "operating_system") or not_visible("The operating system could not be read.")
    return (holds if _FRACTION.search(text) else fails)(f"LocalDateTime is {text[:40]}.")


def responses_name_requests(answers: Answers) -> Finding:
    """Every response except a fault contains RelatesTo; the session treats others as lost."""
    replies = [reply for exchange in answers.exchanges() if (reply := exchange.reply())]
    if not replies:
        return not_visible("No response was kept.")
    without = [reply for reply in replies if not reply.relates_to]
    plain = [reply for reply in without if reply.fault is None]
    return (fails if plain else holds)(f"{len(replies) - len(without)} of {len(replies)} responses have RelatesTo.")


def encrypted_header(answers: Answers) -> Finding:
    """An encrypted response has the documented header; the transport treats others as lost."""
    if not answers.encrypted:
        return not_visible("The connection has no message encryption.")
    return holds("Every response that was read had the documented header.")


def first_page_has_one(answers: Answers) -> Finding:
    """The first page of a query has one instance if there are more."""
    answer = answers.by_name.get("licenses")
    page = answer.exchanges[0].reply() if answer and answer.exchanges else None
    if answer is None or page is None or not answer.value:
        return hidden_from_account(answers, "licenses") or not_visible("The licenses were not read.")
    total, first = len(answer.value), len(page.instances)
    if total == 1:
        return not_visible("There is only one license.")
    return (holds if first == 1 else fails)(f"{first} of {total} instances are in the first of {len(answer.exchanges)} pages.")


def queries_are_fast(answers: Answers) -> Finding:
    """Each query takes less than the 60 seconds after which WinRM ends it."""
    took = {name: answers.by_name[name].seconds for name in _QUERIES if name in answers.by_name and answers.by_name[name].exchanges}
    if not took:
        return not_visible("No query was sent.")
    slowest = max(took, key=lambda name: took[name])
    slow = max(chain.from_iterable((e.seconds for e in answers.by_name[name].exchanges) for name in took))
    return (fails if slow >= _SLOW else holds)(f"The slowest is {slowest} with {took[slowest]:.1f} seconds.")


__all__ = [
    "code_is_known",
    "encrypted_header",
    "faults_have_codes",
    "first_page_has_one",
    "local_time_has_fraction",
    "missing_class",
    "missing_method",
    "missing_namespace",
    "never_is_1601",
    "null_or_empty",
    "queries_are_fast",
    "responses_name_requests",
    "unknown_column",
]
