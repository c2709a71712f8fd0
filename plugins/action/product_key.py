# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install or remove a product key."""

from __future__ import annotations

from ..doc_fragments._losses import ModuleDocFragment as Losses
from ..doc_fragments._selection import ModuleDocFragment as Selecting
from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..modules.product_key import DOCUMENTATION
from ..plugin_utils._cim.session import CimSession
from ..plugin_utils._edge.actions.license import KeyAction
from ..plugin_utils._edge.actions.windows import Options
from ..plugin_utils._edge.spec import ModuleSpec
from ..plugin_utils._jobs.product_key import plan as key_change
from ..plugin_utils._jobs.product_key.model import ProductKeyDesired
from ..plugin_utils._licensing.plan.plan import LicensePlan
from ..plugin_utils._licensing.state.model import Application


def _desired(options: Options) -> ProductKeyDesired:
    settings = {name: value for name, value in options.items() if name not in ("state", "application")}
    return ProductKeyDesired(present=options["state"] == "present", application=Application(options["application"]), **settings)


class ActionModule(KeyAction):
    """winops.volume_activation.product_key"""

    SPEC = ModuleSpec.from_documentation(DOCUMENTATION, Selecting, Losses)

    def plan(self, session: CimSession, options: Options) -> LicensePlan:
        """Read the products, and the edition of a new Windows key. Return the plan."""
        return key_change.plan_for(session, _desired(options))


main = ActionModule.main
