# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List the activation objects of a forest."""

from __future__ import annotations

from typing import Any

from ..doc_fragments._directory import ModuleDocFragment as Directory
from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.adba_object_info import DOCUMENTATION
from ..plugin_utils._edge.actions.directory import DirectoryAction, Options
from ..plugin_utils._edge.directory.listing import list_objects
from ..plugin_utils._edge.spec import ModuleSpec


class ActionModule(DirectoryAction):
    """winops.volume_activation.adba_object_info"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION, Directory)

    def execute(self, options: Options) -> dict[str, Any]:
        """Read the objects from one domain controller."""
        return list_objects(options)


main = ActionModule.main
