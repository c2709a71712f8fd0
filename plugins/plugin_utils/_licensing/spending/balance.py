# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The activations that Microsoft has left for a MAK before and after a run, compared with those that the run used.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. It is not known how soon Microsoft updates the number, and other computers can use the same MAK during a run. A difference is
therefore described, and never explained away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ....module_utils._visible import visible

_FEWER = (
    "Another computer used the MAK during this run, Microsoft counted an activation that failed, or the number before"
    " the run was not up to date."
)
_MORE = (
    "It is not known how soon Microsoft updates the number, and Microsoft might have increased it. Ask again later with"
    " mak_activations_info."
)
_OF_REQUESTS = "Microsoft counted {} of the {} without an answer, unless another computer used the MAK during this run."


@dataclass(frozen=True)
class MakBalance:
    """Numbers of activations of one MAK. None: not known, or not yet.

    `before` and `after` are what Microsoft had left at `before_time` and `after_time`. `planned` is what the run uses at most, and `used`
    what it used. `unknown` is the number of requests without an answer, which Microsoft might have counted. `reason` is why `after` is not
    known.
    """

    before: int | None = None
    before_time: str | None = None
    planned: int = 0
    used: int | None = None
    unknown: int = 0
    after: int | None = None
    after_time: str | None = None
    reason: str | None = None

    @property
    def forecast(self) -> int | None:
        """What Microsoft should have left after the run: without what was used, or without what is planned before the run."""
        return None if self.before is None else self.before - (self.planned if self.used is None else self.used)

    @property
    def agrees(self) -> bool | None:
        """Whether Microsoft's number after the run is the forecast. Each request without an answer can make it one less."""
        if self.forecast is None or self.after is None:
            return None
        return self.forecast - self.unknown <= self.after <= self.forecast

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "remaining_activations": self.before,
            "checked_time": self.before_time,
            "activations_used": self.used,
            "unknown_activations": self.unknown,
            "forecast_activations": self.forecast,
            "remaining_activations_after": self.after,
            "checked_after_time": self.after_time,
            "agrees": self.agrees,
        }

    def line(self, subject: str) -> str:
        """Return one line of text about the MAK."""
        forecast = [] if self.forecast is None else [f"forecast {self.forecast}"]
        known = [f"{self.before} left at Microsoft at {self.before_time}" if self.before is not None else "not known how many are left"]
        if self.used is None:
            return f"{subject}: {', '.join([*known, f'{self.planned} planned', *forecast])}."
        unknown = [f"{_count(self.unknown, 'request')} without an answer"] if self.unknown else []
        text = f"{subject}: {', '.join([*known, f'{self.used} used in this run', *unknown, *forecast])}"
        if self.after is None:
            return f"{text}, not known how many are left now.{f' {self.reason}' if self.reason else ''}"
        return " ".join(filter(None, (f"{text}, {self.after} left at {self.after_time}.", self._comparison(self.after))))

    def _comparison(self, after: int) -> str:
        if self.forecast is None:
            return ""
        fewer = self.forecast - after
        if self.agrees and not self.unknown:
            return ""
        if self.agrees:
            return _OF_REQUESTS.format(fewer, _count(self.unknown, "request"))
        if fewer < 0:
            return f"Warning: {-fewer} more than the forecast. {_MORE}"
        return f"Warning: {fewer - self.unknown} fewer than the forecast. {_FEWER}"


def balance_of(before: Mapping[str, Any], after: Mapping[str, Any] | None, **numbers: Any) -> MakBalance:
    """Return the balance of two results of mak_activations_info for a MAK; `numbers` are `planned`, `used`, and `unknown`."""
    later = after or {}
    return MakBalance(
        before=_number(before.get("remaining_activations")),
        before_time=before.get("checked_time"),
        after=_number(later.get("remaining_activations")),
        after_time=later.get("checked_time"),
        reason=visible(str((later.get("error") or {}).get("meaning") or "")) or None,
        **numbers,
    )


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
