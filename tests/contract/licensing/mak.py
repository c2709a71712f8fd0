# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of MAKs share: a machine, its keys, and how to look at both."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import gvlk
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import LicenseOutcome
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.read import read_state
from winlab.simulation.estate import Estate

from .conftest import LabSession

Sessions = Callable[[str], LabSession]
Make = Callable[..., LicenseOutcome]
MAK = "MMMMM-KKKKK-MMMMM-BBBBB-22222"
RETAIL = "RRRRR-TTTTT-RRRRR-BBBBB-44444"
OFFICE_MAK = "MMMMM-KKKKK-MMMMM-BBBBB-66666"
ENTERPRISE_MAK = "MMMMM-KKKKK-MMMMM-BBBBB-77777"
CLIENT = "client22"
GVLK = "VMK7H"
PUBLISHED = next(entry for entry in gvlk.catalog() if entry.partial_product_key == GVLK)


def spent(estate: Estate, key: str = MAK) -> int:
    found = estate.keys.of(key)
    assert found is not None
    return found.used


def actions(outcome: LicenseOutcome) -> list[tuple[str, bool]]:
    return [(step.action, step.done) for step in outcome.steps]


def product(session: LabSession) -> tuple[str | None, str, str]:
    primary = read_state(session).primary
    assert primary is not None
    return primary.partial_product_key, primary.channel.value, primary.status.name


def installation_id(session: LabSession) -> str:
    primary = read_state(session).primary
    assert primary is not None
    assert primary.installation_id is not None
    return primary.installation_id
