# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Over machines and wishes nobody thought of: no plan takes a licensed key that was paid for from a machine unless the task said so.

What is lost is worked out here from the steps alone, by what the methods of Windows do, and not by the code under test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client import plan as kms_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client.model import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_host import plan as kms_host
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.mak_client import plan as mak_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.product_key import plan as key_change
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.product_key.model import ProductKeyDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.rearm import plan as rearm
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.rearm.model import Need, RearmDesired, RearmState
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import gvlk
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.hosting.model import (
    HostKey,
    HostState,
    KmsHostDesired,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.mak.model import MakDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.step import Step
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    OFFICE_ID,
    ActivationState,
    Application,
    Channel,
    LicensedProduct,
    LicenseStatus,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey

from ..conftest import build_product, build_state

PAID = {Channel.MAK, Channel.RETAIL, Channel.OEM, Channel.CSVLK}
UNKNOWN = ProductKey("BBBBB-CCCCC-DDDDD-FFFFF-GGGGG")
MAK, CSVLK = ProductKey("MMMMM-KKKKK-MMMMM-22222-33333"), ProductKey("CCCCC-VVVVV-KKKKK-22222-44444")
GVLK = next(entry for entry in gvlk.catalog() if entry.product == "Windows Server 2022 Standard")
WINDOWS, ADDON, OFFICE, FORMER = (f"aaaaaaaa-0000-4000-8000-00000000000{number}" for number in (1, 2, 3, 4))

channels = st.sampled_from([Channel.GVLK, Channel.AVMA, *sorted(PAID, key=lambda channel: channel.value)])
statuses = st.sampled_from(LicenseStatus)


@st.composite
def machines(draw: st.DrawFn) -> ActivationState:
    """Windows with a key of some kind, perhaps with the key it had before an upgrade, an add-on and an Office beside it."""
    windows = build_product(activation_id=WINDOWS, channel=draw(channels), status=draw(statuses), partial_product_key="WWWWW")
    former = build_product(activation_id=FORMER, channel=draw(channels), status=draw(statuses), partial_product_key="UUUUU")
    addon = build_product(activation_id=ADDON, is_addon=True, name="ESU", status=draw(statuses), partial_product_key="EEEEE")
    office = build_product(
        activation_id=OFFICE, application=Application.OFFICE, application_id=OFFICE_ID, name="Office", status=draw(statuses),
        channel=draw(channels), partial_product_key="FFFFF",
    )  # fmt: skip
    beside = [product for product in (former, addon, office) if draw(st.booleans())]
    state = build_state(windows, *beside, edition_id="ServerStandard", service={"cmid": "11111111-1111-4111-8111-111111111111"})
    return replace(state, applications=frozenset(Application))


def lost_by(steps: Iterable[Step], state: ActivationState, installed: str | None = None) -> list[LicensedProduct]:
    """The products that the steps take a paid activation from; `installed` is the ID that a new key turns out to belong to."""
    gone: dict[str, LicensedProduct] = {}
    for step in steps:
        for product in state.products:
            is_windows = product.application is Application.WINDOWS
            hit = product.activation_id == installed if installed else is_windows and not product.is_addon
            replaced = step.method == "InstallProductKey" and hit
            removed = step.method == "UninstallProductKey" and step.target.keys["ID"] == product.activation_id
            rearmed = step.method == "ReArmWindows" and is_windows
            if (replaced or removed or rearmed) and product.status.is_activated and product.channel in PAID:
                gone[product.activation_id] = product
    return list(gone.values())


def planned(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except TaskRefusedError:
        return None


def assert_named(steps: Iterable[Step], warnings: Iterable[str], lost: Iterable[LicensedProduct]) -> None:
    words, told = " ".join(step.loses or "" for step in steps), " ".join(warnings)
    for product in lost:
        named = re.compile(rf"the activation of {re.escape(product.name)} with the [^.]* ending in {product.partial_product_key}")
        assert named.search(words)
        assert re.search(f"This task loses {named.pattern}", told)


@given(
    machines(), st.booleans(), st.booleans(), st.booleans(), st.sampled_from([None, WINDOWS, ADDON]), st.sampled_from([MAK, GVLK.key, None])
)
@settings(max_examples=300)
def test_product_key(
    state: ActivationState, convert: bool, lose: bool, present: bool, identity: str | None, key: ProductKey | None
) -> None:
    allowed = {"convert_kms_host": convert, "allow_edition_mismatch": convert, "lose_activation": lose}
    desired = ProductKeyDesired(present, key, activation_id=identity, **allowed)
    made = planned(lambda: key_change.plan(state, desired))
    if made is None:
        return
    lost = lost_by(made.steps, state, ADDON if identity == ADDON and any(found.is_addon for found in state.products) else None)
    assert lose or all(product.channel is Channel.CSVLK and convert for product in lost)
    assert_named(made.steps, made.warnings, lost)
    assert lost or not any(step.loses for step in made.steps)


@given(machines(), st.booleans(), st.booleans(), st.booleans(), st.sampled_from([None, ProductKey("MMMMM-KKKKK-MMMMM-22222-WWWWW"), MAK]))
@settings(max_examples=300)
def test_kms_client(state: ActivationState, unknown: bool, convert: bool, lose: bool, fallback: ProductKey | None) -> None:
    key = UNKNOWN if unknown else None
    desired = KmsClientDesired(
        product_key=key, allow_unknown_key=unknown, convert_kms_host=convert, lose_activation=lose, fallback_key=fallback
    )
    made = planned(lambda: kms_client.plan(state, desired))
    if made is None:
        return
    lost = lost_by(made.steps, state)
    proven = kms_client.verification_of(kms_client.consider(state, desired), made)
    for product in lost:
        asked = proven is not None and product.partial_product_key in [loss.partial_product_key for loss in proven.losses]
        assert lose or asked or (product.channel is Channel.CSVLK and convert)
    assert not (lost and fallback) or fallback.partial_product_key in [product.partial_product_key for product in lost]
    assert_named(made.steps, made.warnings, lost)


@given(machines(), st.booleans(), st.booleans(), st.booleans(), st.sampled_from([None, ADDON]))
@settings(max_examples=300)
def test_mak_client(state: ActivationState, rollback: bool, convert: bool, lose: bool, identity: str | None) -> None:
    desired = MakDesired(MAK, rollback=rollback, convert_kms_host=convert, lose_activation=lose, activation_id=identity)
    made = planned(lambda: mak_client.plan(state, desired, frozenset({"ServerStandard"})))
    if made is None:
        return
    lost = lost_by(made.steps, state, ADDON if identity == ADDON and any(found.is_addon for found in state.products) else None)
    assert lose or all(product.channel is Channel.CSVLK and convert for product in lost)
    assert_named(made.steps, made.warnings, lost)


@given(machines(), st.booleans(), st.booleans(), st.booleans(), st.sampled_from([None, "Windows Server 2022"]))
@settings(max_examples=300)
def test_kms_host(state: ActivationState, present: bool, check: bool, lose: bool, product: str | None) -> None:
    desired = KmsHostDesired(
        present, (HostKey(CSVLK, product_name=product),) if present else (), check_compatibility=check, lose_activation=lose
    )
    host = HostState(state, "kms1.corp.example", "corp.example", host_version=state.service.version)
    made = planned(lambda: kms_host.plan(host, desired))
    if made is None:
        return
    steps = [step for part in made.parts for step in part.steps]
    lost = lost_by(steps, state)
    beside = [found for found in lost if found.channel is not Channel.CSVLK]
    assert lose or not beside
    lost = beside if present else lost  # a host key in the place of a host key is no loss
    assert_named(steps, made.warnings, lost)


@given(machines(), st.booleans())
def test_rearm(state: ActivationState, lose: bool) -> None:
    desired = RearmDesired(force=True, lose_activation=lose)
    facts = RearmState(state, state.os.time)
    made = planned(lambda: rearm.plan(facts, desired, rearm.affected_products(state, desired), Need.FORCED))
    if made is None:
        return
    lost = lost_by(made.steps, state)
    assert lose or not lost
    assert_named(made.steps, made.warnings, lost)
