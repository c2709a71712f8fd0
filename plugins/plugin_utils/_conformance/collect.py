# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a machine all questions, one after the other, within a time.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .._cim.recording.exchanges import ExchangeRecorder
from .._cim.session import CimError, CimSession
from .._errors import UnreachableError, VolumeActivationError
from .._licensing.catalog.rights import DENIED, needed_right
from .model import Answers, KitAnswer, KitQuestion

_FIRST = "operating_system"
_EXECUTE_METHODS = r"Execute Methods on the WMI namespace root\cimv2"
_MOST_FAILURES = 3
"""Number of questions in a row without any response, after which the rest is not asked."""


def collect(session: CimSession, recorder: ExchangeRecorder, questions: Iterable[KitQuestion], left: Callable[[], float]) -> Answers:
    """Ask the questions, and return the answers. An error is an answer; `left` returns the remaining seconds.

    Raises UnreachableError if the first question does not get a response.
    """
    found: dict[str, KitAnswer] = {}
    silent = 0
    for question in questions:
        if silent >= _MOST_FAILURES or left() <= 0:
            found[question.name] = KitAnswer(question.name, error="not asked: the machine did not respond in time")
            continue
        answer, responded = _ask(session, recorder, question, Answers(found))
        found[question.name] = answer
        silent = 0 if responded else silent + 1
    return Answers(found, recorder.is_encrypted)


def _ask(session: CimSession, recorder: ExchangeRecorder, question: KitQuestion, known: Answers) -> tuple[KitAnswer, bool]:
    """Return the answer, and whether the machine responded."""
    first = len(recorder.exchanges)
    value, code, error, right, responded = None, None, None, None, True
    try:
        value = question.ask(session, known)
    except UnreachableError as problem:
        if question.name == _FIRST:
            raise
        error, responded = str(problem), False
    except CimError as problem:
        code, error, right = problem.code, str(problem), _right(problem)
    except (VolumeActivationError, LookupError) as problem:
        error = str(problem)
    return KitAnswer(question.name, value, code, error, tuple(recorder.exchanges[first:]), right), responded


def _right(problem: CimError) -> str | None:
    """Return the right that a refused question requires. A method that is not a known read requires Execute Methods."""
    if problem.code not in DENIED:
        return None
    return needed_right(problem.operation, problem.code) or _EXECUTE_METHODS


__all__ = ["collect"]
