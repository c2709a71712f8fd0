# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Windows Server 2003: Windows Product Activation in place of the licensing service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from . import files_2003, registry_2003, states, wpa, wpa_states
from .editions import SERVER_2003, Os
from .machine import Machine
from .registry import Registry


@dataclass
class Machine2003(Machine):
    """One simulated Windows Server 2003; its state is `wpa`, and its licensing service is an empty one nobody can ask."""

    STATES: ClassVar[Mapping[str, states.Begin]] = wpa_states.STATES
    USUAL_STATE: ClassVar[str] = "retail_unactivated"
    MISSING: ClassVar[frozenset[str]] = frozenset({"slmgr", "slmgr.vbs", "advfirewall"})

    def new_registry(self) -> Registry:
        """The registry of a new installation."""
        return registry_2003.fresh_registry(self)

    def restart(self) -> None:
        """Restart the machine."""
        wpa.restart(self)

    def install_windows(self) -> None:
        """A new installation, from the media it was installed from before; its key is the same."""
        before = wpa.state_of(self)
        wpa.install(self, volume=before.volume, key=before.key)

    def notice_hardware(self) -> None:
        """Windows finds other hardware than before the restart."""
        wpa.change_hardware(self)

    def notice_update(self, update: str) -> None:
        """Windows starts the first time after an update was installed."""
        wpa.update_installed(self, update)

    def licensing_snapshot(self) -> dict[str, Any]:
        """The activation; of everything a licensing service has, nothing."""
        state, key = wpa.state_of(self), wpa.lab_key(self)
        activation = {
            "activation_required": state.required,
            "grace_days": state.days_left(self.now()),
            "installation_id": state.installation_id or None,
            "files": dict(files_2003.versions(self)),
            "activations_used": None if key is None else key.used,
            "media": "volume" if state.volume else "retail",
            "partial_key": state.key[-5:] or None,
            "notification": state.notification,
            "product_id": wpa.product_id(self),
        }
        return {"activation": activation, "products": [], "kms_host": {}, "kms_reachable": False, "publications": []}


def machine_type(os: Os) -> type[Machine]:
    """The kind of machine that runs this Windows."""
    return Machine2003 if os.release.name == SERVER_2003.name else Machine
