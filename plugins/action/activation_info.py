# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the activation state of a machine."""

from __future__ import annotations

from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.activation_info import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge.actions.windows import Options, WindowsAction
from ..plugin_utils._edge.generations import EVERY
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._licensing.kms.application_level import with_application_levels
from ..plugin_utils._licensing.office.installed import read_installed_office
from ..plugin_utils._licensing.office.report import describe_with_office
from ..plugin_utils._licensing.state.model import Channel
from ..plugin_utils._licensing.state.read import read_state
from ..plugin_utils._licensing.state.scope import APPLICATIONS


class ActionModule(WindowsAction):
    """winops.volume_activation.activation_info"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION)

    def execute(self, session: CimSession, options: Options) -> dict[str, Any]:
        """Read and describe the activation state; this does not change the machine."""
        state = read_state(
            session, APPLICATIONS[options["application"]], include_unkeyed=options["include_products_without_key"], served=EVERY
        )
        if options["application_settings"]:
            state = with_application_levels(session, state, [product for product in state.products if product.channel is Channel.GVLK])
        return {"changed": False, **describe_with_office(state, read_installed_office(session, state))}
