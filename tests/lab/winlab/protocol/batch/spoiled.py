# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that a fault has spoiled: the activation is counted, and the client gets nothing it can use, or something wrong."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from winlab.interfaces import BatchActivation, BatchAnswer, BatchQuestion
from winlab.protocol.batch import soap

_OVERSIZED = 32 << 20
_CID = re.compile(r"(?<=CID&gt;)\d+(?=&lt;)")
_RESPONSES = re.compile(r"(?<=Responses&gt;).*(?=&lt;/Responses)", re.DOTALL)
_REMAINING = re.compile(r"(?<=ActivationRemaining&gt;)-?\d+")
_BOMB = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a '{text}'>{entities}]><a>&{last};</a>"


def _another_check_digit(text: str) -> str:
    return text[:-1] + str((int(text[-1]) + 1) % 7)


def _bomb() -> str:
    """A document of a few hundred bytes that stands for gigabytes."""
    names = "abcdefghij"
    entities = "".join(f"<!ENTITY {new} '{f'&{old};' * 10}'>" for old, new in pairwise(names))
    return _BOMB.format(text="x" * 10, entities=entities, last=names[-1])


def answer(
    spoiling: str, kind: int, answers: Sequence[tuple[BatchQuestion, BatchAnswer]], batch: BatchActivation
) -> tuple[bytes, dict[str, str]]:
    """The body, and headers in the place of the usual ones."""
    right = soap.answer(kind, answers)
    if spoiling == "gzip":
        return gzip.compress(right.encode()), {"Content-Encoding": "gzip"}
    if spoiling == "wrong_content_type":
        return right.encode(), {"Content-Type": "text/html"}
    if spoiling == "oversized":
        return soap.answer(kind, answers, _OVERSIZED).encode(), {}
    return _body(spoiling, right, kind, answers, batch).encode(), {}


def _body(spoiling: str, right: str, kind: int, answers: Sequence[tuple[BatchQuestion, BatchAnswer]], batch: BatchActivation) -> str:
    iid = answers[0][0].installation_id or ""
    bodies: Mapping[str, Callable[[], str]] = {
        "garbage": lambda: "\x00\x01 nothing of this is XML \x7f" * 20,
        "not_xml": lambda: right.replace("&lt;/Response&gt;", "&lt;/Respons&gt;"),
        "empty": lambda: "",
        "doctype": _bomb,
        "wrong_response_type": lambda: soap.answer(3 - kind, answers),
        "wrong_check_digits": lambda: _CID.sub(lambda found: _another_check_digit(found.group()), right),
        "other_installation_id": lambda: _of_another(right, iid, batch),
        "short_confirmation_id": lambda: _CID.sub(lambda found: found.group()[:-6], right),
        "no_response": lambda: _RESPONSES.sub("", right),
        "no_number": lambda: _CID.sub("", _REMAINING.sub("many", right)),
        "minus_one": lambda: _REMAINING.sub("-1", right),
    }
    return bodies[spoiling]()


def _of_another(right: str, iid: str, batch: BatchActivation) -> str:
    """The answer to another question: its installation ID, and the confirmation ID that belongs to that."""
    if not iid:
        return right
    other = iid[::-1]
    return _CID.sub(batch.confirmation_of_another(iid), right.replace(f"IID&gt;{iid}", f"IID&gt;{other}"))
