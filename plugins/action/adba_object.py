# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create or delete an activation object of Active Directory."""

from __future__ import annotations

from ..doc_fragments._directory import ModuleDocFragment as Directory
from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.adba_object import DOCUMENTATION
from ..plugin_utils._edge.actions.activation_object import ActivationObjectAction
from ..plugin_utils._edge.spec import ModuleSpec


class ActionModule(ActivationObjectAction):
    """winops.volume_activation.adba_object"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION, Directory)


main = ActionModule.main
