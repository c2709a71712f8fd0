# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plans of KMS host keys, and their refusals.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A licensed KMS host key is never activated again, because it has only ten activations on a machine.
"""

from __future__ import annotations

from collections.abc import Sequence

from ....module_utils import _phone as phone
from ..._licensing.catalog import evaluation, gvlk, host_matrix
from ..._licensing.hosting import service as sppsvc
from ..._licensing.hosting.model import HostKey, HostKeyPart, HostState, KmsHostDesired
from ..._licensing.plan import deposit, loss
from ..._licensing.plan.activation import Activation, ActivationMethod
from ..._licensing.plan.activation_report import ALREADY_LICENSED, NEEDS_CONFIRMATION_ID
from ..._licensing.plan.budget import refuse_overuse
from ..._licensing.plan.key_steps import install_key, restore_gvlk
from ..._licensing.plan.loss import Loss
from ..._licensing.plan.plan import ExpectedKey, LicensePlan, RollbackPolicy
from ..._licensing.plan.step import Step
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state import scope
from ..._licensing.state.edition import edition_of
from ..._licensing.state.model import SPP_PRODUCT, WINDOWS_ID, ActivationState, Application, Channel, LicensedProduct
from ..._licensing.state.read import read_hosting_again
from ..._licensing.state.target import Target

CONSUMES = "1 of the 10 activations of this KMS host key on this machine"

_AZURE_EDITION = "ServerTurbine"
_SET_HOST_KEY = "Set product_key to the KMS host key (CSVLK) of your agreement."
_SET_PRODUCT = "Set activation_id or product_name for the keys of Office."


def key_parts(state: HostState, desired: KmsHostDesired) -> tuple[HostKeyPart, ...]:
    """Return one plan for every KMS host key of the task, in the order of the task. Raises TaskRefusedError."""
    _refuse_no_key(state, desired.host_keys)
    _refuse_client_ids(state, desired.host_keys)
    _refuse_clashes(state, desired.host_keys)
    parts = tuple(HostKeyPart(key, _plan_key(state, desired, key)) for key in desired.host_keys)
    used = sum(1 for part in parts if part.plan.activation and part.plan.activation.consumes)
    refuse_overuse(desired.budget, used, is_retried=desired.is_retried)
    return parts


def application_of(state: HostState, key: HostKey) -> Application | None:
    """Return the application of a key, as the machine shows it, or as the task sets it; None if it is not known yet."""
    installed, kind = state.product_with(key.partial_product_key), key.kind
    return installed.application if installed else kind.application if kind else None


def key_warnings(state: HostState, parts: Sequence[HostKeyPart], desired: KmsHostDesired) -> tuple[str, ...]:
    """Return the warnings about the keys of a task."""
    found: list[str] = []
    for part in parts:
        if part.plan.changes_key:
            found += loss.warnings(losses_with(state, part.key))
        if part.plan.activation and part.key.confirmation_id:
            found += (
                f"Confirmation ID of the key ending in {part.key.partial_product_key}: {hint}"
                for hint in phone.hints(part.key.confirmation_id)
            )
        kind = part.key.kind
        if part.plan.changes_key and kind and desired.check_compatibility:
            found += host_matrix.check(kind, state.licenses.os, state.servicing)
        if part.plan.outcome_if_idle == NEEDS_CONFIRMATION_ID and not part.plan.activation:
            found.append(
                f"The module does not activate the key ending in {part.key.partial_product_key} without a confirmation ID. Get the"
                " confirmation ID from the activation center (see installation_id), and run the task again with confirmation_id."
            )
    if (
        desired.host_keys
        and not state.licenses.os.is_server
        and any(application_of(state, key) is Application.WINDOWS for key in desired.host_keys)
    ):
        found.append("A KMS host on a client version of Windows activates only client versions, and no servers.")
    return tuple(found)


def _plan_key(state: HostState, desired: KmsHostDesired, key: HostKey) -> LicensePlan:
    installed = _installed(state, key)
    steps = () if installed else (_install(state, desired, key),)
    is_licensed = installed is not None and installed.status.is_activated
    if desired.activate and installed:
        deposit.refuse_stale(installed, key.installation_id)
    application, activation = application_of(state, key), None if is_licensed else _activation(desired, key)
    return LicensePlan(
        state=state.licenses,
        steps=(*steps, sppsvc.set_restart_marker()) if activation and not state.restart_due else steps,
        before={},
        after={},
        target=Target(SPP_PRODUCT, application.ids if application else (WINDOWS_ID, *Application.OFFICE.ids), key.partial_product_key),
        activation=activation,
        outcome_if_idle=_idle(desired, key, is_licensed=is_licensed),
        guard=ExpectedKey(key.partial_product_key, Channel.CSVLK, key.wanted_id),
        rollback_policy=_rollback_policy(state, key, own_marker=_sets_marker(state, desired, key)),
        reread=read_hosting_again,
    )


def _installed(state: HostState, key: HostKey) -> LicensedProduct | None:
    """Return the product that has the key. The machine returns only the partial product key and the channel."""
    product = state.product_with(key.partial_product_key)
    if product is None:
        return None
    if product.channel is not Channel.CSVLK:
        raise TaskRefusedError(
            "not_a_host_key",
            f"The key ending in {key.partial_product_key} of {state.licenses.os.computer_name} belongs to {product.name}, and is not a KMS"
            " host key.",
            (_SET_HOST_KEY,),
        )
    if key.wanted_id and product.activation_id != key.wanted_id:
        raise TaskRefusedError(
            "activation_id_mismatch",
            f"The key ending in {key.partial_product_key} belongs to {product.name} ({product.activation_id}), not to {key.wanted_id}.",
            ("Correct activation_id or product_name, or omit them.",),
        )
    return product


def _install(state: HostState, desired: KmsHostDesired, key: HostKey) -> Step:
    _refuse_unfit(state, desired, key)
    losses = losses_with(state, key)
    unclear = ("If the key is for Office, set product_name or activation_id.",) if application_of(state, key) is None else ()
    refuse_loss(state.licenses, losses, desired, f"installing the KMS host key ending in {key.partial_product_key}", *unclear)
    kind = f" for {key.kind.name}" if key.kind else ""
    replaces = state.licenses.primary if application_of(state, key) is Application.WINDOWS else None
    return install_key(
        state.licenses.service, key.product_key, f"KMS host key ending in {key.partial_product_key}{kind}", replaces, losses=losses
    )


def losses_with(state: HostState, key: HostKey) -> tuple[Loss, ...]:
    """Return the losses with a KMS host key. Replacing another one loses nothing, and a key of Office replaces none of Windows."""
    if application_of(state, key) is Application.OFFICE:
        return ()
    return losses_except_host_keys(state.licenses)


def losses_except_host_keys(licenses: ActivationState) -> tuple[Loss, ...]:
    """Return the losses with a new key of Windows, except the activation of a KMS host key, which the task replaces on purpose."""
    former = scope.replaced(licenses, Application.WINDOWS, None)
    return tuple(lost for lost in loss.losses_of(former) if lost.channel is not Channel.CSVLK)


def refuse_loss(licenses: ActivationState, losses: tuple[Loss, ...], desired: KmsHostDesired, doing: str, *more: str) -> None:
    """Raise TaskRefusedError if the task does not accept the losses; `more` are further next steps."""
    if losses and not desired.lose_activation:
        raise loss.refusal(licenses.os.computer_name, losses, doing, (loss.LOSE_ACTIVATION, *more))


def _activation(desired: KmsHostDesired, key: HostKey) -> Activation | None:
    if not desired.activate:
        return None
    name = f"the KMS host key ending in {key.partial_product_key}"
    if key.confirmation_id:
        description, method = f"activate {name} with its confirmation ID", desired.activation_method
        return Activation(description, confirmation_id=key.confirmation_id, installation_id=key.installation_id, method=method)
    if desired.activation_method is ActivationMethod.TELEPHONE:
        return None
    return Activation(f"activate {name} online", desired.retry_timeout, consumes=CONSUMES)


def _idle(desired: KmsHostDesired, key: HostKey, *, is_licensed: bool) -> str:
    if is_licensed:
        return ALREADY_LICENSED
    is_by_telephone = desired.activate and desired.activation_method is ActivationMethod.TELEPHONE
    return NEEDS_CONFIRMATION_ID if is_by_telephone and not key.confirmation_id else "not_requested"


def _sets_marker(state: HostState, desired: KmsHostDesired, key: HostKey) -> bool:
    """Return whether the restart marker is there only because of this key. An earlier key of the task also requires the restart."""
    return not state.restart_due and key is desired.host_keys[0]


def _rollback_policy(state: HostState, key: HostKey, *, own_marker: bool) -> RollbackPolicy | None:
    """Return the rollback to the replaced GVLK, for a key that is not a KMS host key; `own_marker`: the restart marker is removed too."""
    primary = state.licenses.primary
    if primary is None or primary.channel is not Channel.GVLK or application_of(state, key) is Application.OFFICE:
        return None
    entry = gvlk.ending(primary.partial_product_key)
    if entry is None:
        return None
    rollback_plan = restore_gvlk(state.licenses.service, entry, then=(sppsvc.clear_restart_marker(),) if own_marker else ())
    return RollbackPolicy(lambda _product: rollback_plan)


def _refuse_no_key(state: HostState, keys: tuple[HostKey, ...]) -> None:
    """Raise TaskRefusedError if neither the machine nor the task has a KMS host key, without which it is not a KMS host."""
    if not keys and not state.host_products:
        raise TaskRefusedError(
            "host_key_missing",
            f"{state.licenses.os.computer_name} is not a KMS host: it does not have a KMS host key, and host_keys is empty.",
            ("Set host_keys to the KMS host key, or set state: absent if the machine must not be a KMS host.",),
        )


def _refuse_client_ids(state: HostState, keys: tuple[HostKey, ...]) -> None:
    """Refuse the activation ID of client licenses that a page of Microsoft prints as that of the KMS host."""
    for key in keys:
        kind = host_matrix.kind_of_client_id(key.activation_id)
        if kind is None:
            continue
        raise TaskRefusedError(
            "client_activation_id",
            f"{state.licenses.os.computer_name}: activation_id {key.activation_id} is the license of clients of {kind.name}, not of the KMS"
            " host. A page of Microsoft prints it by mistake as the ID for KMS hosts.",
            (f"Set product_name: {kind.name} instead, or activation_id: {kind.activation_id}.",),
        )


def _refuse_clashes(state: HostState, keys: tuple[HostKey, ...]) -> None:
    """Refuse duplicate keys and two Windows keys: Windows stores one key, and the second key would replace the first."""
    if len({key.product_key for key in keys}) < len(keys):
        raise TaskRefusedError("duplicate_host_key", "host_keys contains the same key twice.", ("Remove the duplicate key.",))
    not_office = [key for key in keys if application_of(state, key) is not Application.OFFICE]
    if len(not_office) > 1:
        named = ", ".join(key.partial_product_key for key in not_office)
        raise TaskRefusedError(
            "several_windows_keys",
            f"The task does not show that the keys ending in {named} are for Office, and Windows can have only one key. The newest KMS host"
            " key of Windows also activates older versions.",
            (_SET_PRODUCT, "Set only one KMS host key for Windows."),
        )


def _refuse_unfit(state: HostState, desired: KmsHostDesired, key: HostKey) -> None:
    os = state.licenses.os
    if gvlk.known(key.product_key):
        raise TaskRefusedError(
            "not_a_host_key",
            f"The key ending in {key.partial_product_key} is a KMS client setup key (GVLK), not a KMS host key.",
            (_SET_HOST_KEY,),
        )
    _refuse_edition(state)
    if key.kind and desired.check_compatibility:
        host_matrix.check(key.kind, os, state.servicing)
    if key.wanted_id and state.known_ids is not None and key.wanted_id not in state.known_ids:
        _refuse_missing_license(state, key)


def _refuse_missing_license(state: HostState, key: HostKey) -> None:
    machine = state.licenses.os.computer_name
    if key.kind and key.kind.application is Application.OFFICE:
        raise TaskRefusedError(
            "office_pack_missing",
            f"{machine} does not have the license {key.wanted_id}: the Volume License Pack of {key.kind.name} is not installed.",
            (f"Install the Volume License Pack of {key.kind.name} on the machine (without its wizard), then run the task again.",),
        )
    scope.refuse_unknown_id(state.licenses, key.wanted_id or "")


def _refuse_edition(state: HostState) -> None:
    os, edition = state.licenses.os, edition_of(state.licenses)
    machine = f"{os.computer_name} runs {os.caption} (edition: {edition})"
    if (edition or "").startswith(_AZURE_EDITION):
        raise TaskRefusedError(
            "azure_edition", f"{machine}. An Azure Edition cannot be a KMS host.", ("Use a machine with another edition.",)
        )
    primary = state.licenses.primary
    if evaluation.is_evaluation(edition) or (primary is not None and primary.channel is Channel.EVALUATION):
        steps = evaluation.conversion_steps(os, edition)
        raise TaskRefusedError("evaluation_edition", f"{machine}. An evaluation edition does not accept a KMS host key.", steps)
    if edition and not os.is_server and not any(entry.fits(os, edition) for entry in gvlk.catalog()):
        raise TaskRefusedError(
            "edition_cannot_host",
            f"{machine}. This edition does not have a volume license, so the machine cannot be a KMS host.",
            ("Use a volume edition of Windows, preferably a server.",),
        )
