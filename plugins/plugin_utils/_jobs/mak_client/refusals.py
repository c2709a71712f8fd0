# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse a MAK that cannot be installed, or must not be, before anything is sent.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The characters of a MAK do not show its edition. The functions therefore compare the edition that the task sets, and check whether
Windows has a license for any MAK of its edition.
"""

from __future__ import annotations

from typing import NoReturn

from ..._licensing.catalog import evaluation, gvlk
from ..._licensing.mak.model import MakDesired
from ..._licensing.plan import loss
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state import scope
from ..._licensing.state.edition import edition_of
from ..._licensing.state.model import ActivationState, Application, Channel, LicensedProduct
from ..._licensing.state.product_key import ProductKey
from . import loss as mak_loss
from .messages import activate_gvlk_steps


def refuse_key(
    state: ActivationState,
    desired: MakDesired,
    key: ProductKey,
    editions: frozenset[str] | None,
    replaced: tuple[LicensedProduct, ...],
    *,
    is_addon: bool = False,
) -> None:
    """Raise TaskRefusedError for a key that cannot be a MAK for this machine, or that would lose an activation.

    The key of an add-on is installed beside the key of Windows, so that the conditions of the key of Windows do not apply to it.
    """
    entry = gvlk.known(key)
    if entry:
        raise TaskRefusedError(
            "not_a_mak",
            f"The key ending in {key.partial_product_key} is the KMS client setup key (GVLK) of {entry.product}, not a MAK.",
            ("Use kms_client to make the machine a KMS client, or set product_key to the MAK of your agreement.",),
        )
    is_windows = desired.application is Application.WINDOWS and not is_addon
    if is_windows:
        _refuse_host(state, desired, replaced)
        _refuse_evaluation(state)
    if desired.application is Application.WINDOWS:
        _refuse_edition(state, desired, key)
    if is_windows:
        _refuse_missing_license(state, editions)
    mak_loss.refuse(state, desired, key, replaced)


def refuse_missing_key(state: ActivationState, desired: MakDesired) -> NoReturn:
    """Raise TaskRefusedError for a task without a key on a machine without a MAK. A KMS host key is not one."""
    name = state.os.computer_name
    hosting = next((item for item in scope.keyed(state, desired.application, desired.license_id) if item.channel is Channel.CSVLK), None)
    if hosting:
        raise TaskRefusedError(
            "not_a_mak",
            f"{name} does not have a MAK for {desired.application.value}, but the KMS host key ending in {hosting.partial_product_key}. The"
            " module activates MAKs only. A KMS host key is activated on the KMS host itself, online or by telephone.",
            ("Activate the KMS host key with kms_host, with activation_method: online or telephone.",),
        )
    raise TaskRefusedError(
        "product_key_missing",
        f"{name} does not have a MAK for {desired.esu or desired.application.value}, and product_key is not set.",
        ("Set product_key to the MAK.", *activate_gvlk_steps(state, desired.application)),
    )


def _refuse_host(state: ActivationState, desired: MakDesired, replaced: tuple[LicensedProduct, ...]) -> None:
    for product in replaced if not desired.convert_kms_host else ():
        scope.refuse_host(state, product, "replacing", loss.CONVERT_KMS_HOST)


def _refuse_evaluation(state: ActivationState) -> None:
    edition = edition_of(state)
    is_evaluation = state.primary is not None and state.primary.channel is Channel.EVALUATION
    shown = f"{edition or ''}Eval" if is_evaluation and not evaluation.is_evaluation(edition) else edition
    evaluation.refuse_evaluation(state.os, shown, "MAK")


def _refuse_edition(state: ActivationState, desired: MakDesired, key: ProductKey) -> None:
    edition = edition_of(state)
    if desired.edition_id is None or (edition and gvlk.is_same_edition(desired.edition_id, edition)):
        return
    runs = f"runs {state.os.caption} (edition: {edition}, build: {state.os.build})" if edition else "does not report its edition"
    raise TaskRefusedError(
        "edition_mismatch" if edition else "edition_unknown",
        f"The MAK ending in {key.partial_product_key} is for edition_id: {desired.edition_id}, but {state.os.computer_name} {runs}.",
        ("Set product_key to the MAK of this edition, or change the edition of Windows first.",)
        if edition
        else ("Omit edition_id if you know that the key fits the edition.",),
    )


def _refuse_missing_license(state: ActivationState, editions: frozenset[str] | None) -> None:
    edition = edition_of(state)
    if editions is None or edition is None or any(gvlk.is_same_edition(edition, other) for other in editions):
        return
    others = f" The machine has licenses for the MAKs of these editions: {', '.join(sorted(editions))}." if editions else ""
    raise TaskRefusedError(
        "edition_takes_no_mak",
        f"{state.os.computer_name} runs {state.os.caption} (edition: {edition}), which does not have a license for a MAK.{others}",
        ("Change to a volume edition of Windows. This edition is activated with a retail or OEM key.",),
    )
