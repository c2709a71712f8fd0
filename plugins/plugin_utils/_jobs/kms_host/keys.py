# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host keys of a KMS host: what each needs, and what must not be done.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A host key that is licensed is never activated again: it has ten activations on this machine and no more.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..._licensing.catalog import gvlk, host_matrix
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
from ..._licensing.state import phone, scope
from ..._licensing.state.edition import edition_of
from ..._licensing.state.model import SPP_PRODUCT, WINDOWS_ID, ActivationState, Application, Channel, LicensedProduct
from ..._licensing.state.read import read_hosting_again
from ..._licensing.state.target import Target

SPENDS = "1 of the 10 activations this KMS host key has for this machine"

_AZURE_EDITION = "ServerTurbine"
_GIVE_MORE = "Give activation_id or product_name with the keys that are for Office."


def key_parts(state: HostState, desired: KmsHostDesired) -> tuple[HostKeyPart, ...]:
    """One plan for every host key of the task, in its order. Raises TaskRefusedError."""
    _refuse_no_key(state, desired.host_keys)
    _refuse_clashes(state, desired.host_keys)
    parts = tuple(HostKeyPart(key, _plan_key(state, desired, key)) for key in desired.host_keys)
    used = sum(1 for part in parts if part.plan.activation and part.plan.activation.consumes)
    refuse_overuse(desired.budget, used, is_retried=desired.is_retried)
    return parts


def application_of(state: HostState, key: HostKey) -> Application | None:
    """What a key licenses: as the machine shows it, else as the task says it, else nobody knows yet."""
    installed, kind = state.product_with(key.partial_product_key), key.kind
    return installed.application if installed else kind.application if kind else None


def key_warnings(state: HostState, parts: Sequence[HostKeyPart], desired: KmsHostDesired) -> tuple[str, ...]:
    """What a person should know of the keys before they are used."""
    found: list[str] = []
    for part in parts:
        if part.plan.changes_key:
            found += loss.warnings(losses_with(state, part.key))
        if part.plan.activation and part.key.confirmation_id:
            found += (
                f"confirmation ID of the key ending in {part.key.partial_product_key}: {hint}"
                for hint in phone.hints(part.key.confirmation_id)
            )
        kind = part.key.kind
        if part.plan.changes_key and kind and desired.check_compatibility:
            found += host_matrix.check(kind, state.licenses.os, state.updates)
        if part.plan.outcome_if_idle == NEEDS_CONFIRMATION_ID and not part.plan.activation:
            found.append(
                f"the key ending in {part.key.partial_product_key} is not activated: get the confirmation ID from the activation center for"
                " installation_id, and run the task again with confirmation_id"
            )
    if (
        desired.host_keys
        and not state.licenses.os.is_server
        and any(application_of(state, key) is Application.WINDOWS for key in desired.host_keys)
    ):
        found.append("a KMS host on a client Windows activates client editions only, no servers")
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
        rollback_policy=_rollback_policy(state, key),
        reread=read_hosting_again,
    )


def _installed(state: HostState, key: HostKey) -> LicensedProduct | None:
    """The product that has the key. The last five and the channel are all a machine tells of it."""
    product = state.product_with(key.partial_product_key)
    if product is None:
        return None
    if product.channel is not Channel.CSVLK:
        raise TaskRefusedError(
            "not_a_host_key",
            f"{state.licenses.os.computer_name} has the key {key.partial_product_key} in {product.name}. It is no KMS host key.",
            ("Give the KMS host key (CSVLK) of your agreement as product_key.",),
        )
    if key.wanted_id and product.activation_id != key.wanted_id:
        raise TaskRefusedError(
            "activation_id_mismatch",
            f"The key ending in {key.partial_product_key} belongs to {product.name} ({product.activation_id}), not to {key.wanted_id}.",
            ("Correct activation_id or product_name, or leave them out.",),
        )
    return product


def _install(state: HostState, desired: KmsHostDesired, key: HostKey) -> Step:
    _refuse_unfit(state, desired, key)
    losses = losses_with(state, key)
    unclear = ("If the key is for Office, say so by product_name or activation_id.",) if application_of(state, key) is None else ()
    refuse_loss(state.licenses, losses, desired, f"installing the KMS host key ending in {key.partial_product_key}", *unclear)
    kind = f" for {key.kind.name}" if key.kind else ""
    replaces = state.licenses.primary if application_of(state, key) is Application.WINDOWS else None
    return install_key(
        state.licenses.service, key.product_key, f"KMS host key ending in {key.partial_product_key}{kind}", replaces, losses=losses
    )


def losses_with(state: HostState, key: HostKey) -> tuple[Loss, ...]:
    """What installing a host key loses. A host key in the place of another loses nothing, and a key of Office replaces none of Windows."""
    if application_of(state, key) is Application.OFFICE:
        return ()
    return lost_beside_host_keys(state.licenses)


def lost_beside_host_keys(licenses: ActivationState) -> tuple[Loss, ...]:
    """What a new key of Windows takes from a machine, but for the activation of a host key, which such a task is about."""
    former = scope.replaced(licenses, Application.WINDOWS, None)
    return tuple(lost for lost in loss.losses_of(former) if lost.channel is not Channel.CSVLK)


def refuse_loss(licenses: ActivationState, losses: tuple[Loss, ...], desired: KmsHostDesired, doing: str, *more: str) -> None:
    """Raise TaskRefusedError for a task that would lose these and does not accept it; `more` are further steps to take."""
    if losses and not desired.lose_activation:
        raise loss.refusal(licenses.os.computer_name, losses, doing, (loss.LOSE_ACTIVATION, *more))


def _activation(desired: KmsHostDesired, key: HostKey) -> Activation | None:
    if not desired.activate:
        return None
    name = f"the KMS host key ending in {key.partial_product_key}"
    if key.confirmation_id:
        return Activation(
            f"activate {name} by its confirmation ID", confirmation_id=key.confirmation_id, installation_id=key.installation_id
        )
    if desired.activation_method is ActivationMethod.TELEPHONE:
        return None
    return Activation(f"activate {name} online", desired.retry_timeout, consumes=SPENDS)


def _idle(desired: KmsHostDesired, key: HostKey, *, is_licensed: bool) -> str:
    if is_licensed:
        return ALREADY_LICENSED
    is_by_telephone = desired.activate and desired.activation_method is ActivationMethod.TELEPHONE
    return NEEDS_CONFIRMATION_ID if is_by_telephone and not key.confirmation_id else "not_requested"


def _rollback_policy(state: HostState, key: HostKey) -> RollbackPolicy | None:
    """A key that turns out to be another kind gives way to the GVLK it has replaced."""
    primary = state.licenses.primary
    if primary is None or primary.channel is not Channel.GVLK or application_of(state, key) is Application.OFFICE:
        return None
    entry = gvlk.ending(primary.partial_product_key)
    if entry is None:
        return None
    rollback_plan = restore_gvlk(state.licenses.service, entry)
    return RollbackPolicy(lambda _product: rollback_plan)


def _refuse_no_key(state: HostState, keys: tuple[HostKey, ...]) -> None:
    """Nothing makes a KMS host but a key, so opening the firewall would be all that is left to do."""
    if not keys and not state.host_products:
        raise TaskRefusedError(
            "host_key_missing",
            f"{state.licenses.os.computer_name} has no KMS host key and the task names none, so it is no KMS host with settings to keep.",
            ("Give its KMS host key in host_keys, or set state: absent for a machine that is to be none.",),
        )


def _refuse_clashes(state: HostState, keys: tuple[HostKey, ...]) -> None:
    """Refuse duplicate keys and two Windows keys: Windows stores one key, and the second key would replace the first."""
    if len({key.product_key for key in keys}) < len(keys):
        raise TaskRefusedError("duplicate_host_key", "host_keys names the same key twice.", ("Name every host key once.",))
    not_office = [key for key in keys if application_of(state, key) is not Application.OFFICE]
    if len(not_office) > 1:
        named = ", ".join(key.partial_product_key for key in not_office)
        raise TaskRefusedError(
            "several_windows_keys",
            f"The keys ending in {named} are all for Windows as far as this task says, and Windows has one key: the newest host key covers"
            " older versions too.",
            (_GIVE_MORE, "Name one host key for Windows."),
        )


def _refuse_unfit(state: HostState, desired: KmsHostDesired, key: HostKey) -> None:
    os = state.licenses.os
    if gvlk.known(key.product_key):
        raise TaskRefusedError(
            "not_a_host_key",
            f"The key ending in {key.partial_product_key} is a published KMS client key (GVLK), which makes no KMS host.",
            ("Give the KMS host key (CSVLK) of your agreement as product_key.",),
        )
    _refuse_edition(state)
    if key.kind and desired.check_compatibility:
        host_matrix.check(key.kind, os, state.updates)
    if key.wanted_id and state.known_ids is not None and key.wanted_id not in state.known_ids:
        _refuse_missing_license(state, key)


def _refuse_missing_license(state: HostState, key: HostKey) -> None:
    machine = state.licenses.os.computer_name
    if key.kind and key.kind.application is Application.OFFICE:
        raise TaskRefusedError(
            "office_pack_missing",
            f"{machine} has no license {key.wanted_id}: the Volume License Pack of {key.kind.name} is not installed.",
            (f"Install the Volume License Pack of {key.kind.name} on this machine first (without its wizard), then run this task again.",),
        )
    scope.refuse_unknown_id(state.licenses, key.wanted_id or "")


def _refuse_edition(state: HostState) -> None:
    os, edition = state.licenses.os, edition_of(state.licenses)
    machine = f"{os.computer_name} runs {os.caption} (edition {edition})"
    if (edition or "").startswith(_AZURE_EDITION):
        raise TaskRefusedError(
            "azure_edition", f"{machine}: an Azure Edition cannot be a KMS host.", ("Use a machine with another edition.",)
        )
    primary = state.licenses.primary
    if gvlk.is_evaluation(edition) or (primary is not None and primary.channel is Channel.EVALUATION):
        full = (edition or "").replace("Eval", "")
        command = f"DISM /Online /Set-Edition:{full} /ProductKey:<GVLK of {full}> /AcceptEula"
        way_out = (
            f"Convert it first: {command}, restart, then run this task again." if os.is_server else "Reinstall Windows from volume media."
        )
        raise TaskRefusedError("evaluation_edition", f"{machine}: an evaluation edition takes no KMS host key.", (way_out,))
    if edition and not os.is_server and not any(entry.fits(os, edition) for entry in gvlk.catalog()):
        raise TaskRefusedError(
            "edition_cannot_host",
            f"{machine}: there is no volume license for this edition, so it cannot be a KMS host.",
            ("Use a volume edition of Windows, or better a server.",),
        )
