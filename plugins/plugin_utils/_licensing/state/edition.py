# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The edition of Windows, from its product or from the registry.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import replace

from ..._cim.session import CimError, CimSession
from ..catalog import gvlk
from ..catalog.rights import with_right
from ..registry import values as registry
from .model import ActivationState


def edition_of(state: ActivationState) -> str | None:
    """Return the EditionID of the registry if it was read, else the LicenseFamily of the Windows product with a key."""
    return state.os.edition_id or (state.primary.family if state.primary else None)


def with_edition_id(session: CimSession, state: ActivationState) -> ActivationState:
    """Return the state with the EditionID of the registry, unless a product with a key shows the edition (one request).

    On a Windows without a licensing service, no key depends on the edition, so the module does not send a request.
    """
    if not state.generation.has_service or not _edition_is_unclear(state):
        return state
    edition = read_edition_id(session)
    return replace(state, os=replace(state.os, edition_id=edition)) if edition else state


def _edition_is_unclear(state: ActivationState) -> bool:
    primary = state.primary
    return primary is None or not gvlk.shows_edition(primary)


def read_edition_id(session: CimSession) -> str | None:
    """Read EditionID from the registry (one request); None if it is missing, or could not be read."""
    return read_edition(session)[0]


def read_edition(session: CimSession) -> tuple[str | None, str]:
    """Return EditionID as :func:`read_edition_id` does, and why it could not be read, or an empty text. One request."""
    try:
        return registry.string(session, registry.CURRENT_VERSION, "EditionID"), ""
    except CimError as error:
        return None, with_right(error)
