# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The activation state of a machine as one line.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from ..catalog import esu
from .model import ActivationState, ActivationType, Channel, LicensedProduct

_NAMED = 3
"""Maximum number of products in the message. The message only counts the others."""


def summary_of(state: ActivationState) -> str:
    """Return one line about the products with a key, add-ons last. Texts of the machine were sanitized when they were read."""
    keyed = sorted((product for product in state.products if product.has_key), key=lambda product: product.is_addon)
    named = "; ".join(map(_with_status, keyed[:_NAMED]))
    more = f"; and {len(keyed) - _NAMED} more" if len(keyed) > _NAMED else ""
    return f"{state.os.computer_name}: {named or f'no {_requested(state)}product has a key'}{more}."


def _with_status(product: LicensedProduct) -> str:
    """Return a product with its status, with its channel if Windows returns it, and with the activation object that activated it."""
    status = product.status.name.lower()
    verb = "is" if status in ("licensed", "unlicensed") else "is in"
    facts = [] if product.channel is Channel.UNKNOWN else [product.channel.value]
    if product.used_type is ActivationType.AD and product.status.is_activated and product.ad and product.ad.object_name:
        facts.append(f"activation object {product.ad.object_name}")
    return f"{esu.label_of(product)} {verb} {status}{' (' + ', '.join(facts) + ')' if facts else ''}"


def _requested(state: ActivationState) -> str:
    """Return the application that was read as an adjective with a space, or an empty text if all were read."""
    return f"{next(iter(state.applications)).name.capitalize()} " if len(state.applications) == 1 else ""


__all__ = ["summary_of"]
