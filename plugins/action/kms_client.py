# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a machine a KMS client."""

from __future__ import annotations

from ..modules.kms_client import DOCUMENTATION
from ..plugin_utils._action import Options, StateAction
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._licensing import kms_client
from ..plugin_utils._licensing.model import ActivationType
from ..plugin_utils._licensing.plan import Plan
from ..plugin_utils._licensing.read import read_state
from ..plugin_utils._spec import ModuleSpec


def _wish(options: Options) -> kms_client.KmsClientDesired:
    kind, key = options["activation_type"], options["product_key"]
    return kms_client.KmsClientDesired(
        **{
            **options,
            "product_key": None if key == "auto" else key,
            "activation_type": ActivationType[kind.upper()] if kind else None,
            "discovery": bool(options["discovery"]),
        }
    )


class ActionModule(StateAction):
    """winops.volume_activation.kms_client"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION)

    def plan(self, session: CimSession, options: Options) -> Plan:
        """Read Windows, and its edition in the registry where no key tells it."""
        return kms_client.plan(read_state(session, edition_id=True), _wish(options))
