# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Select the key of a KMS client, and refuse keys that must not be installed or replaced.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from ..._licensing.catalog import evaluation, gvlk
from ..._licensing.plan import loss
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state.edition import edition_of
from ..._licensing.state.model import ActivationState, Channel, LicensedProduct
from ..._licensing.state.product_key import ProductKey
from .model import KmsClientDesired, NewKey


def choose_key(state: ActivationState, desired: KmsClientDesired, present: tuple[LicensedProduct, ...]) -> NewKey | None:
    """Return the key to install, which replaces the keys of the products `present`; None if the machine already has the key.

    Raises TaskRefusedError.
    """
    edition = edition_of(state)
    _refuse_evaluation(state, edition)
    chosen = _given_key(state, desired, edition) if desired.product_key else _automatic_key(state, edition)
    if chosen:
        _refuse_kms_host(state, desired, present)
        doing = f"installing the key ending in {chosen.key.partial_product_key}"
        loss.losses_except_subscription(state.os.computer_name, present, doing, replace_subscription=desired.replace_subscription)
    return chosen


def _automatic_key(state: ActivationState, edition: str | None) -> NewKey | None:
    """Return the GVLK of the edition; None also if the machine has a GVLK, and it or Windows is newer than the catalog."""
    current = state.primary
    if current and _is_client_key(current) and (gvlk.is_newer(state.os) or not gvlk.is_published(current.partial_product_key or "")):
        return None
    entry = gvlk.choose_gvlk(state.os, edition)
    return (
        None if _has_key(state.primary, entry.key) else NewKey(entry.key, f"GVLK ending in {entry.partial_product_key} for {edition}", True)
    )


def _given_key(state: ActivationState, desired: KmsClientDesired, edition: str | None) -> NewKey | None:
    key = desired.product_key
    if key is None:
        return None
    entry = gvlk.known(key)
    if entry:
        _refuse_other_edition(state, entry, edition)
    if _has_key(state.primary, key):
        return None
    if entry:
        return NewKey(key, f"GVLK ending in {key.partial_product_key} for {edition or entry.edition_id}", True)
    if not desired.allow_unknown_key:
        raise TaskRefusedError(
            "not_a_gvlk",
            f"The key ending in {key.partial_product_key} is not a published GVLK. A KMS client cannot use a MAK or a KMS host key.",
            (
                "Omit product_key to install the GVLK of the edition.",
                "If the key is a GVLK that is newer than this collection, set allow_unknown_key: true.",
            ),
        )
    return NewKey(key, f"key ending in {key.partial_product_key}, which is not a GVLK that this collection knows", False)


def _refuse_other_edition(state: ActivationState, entry: gvlk.Gvlk, edition: str | None) -> None:
    fits = entry.fits(state.os, edition) or (edition is None and entry.edition_id is not None and entry.covers(state.os))
    if fits:
        return
    kind = "server" if state.os.is_server else "client"
    raise TaskRefusedError(
        "edition_mismatch",
        f"The GVLK ending in {entry.partial_product_key} is for {gvlk.describe_range(entry)}, but "
        f"{state.os.computer_name} runs {state.os.caption} (edition: {edition}, type: {kind}, build: {state.os.build}).",
        ("Omit product_key to install the GVLK of this edition, or change the edition of Windows first.",),
    )


def _refuse_evaluation(state: ActivationState, edition: str | None) -> None:
    evaluation.refuse_evaluation(state.os, edition)
    if state.primary and state.primary.channel is Channel.EVALUATION:
        evaluation.refuse_evaluation(state.os, f"{edition or ''}Eval")


def _refuse_kms_host(state: ActivationState, desired: KmsClientDesired, present: tuple[LicensedProduct, ...]) -> None:
    """Raise TaskRefusedError for a KMS host of Windows. A KMS host for Office only can be a KMS client of Windows."""
    hosting = [product for product in present if is_host(product)]
    if (hosting or state.service.kms_host.enabled) and not desired.convert_kms_host:
        ending = f" (key ending in {hosting[0].partial_product_key})" if hosting else ""
        raise TaskRefusedError(
            "is_kms_host",
            f"{state.os.computer_name} is a KMS host{ending}. As a KMS client, it would stop activating other machines.",
            (loss.CONVERT_KMS_HOST,),
        )


def is_host(product: LicensedProduct) -> bool:
    """Return whether the key of a product makes the machine a KMS host."""
    return product.channel is Channel.CSVLK or product.kms_host.enabled


def _is_client_key(product: LicensedProduct | None) -> bool:
    return product is not None and product.channel is Channel.GVLK


def _has_key(product: LicensedProduct | None, key: ProductKey) -> bool:
    """Return whether a product has the key. The machine returns only the partial product key and the channel."""
    return product is not None and product.channel is Channel.GVLK and product.partial_product_key == key.partial_product_key
