# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it takes to activate a machine with a MAK, and nothing that would spend an activation twice.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure but for :func:`plan_for`: state and wish in, plan or refusal out. A MAK that is installed is not installed again, and one
that is licensed is never activated again. KMS settings go only when asked for, and only after the activation has succeeded.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .._cim.session import CimSession
from . import deposit, kms_settings, mak_words, scope, wpa_client
from .budget import Budget
from .key_steps import install_key
from .kms_settings import KmsSettings
from .mak_refusals import refuse_key
from .mak_way_back import way_back
from .model import ActivationState, Application, Channel, LicensedProduct
from .plan import ALREADY_LICENSED, NEEDS_CONFIRMATION_ID, Activation, KeyGuard, Plan, Step
from .problems import Refusal
from .product_key import ProductKey
from .provider import Target
from .read import read_mak_editions, read_state


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
    """The wish. `product_key` None means the MAK that is installed; `activation_id` says which, or what a new one is for.

    `wait` is in seconds. `installation_id` is the one `confirmation_id` was given for, `edition` the EditionID the key is for.
    `rollback` puts the former GVLK back when the activation fails.
    """

    product_key: ProductKey | None = None
    method: Method = Method.ONLINE
    application: Application = Application.WINDOWS
    activation_id: str | None = None
    confirmation_id: str | None = None
    installation_id: str | None = None
    wait: int = 0
    rollback: bool = True
    clear_kms_settings: bool = False
    edition: str | None = None
    convert_kms_host: bool = False
    budget: Budget | None = None


def installed_product(state: ActivationState, wish: MakDesired) -> LicensedProduct | None:
    """The product that has the MAK of the wish already, None when it has to be installed. Raises Refusal when it is unclear."""
    found = scope.keyed(state, wish.application, wish.activation_id)
    key = wish.product_key
    if key is None:
        maks = tuple(product for product in found if product.channel is Channel.MAK and not product.is_addon)
        scope.refuse_several(state, maks, "Say which by activation_id, or give its product_key.")
        return next(iter(maks), None)
    same = next((product for product in found if product.partial_product_key == key.last_five), None)
    if same and same.channel is not Channel.MAK:
        raise Refusal(
            "not_a_mak",
            f"{state.os.computer_name} has a key ending {key.last_five} already, in {same.name}, and it is no MAK.",
            ("Give the MAK of your agreement as product_key.",),
        )
    return same


def plan_for(session: CimSession, wish: MakDesired) -> Plan:
    """Read what the wish needs to know, and plan: the editions that take a MAK only when one has to be installed.

    Raises as :func:`plan` and :func:`read.read_state` do.
    """
    is_windows = wish.application is Application.WINDOWS
    state = read_state(session, frozenset({wish.application}), edition_id=is_windows)
    installs = is_windows and not state.wpa and installed_product(state, wish) is None
    return plan(state, wish, read_mak_editions(session) if installs else None)


def plan(state: ActivationState, wish: MakDesired, editions: frozenset[str] | None = None) -> Plan:
    """The steps from state to wish; `editions` are those for which the machine has a MAK licence, None when nobody looked.

    Raises Refusal when it must not or cannot be done.
    """
    if state.wpa:
        return wpa_client.plan(state, wish, state.wpa)
    installed = installed_product(state, wish)
    key = None if installed else wish.product_key
    if installed is None and key is None:
        raise Refusal(
            "product_key_missing",
            f"{state.os.computer_name} has no MAK for {wish.application.value}, and the task gives none.",
            ("Give the MAK as product_key.",),
        )
    if key:
        refuse_key(state, wish, key, editions)
    if installed:
        _refuse_stale(wish, installed)
    activation = _activation(wish, installed)
    if activation and activation.spends and wish.budget:
        wish.budget.refuse_more()
    cleared = _clearing(state, wish)
    target = _target(state, wish, installed)
    return Plan(
        state=state,
        steps=(*([_install(state, wish, key)] if key else []), *([] if activation else cleared)),
        before=mak_words.comparable(state, wish.application, installed),
        after=_predict(state, wish, installed, activation),
        warnings=mak_words.warnings(state, wish, installed, activation),
        target=target,
        activation=activation,
        idle=_idle(wish, installed),
        guard=KeyGuard(key.last_five, Channel.MAK, scope.guid(wish.activation_id)) if key else None,
        way_back=way_back(state, wish, key) if key else None,
        closing=cleared if activation else (),
        compare=lambda read: mak_words.comparable(read, wish.application, mak_words.product_with(read, target.last_five)),
    )


def _target(state: ActivationState, wish: MakDesired, installed: LicensedProduct | None) -> Target:
    products = (installed,) if installed else scope.keyed(state, wish.application, None)
    service = scope.service_for(state, wish.application, products)
    class_name = installed.class_name if installed else scope.product_class(service)
    last_five = installed.partial_product_key if installed else wish.product_key.last_five if wish.product_key else None
    return Target(class_name, wish.application.ids, last_five)


def _install(state: ActivationState, wish: MakDesired, key: ProductKey) -> Step:
    """Office has its keys side by side, so that nothing is replaced there."""
    service = scope.service_for(state, wish.application, scope.keyed(state, wish.application, None))
    replaces = state.primary if wish.application is Application.WINDOWS else None
    return install_key(service, key, f"MAK ending {key.last_five}", replaces, repeatable=False)


def _activation(wish: MakDesired, installed: LicensedProduct | None) -> Activation | None:
    """None for a licensed MAK, whatever is asked for: one activation lasts for good."""
    if wish.method is Method.NONE or (installed and installed.status.is_activated):
        return None
    name, again = mak_words.name_of(wish.product_key, installed), mak_words.why_again(installed)
    if wish.confirmation_id:
        words = f"activate {name} by its confirmation ID{again}"
        return Activation(words, confirmation_id=wish.confirmation_id, installation_id=wish.installation_id)
    if wish.method.takes_confirmation_id:
        return None
    return Activation(f"activate {name} online{again}", wish.wait, spends=f"1 activation of {name}")


def _idle(wish: MakDesired, installed: LicensedProduct | None) -> str:
    if installed and installed.status.is_activated:
        return ALREADY_LICENSED if wish.method is not Method.NONE else "not_requested"
    return NEEDS_CONFIRMATION_ID if wish.method.takes_confirmation_id and not wish.confirmation_id else "not_requested"


def _refuse_stale(wish: MakDesired, installed: LicensedProduct) -> None:
    """A confirmation ID for another installation ID is not worth sending, and says that somebody mixed something up."""
    if not installed.status.is_activated and deposit.stale(installed, wish.installation_id):
        raise Refusal(deposit.STALE, deposit.stale_words(installed), (deposit.ASK_AGAIN,))


def _clearing(state: ActivationState, wish: MakDesired) -> tuple[Step, ...]:
    """What points the machine to a KMS host, which a MAK has no use for."""
    if not wish.clear_kms_settings:
        return ()
    return kms_settings.setting_steps(state, state.primary, KmsSettings(discovery=True, lookup_domain=""))


def _predict(
    state: ActivationState, wish: MakDesired, installed: LicensedProduct | None, activation: Activation | None
) -> dict[str, object]:
    after = dict(mak_words.comparable(state, wish.application, installed))
    if installed is None and wish.product_key:
        after.update(product_key=wish.product_key.last_five, channel=Channel.MAK.value, status="initial_grace")
        after.update(mak_words.settings_of(state, wish.application, None))
    if activation:
        after["status"] = "licensed"
    if wish.clear_kms_settings:
        after.update(dict.fromkeys(mak_words.SETTINGS))
    return after
