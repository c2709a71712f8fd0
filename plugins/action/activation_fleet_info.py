# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the activation state of many machines in one task."""

from __future__ import annotations

from ..doc_fragments._probe import ModuleDocFragment as Probing
from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.activation_check import DOCUMENTATION as CHECK
from ..modules.activation_fleet_info import DOCUMENTATION
from ..modules.activation_info import DOCUMENTATION as INFO
from ..plugin_utils._edge.actions.fleet import FleetAction
from ..plugin_utils._edge.spec import ModuleSpec


class ActionModule(FleetAction):
    """winops.volume_activation.activation_fleet_info"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION)
    CHECK = ModuleSpec.from_documentation(CHECK, Probing)
    INFO = ModuleSpec.from_documentation(INFO)


main = ActionModule.main
