# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module kms_srv_record_info on the host of the task, and hide secrets in its result."""

from __future__ import annotations

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..module_utils._dns.arguments import SRV_RECORD_INFO
from ..plugin_utils._edge.actions.module import ModuleAction


class ActionModule(ModuleAction):
    """winops.volume_activation.kms_srv_record_info"""

    OPTIONS = SRV_RECORD_INFO


main = ActionModule.main
