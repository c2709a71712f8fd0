# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The root of the one family of errors, and what each of them explains, where the modules that run on a target can see it too.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

An exception that says nothing else has the words of its class, so that no way a task can fail is left without an explanation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ErrorExplanation:
    """One error in words.

    ``code`` is the text form ``0xC004F074``, a name of DNS such as ``REFUSED``, or a fixed word where nobody gave a code;
    ``symbol`` the name in the public header, None for a word; ``next_steps`` has one to four sentences, the most likely
    first; ``category`` is the kind of error; ``transient`` is true when the same request may succeed later with nothing
    changed; ``known`` is false when the catalog has no entry for this code and the explanation rests on its number range
    alone. ``source`` says where the facts come from, None where they are this collection's own. ``subcode`` is a fixed
    identifier for one of several causes of a code, None where the machine was not examined further. ``underlying`` is the
    error behind a code that hides another one: `code`, `symbol`, `meaning`, `kms_host` and `kms_port`.
    """

    code: str
    symbol: str | None
    meaning: str
    cause: str
    next_steps: tuple[str, ...]
    category: str
    transient: bool
    known: bool = True
    source: str | None = None
    subcode: str | None = None
    underlying: Mapping[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """The eleven keys that every ``error`` in a task result has, ready for JSON."""
        return {
            "code": self.code,
            "symbol": self.symbol,
            "meaning": self.meaning,
            "cause": self.cause,
            "next_steps": list(self.next_steps),
            "category": self.category,
            "source": self.source,
            "transient": self.transient,
            "known": self.known,
            "subcode": self.subcode,
            "underlying": None if self.underlying is None else dict(self.underlying),
        }


class VolumeActivationError(Exception):
    """Anything this collection has to say when it cannot go on.

    The text is for people: what failed and what to do next. It never holds a full product key, a password or a TSIG secret.
    `error_code` identifies the error for programs, and `message` is what failed. `next_steps` are in the text too when they were given,
    and those of the class when not.
    """

    error_code = "task_failed"
    category = "task"
    cause = "The task cannot be carried out under these conditions."
    next_steps: tuple[str, ...] = ("Run the task again with -vvv, which shows where the task failed.",)
    source: str | None = None
    transient = False

    def __init__(
        self,
        message: str,
        next_steps: tuple[str, ...] = (),
        *,
        error_code: str | None = None,
        cause: str | None = None,
        source: str | None = None,
        transient: bool | None = None,
    ) -> None:
        self.message = message
        self.next_steps = next_steps or self.next_steps
        self.error_code = error_code or self.error_code
        self.cause = cause or self.cause
        self.source = source or self.source
        self.transient = self.transient if transient is None else transient
        super().__init__(" ".join((message, *next_steps)))

    def explain(self) -> ErrorExplanation:
        """This error in words."""
        return ErrorExplanation(
            code=self.error_code,
            symbol=None,
            meaning=sentence(self.message),
            cause=self.cause,
            next_steps=self.next_steps,
            category=self.category,
            transient=self.transient,
            source=self.source,
        )


class InvalidOptionsError(VolumeActivationError):
    """The task's options are wrong; nothing was sent to the machine."""

    error_code = "invalid_options"
    cause = "An option is misspelled, is missing, has an invalid value, or cannot be combined with another option."
    next_steps = ("Correct the options, and run the task again. No request was sent.",)


class InternalError(VolumeActivationError):
    """An error nobody foresaw."""

    error_code = "internal_error"
    cause = "This collection has a defect, or the machine sent a response that the collection does not know."

    def __init__(self, module: str, error: Exception) -> None:
        words = f"{module} failed with an unexpected error, {type(error).__name__}: {error}."
        super().__init__(words, ("Report the error with the output of -vvv.",))


def sentence(words: str) -> str:
    """The words with a mark at their end."""
    return words if words.endswith((".", ".)", "!", "?")) else f"{words}."


def with_next_step(words: str, error: Mapping[str, Any]) -> str:
    """The one line for people: what failed, the first thing to do, and the code; only what the words do not hold yet is added.

    A word that stands in for a code comes last and in brackets, as compilers do it: to be searched for, and not in the way.
    """
    step, code = error["next_steps"][0], error["code"]
    line = words if step in words else f"{sentence(words)} Next: {step}"
    return line if code in words else f"{line} [{code}]"


__all__ = ["ErrorExplanation", "InternalError", "InvalidOptionsError", "VolumeActivationError", "sentence", "with_next_step"]
