# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MAKs for which a run requested confirmation IDs: what Microsoft had left before and after, and what the run used.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._licensing.spending.balance import balance_of


def maks_of(requested: Mapping[str, Any], left_after: Sequence[Mapping[str, Any]], *, check_mode: bool) -> list[dict[str, Any]]:
    """Return the MAKs of a result of mak_confirmation_id, with the numbers of mak_activations_info after the last request.

    In check mode, nothing was used.
    """
    after = {mak.get("extended_pid"): mak for mak in left_after}
    return [_mak(mak, after.get(mak["extended_pid"]), check_mode=check_mode) for mak in requested.get("maks") or ()]


def _mak(mak: Mapping[str, Any], after: Mapping[str, Any] | None, *, check_mode: bool) -> dict[str, Any]:
    used, unknown = None if check_mode else mak.get("activations_used"), int(mak.get("unknown_activations") or 0)
    balance = balance_of(mak, after, planned=int(mak["needed_activations"]), used=used, unknown=unknown)
    return {**mak, **balance.as_dict(), "line": balance.line(f"MAK {mak['extended_pid']}")}
