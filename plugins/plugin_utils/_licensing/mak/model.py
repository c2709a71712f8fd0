# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task about a MAK can ask for.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..state.model import Application
from ..state.product_key import ProductKey
from .budget import Budget

SETTINGS = ("kms_host", "kms_port", "lookup_domain")
"""The KMS settings of Windows that a MAK has no use for."""


class Method(Enum):
    """Who asks Microsoft: the machine itself, a person on the telephone, another computer on its behalf, nobody."""

    ONLINE = "online"
    OFFLINE = "offline"
    PROXY = "proxy"
    NONE = "none"

    @property
    def takes_confirmation_id(self) -> bool:
        """Whether the machine is told what somebody else was answered."""
        return self in (Method.OFFLINE, Method.PROXY)


@dataclass(frozen=True)
class MakDesired:
    """The desired state. `product_key` None means the MAK that is installed; `activation_id` says which, or what a new one is for.

    `retry_timeout` is in seconds. `installation_id` is the one `confirmation_id` was given for, `edition_id` the EditionID the key is for.
    `rollback` puts the former GVLK back when the activation fails. `lose_activation` lets the MAK replace a key whose activation nobody
    can give back, `replace_subscription` an active subscription. `is_retried`: the task is one that Ansible repeats by itself.
    """

    product_key: ProductKey | None = None
    method: Method = Method.ONLINE
    application: Application = Application.WINDOWS
    activation_id: str | None = None
    confirmation_id: str | None = None
    installation_id: str | None = None
    retry_timeout: int = 0
    rollback: bool = True
    clear_kms_settings: bool = False
    edition_id: str | None = None
    convert_kms_host: bool = False
    lose_activation: bool = False
    replace_subscription: bool = False
    budget: Budget | None = None
    is_retried: bool = False
