# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The edition of a Windows: what its product tells, and what the registry tells where no product does.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import replace

from ..._cim.session import CimError, CimSession
from ..catalog import gvlk
from ..registry import values as registry
from .model import ActivationState


def edition_of(state: ActivationState) -> str | None:
    """The edition: the registry's EditionID when it was read, else the LicenseFamily of the keyed Windows product."""
    return state.os.edition_id or (state.primary.family if state.primary else None)


def with_edition_id(session: CimSession, state: ActivationState) -> ActivationState:
    """The same with the registry's EditionID, unless a keyed product tells the edition already (one request).

    A Windows without a licensing service has no editions that a key would depend on here, and is not asked.
    """
    return _with_edition_id(session, state) if state.generation.has_service and _edition_is_unclear(state) else state


def _edition_is_unclear(state: ActivationState) -> bool:
    primary = state.primary
    return primary is None or not gvlk.tells_edition(primary)


def _with_edition_id(session: CimSession, state: ActivationState) -> ActivationState:
    """EditionID from the registry; a machine that hides it is no error here, the plan decides whether it matters."""
    try:
        edition = registry.string(session, registry.CURRENT_VERSION, "EditionID")
    except CimError:
        return state
    return replace(state, os=replace(state.os, edition_id=edition))
