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
from ..._licensing.catalog.rights import with_right
from ..._licensing.kms.application_level import with_application_levels
from ..._licensing.office.installed import read_installed_office
from ..._licensing.office.report import describe_with_office
from ..._licensing.state.model import ActivationState, Channel
from ..._licensing.state.read import read_state
from ..._licensing.state.scope import APPLICATIONS
from ..._licensing.tokens.read import read_of_applications
from ..._licensing.tokens.report import describe_token_licenses
from ..generations import EVERY
from ..result import with_warnings


def read_machine(session: CimSession, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of a task with these options of activation_info; this does not change the machine."""
    state = read_state(session, APPLICATIONS[options["application"]], include_unkeyed=options["include_products_without_key"], served=EVERY)
    if options["application_settings"]:
        state = with_application_levels(session, state, [product for product in state.products if product.channel is Channel.GVLK])
    result = {"changed": False, "token_licenses": None, **describe_with_office(state, read_installed_office(session, state))}
    return _with_token_licenses(session, state, result) if options["include_token_licenses"] else result


def _with_token_licenses(session: CimSession, state: ActivationState, result: dict[str, Any]) -> dict[str, Any]:
    """Return the result with the issuance licenses, and with a warning if those of Office could not be read."""
    found, problem = read_of_applications(session, state.os, state.applications)
    warnings = (f"The issuance licenses of Office could not be read: {with_right(problem)}",) if problem else ()
    licenses = None if found is None else describe_token_licenses(found)
    return with_warnings({**result, "token_licenses": licenses}, state.os.computer_name, warnings)


__all__ = ["read_machine"]
