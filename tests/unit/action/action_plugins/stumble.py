# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An action that stumbles over an error nobody foresaw, with a secret in its hands."""

from __future__ import annotations

from typing import Any, NoReturn

from ansible_collections.winops.volume_activation.plugins.modules.product_key import DOCUMENTATION
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.actions.windows import Options, WindowsAction
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.spec import ModuleSpec


class ActionModule(WindowsAction):
    """Takes the options of product_key."""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION)

    def execute(self, session: Any, options: Options) -> NoReturn:
        """Stumble."""
        del session
        raise RuntimeError(f"cannot install {options['product_key'].reveal()}")
