# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the options of a task become a probe.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible import constants

from ._probe_ledger import Ledger
from ._reach import Prober


def prober_of(options: Mapping[str, Any]) -> Prober:
    """Who asks KMS hosts and DNS for the machine of a task."""
    return Prober(
        options["timeout"],
        options["dns_server"],
        options["dns_port"],
        networks=tuple(options["probe_networks"]),
        shared=Ledger.in_run(constants.DEFAULT_LOCAL_TMP),
    )
