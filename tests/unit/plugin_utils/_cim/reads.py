# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A query of the tests, its answers, and what a session reads of them."""

from __future__ import annotations

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimSession
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import ResponseLostError

from .answers import instance

WQL = "SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL"


def some(*names: str) -> list[str]:
    return [instance("SoftwareLicensingProduct", {"ID": name}) for name in names]


def ids(session: CimSession) -> list[str | None]:
    return [found.text("ID") for found in session.query(WQL)]


def dropped() -> ResponseLostError:
    return ResponseLostError("the connection was dropped (reset)", again=True)
