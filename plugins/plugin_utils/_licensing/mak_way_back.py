# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back from a MAK that could not be activated, so that a machine never ends worse than it was.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Windows tells no full key, so that only a published one can be put back: the GVLK of a KMS client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._cim.session import CimSession
from . import activation as activating
from . import gvlk
from .activation import Patience
from .key_steps import remove_key, restore_key
from .model import ActivationState, Application, Channel, LicensedProduct
from .plan import Activation, Step, WayBack
from .problems import NotDone
from .product_key import ProductKey
from .provider import SPP

if TYPE_CHECKING:
    from .mak_client import MakDesired


def way_back(state: ActivationState, wish: MakDesired, key: ProductKey) -> WayBack | None:
    """How the machine gets rid of the new key; None when there is nothing to go back to.

    Office keeps the key it had, so that the new one only has to go.
    """
    if wish.application is Application.OFFICE:
        has_other = any(product.channel is Channel.GVLK for product in state.keyed(Application.OFFICE))
        words = f"what Office had, without the MAK ending {key.last_five}"
        return WayBack(words, lambda product: (remove_key(product),), wish.rollback) if has_other else None
    former = state.primary
    entry = gvlk.ending(former.partial_product_key) if former and former.channel is Channel.GVLK else None
    if former is None or entry is None:
        return None
    install = restore_key(state.service, entry.key, f"GVLK ending {entry.last_five} again")
    steps = (install, _activate_again(state, former)) if former.status.is_activated else (install,)
    return WayBack(f"the GVLK ending {entry.last_five}", lambda _product: steps, wish.rollback)


def _activate_again(state: ActivationState, former: LicensedProduct) -> Step:
    """A KMS client is activated as often as it asks, and spends nothing."""
    words = f"activate the KMS client with the GVLK ending {former.partial_product_key} again"

    def act(session: CimSession, patience: Patience) -> None:
        attempts = activating.activate(session, state, former, Activation(words), patience, SPP)
        if attempts.failure:
            raise NotDone(attempts.failure.summary)

    return Step("activate_again", former.path, "Activate", words, act=act)
