# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base class of all errors, and their explanations, for the controller and for modules on a target.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

An exception has the texts of its class by default, so that every failure of a task has an explanation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ErrorExplanation:
    """The explanation of one error.

    ``code`` is the text form ``0xC004F074``, a name in DNS such as ``REFUSED``, or an identifier of this collection. ``symbol`` is the
    name in the public header, or None for an identifier and for a code that no public header contains. ``next_steps`` has one to four
    steps, the most likely one first. ``category`` is the type of error. ``transient`` is true if the same request can succeed later
    without any change. ``known`` is false if the catalog does not have an entry for the code and the explanation is that of its number
    range. ``source`` is the origin of the facts, or None if it is this collection. ``subcode`` is a fixed identifier for one of several
    causes of a code, or None if the cause was not examined. ``underlying`` is the error behind a generic code: `code`, `symbol`,
    `meaning`, `kms_host`, and `kms_port`.
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

    @property
    def label(self) -> str:
        """The code for a message, followed by its symbol if it has one."""
        return f"{self.code} {self.symbol}" if self.symbol else self.code

    def as_dict(self) -> dict[str, Any]:
        """Return the eleven keys of every ``error`` in a task result, as plain data."""
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
    """The base class of the errors of this collection.

    The text is human-readable: what failed, and the next steps. It never contains a full product key, a password, or a TSIG secret.
    `error_code` identifies the error for programs, and `message` is what failed. The text contains `next_steps` of the instance, but
    not those of the class.
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
        """Return the explanation of this error."""
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
    """The options of the task are not valid; no request was sent."""

    error_code = "invalid_options"
    cause = "An option is misspelled, is missing, has an invalid value, or cannot be combined with another option."
    next_steps = ("Correct the options, and run the task again. No request was sent.",)


class InternalError(VolumeActivationError):
    """An unexpected error."""

    error_code = "internal_error"
    cause = "This collection has a defect, or the machine sent a response that the collection does not know."

    def __init__(self, module: str, error: Exception) -> None:
        message = f"{module} failed with an unexpected error, {type(error).__name__}: {error}."
        super().__init__(message, ("Report the error with the output of -vvv.",))


def sentence(message: str) -> str:
    """Return the message with a period at its end, if it does not have an end mark."""
    return message if message.endswith((".", ".)", "!", "?")) else f"{message}."


def with_next_step(message: str, error: Mapping[str, Any]) -> str:
    """Return the message with the first next step and the code, unless it contains them already.

    A code is added at the end in brackets, as compilers do, so that it can be found and does not interrupt the sentence. It is also added
    if the message has it only as a part of another word, such as an option.
    """
    step, code = error["next_steps"][0], error["code"]
    line = message if step in message else f"{sentence(message)} Next: {step}"
    return line if re.search(rf"(?<!\w){re.escape(code)}(?!\w)", message) else f"{line} [{code}]"


__all__ = ["ErrorExplanation", "InternalError", "InvalidOptionsError", "VolumeActivationError", "sentence", "with_next_step"]
