# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activate a machine with a MAK."""

from __future__ import annotations

from ..doc_fragments._activation import ModuleDocFragment as Activating
from ..doc_fragments._losses import ModuleDocFragment as Losses
from ..doc_fragments._selection import ModuleDocFragment as Selecting
from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.mak_client import DOCUMENTATION
from ..plugin_utils._edge.actions.mak import MakAction
from ..plugin_utils._edge.actions.windows import Options
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._proxy.kept import KeptFile, read_kept_file


class ActionModule(MakAction):
    """winops.volume_activation.mak_client"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION, Selecting, Activating, Losses)

    def kept_records(self, options: Options) -> KeptFile | None:
        """Read the file of proxy activation. Return None if the task does not have one."""
        path = options["confirmation_id_file"]
        return read_kept_file(path, self._loader, self.host, self.machine_names, self.warn) if path else None


main = ActionModule.main
