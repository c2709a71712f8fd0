# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generations of Windows licensing: how Windows before the Software Protection Platform is read and activated.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

No other file imports the package of Windows Server 2003. A job for Windows Vista and later only declares that itself.
"""

from __future__ import annotations

from .._cim.session import CimSession
from .._jobs.mak_client import plan as mak_client
from .._jobs.mak_client import registry_host
from .._jobs.server_2003 import generation as server_2003
from .._jobs.server_2003 import mak as mak_on_server_2003
from .._licensing.mak.kept import KeptIds
from .._licensing.mak.model import MakDesired
from .._licensing.plan.plan import LicensePlan
from .._licensing.state.served import Served

EVERY = Served(older=server_2003.WindowsServer2003())
"""For a job that supports every version of Windows."""

_MAK_PLANNERS = {server_2003.NAME: mak_on_server_2003.plan}
"""Functions that plan a task about a MAK, by the name of the generation."""


def plan_mak(session: CimSession, desired: MakDesired, kept: KeptIds | None = None) -> LicensePlan:
    """Read a machine of any generation, and return the plan. Raises the errors of :func:`mak_client.plan_for`."""
    return registry_host.with_warning(session, desired, mak_client.plan_for(session, desired, EVERY, _MAK_PLANNERS, kept))


__all__ = ["EVERY", "plan_mak"]
