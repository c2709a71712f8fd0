# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the check mode result of mak_client shows about one machine of a play.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A machine that was not read counts as one activation, which is the maximum for one machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..state.model import Channel

ACTIVATING, UNREAD, NOT_ACTIVATING, DROPPED = "activating", "unread", "not_activating", "dropped"
KINDS = (ACTIVATING, NOT_ACTIVATING, UNREAD, DROPPED)

Result = Mapping[str, Any]
"""The result of a module."""

_MAK = Channel.MAK.value


@dataclass(frozen=True)
class MachineForecast:
    """A machine, its kind, and its result; `given_pid` is the extended product ID that the user set for its MAK."""

    name: str
    kind: str
    result: Result | None = None
    given_pid: str | None = None

    def products(self) -> Iterable[Mapping[str, Any]]:
        """Return the products that the machine shows."""
        return (self.result or {}).get("products") or ()

    def maks(self) -> Iterable[tuple[str, str]]:
        """Return the MAKs that the machine shows, each as its last five characters and its extended product ID."""
        for product in self.products():
            if product.get("channel") == _MAK and product.get("extended_pid"):
                yield str(product.get("partial_product_key")), str(product["extended_pid"])

    @property
    def mak(self) -> str | None:
        """The last five characters of the MAK that the machine will activate; None if it will not, or was not read."""
        if self.kind != ACTIVATING or not self.result:
            return None
        return str((self.result.get("activation") or {}).get("partial_product_key") or "") or None


def kind_of(result: Result | None, *, is_in_play: bool) -> str:
    """Return the kind of a machine by its result. A machine that left the play counts only if its result has an activation."""
    used = None if not result or _is_unread(result) else result.get("activations_used")
    if used is None:
        return UNREAD if is_in_play else DROPPED
    return ACTIVATING if used else NOT_ACTIVATING


def _is_unread(result: Result) -> bool:
    return bool(result.get("failed") or result.get("unreachable") or result.get("skipped"))
