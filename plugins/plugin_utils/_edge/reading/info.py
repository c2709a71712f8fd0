# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the activation state of one machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._cim.session import CimSession
from ..._licensing.kms.application_level import with_application_levels
from ..._licensing.office.installed import read_installed_office
from ..._licensing.office.report import describe_with_office
from ..._licensing.state.model import Channel
from ..._licensing.state.read import read_state
from ..._licensing.state.scope import APPLICATIONS
from ..generations import EVERY


def read_machine(session: CimSession, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of a task with these options of activation_info; this does not change the machine."""
    state = read_state(session, APPLICATIONS[options["application"]], include_unkeyed=options["include_products_without_key"], served=EVERY)
    if options["application_settings"]:
        state = with_application_levels(session, state, [product for product in state.products if product.channel is Channel.GVLK])
    return {"changed": False, **describe_with_office(state, read_installed_office(session, state))}


__all__ = ["read_machine"]
