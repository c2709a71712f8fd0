# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which activations nobody can give back, and how a refusal names them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan import loss
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    ActivationState,
    ActivationType,
    Application,
    Channel,
    KmsHost,
    LicensedProduct,
    LicenseStatus,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.tokens.model import TokenActivation

Products = Callable[..., LicensedProduct]
PAID = [(Channel.MAK, "MAK"), (Channel.RETAIL, "retail key"), (Channel.OEM, "OEM key"), (Channel.CSVLK, "KMS host key")]


@pytest.mark.parametrize("status", [LicenseStatus.LICENSED, LicenseStatus.EXTENDED_GRACE])
@pytest.mark.parametrize(("channel", "kind"), PAID)
def test_an_activated_paid_key_is_named_by_kind_last_five_and_product(
    make_mak: Products, channel: Channel, kind: str, status: LicenseStatus
) -> None:
    product = make_mak(channel=channel, status=status, partial_product_key="66666", name="Windows(R), ServerStandard edition")
    found = loss.loss_of(product)
    assert found is not None
    assert str(found) == f"the activation of Windows(R), ServerStandard edition with the {kind} ending in 66666"
    assert (found.channel, found.partial_product_key, found.product) == (channel, "66666", product.name)


@pytest.mark.parametrize("channel", [Channel.GVLK, Channel.AVMA, Channel.EVALUATION])
def test_a_channel_that_costs_nothing_to_activate_again_loses_nothing(make_mak: Products, channel: Channel) -> None:
    assert loss.loss_of(make_mak(channel=channel)) is None


@pytest.mark.parametrize("status", [status for status in LicenseStatus if not status.is_activated])
@pytest.mark.parametrize("channel", list(Channel))
def test_a_product_that_is_not_activated_loses_nothing(make_mak: Products, channel: Channel, status: LicenseStatus) -> None:
    assert loss.loss_of(make_mak(channel=channel, status=status)) is None


@pytest.mark.parametrize("used_type", [ActivationType.TOKEN, None])
def test_an_activation_by_a_token_is_lost_with_any_key_of_its_product(make_client: Products, used_type: ActivationType | None) -> None:
    token = TokenActivation("2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42", 3)
    client = make_client(used_type=used_type, token=token, name="Windows(R), ServerStandard edition")
    found = loss.losses_of((client,))
    assert [str(each) for each in found] == ["the token-based activation of Windows(R), ServerStandard edition"]
    refused = loss.refusal("PC", found, "installing the MAK ending in 66666")
    assert "Only someone with the certificate or smart card can activate it again" in refused.message
    assert "sign" in refused.cause
    assert loss.loss_of(replace(client, status=LicenseStatus.NOTIFICATION)) is None
    assert loss.loss_of(replace(client, used_type=ActivationType.KMS)) is None


def test_no_product_and_no_key_lose_nothing(make_mak: Products) -> None:
    assert loss.loss_of(None) is None
    assert loss.loss_of(make_mak(partial_product_key=None)) is None


def test_an_add_on_has_an_activation_of_its_own_to_lose(make_mak: Products) -> None:
    assert loss.loss_of(make_mak(is_addon=True)) is not None


def test_what_serves_as_a_kms_host_counts_as_a_host_key(make_mak: Products) -> None:
    found = loss.loss_of(make_mak(channel=Channel.UNKNOWN, kms_host=KmsHost(enabled=True), grace_minutes=60))
    assert found is not None
    assert (found.channel, "1 of the 10" in found.cost) == (Channel.CSVLK, True)


def test_a_key_of_unknown_kind_counts_when_its_license_has_no_end(make_mak: Products) -> None:
    unknown = make_mak(channel=Channel.UNKNOWN)
    assert loss.loss_of(unknown) is not None
    assert loss.loss_of(replace(unknown, grace_minutes=259200)) is None
    assert loss.loss_of(replace(unknown, partial_product_key=None, hides_key=True)) is None


def test_the_refusal_names_every_loss_its_cost_and_the_option(make_mak: Products) -> None:
    losses = loss.losses_of([make_mak(partial_product_key="66666"), make_mak(channel=Channel.GVLK), make_mak(partial_product_key="77777")])
    refused = loss.refusal("WEB01", losses, "a rearm")
    assert refused.error_code == "activation_would_be_lost"
    assert refused.message.startswith("WEB01 would lose the activation of ")
    assert "ending in 77777" in refused.message
    assert refused.message.count("uses another of its activations") == 1
    explained = refused.explain()
    assert "lose_activation: true" in explained.next_steps[0]
    assert "does not return full product keys" in explained.cause
    assert loss.describe(()) is None
    assert [line for line in loss.warnings(losses) if line.startswith("This task loses the activation")] == list(loss.warnings(losses))


@pytest.mark.parametrize(("application", "beside"), [(Application.WINDOWS, "an add-on such as"), (Application.OFFICE, "another product")])
def test_a_key_that_may_be_for_another_product_is_told_how_to_name_it(application: Application, beside: str) -> None:
    accept, name = loss.loss_next_steps("MAK", application, may_be_additional=True)
    assert accept == loss.LOSE_ACTIVATION
    assert f"If the MAK is for {beside}" in name
    assert loss.loss_next_steps("MAK", application, may_be_additional=False) == (loss.LOSE_ACTIVATION,)


@pytest.mark.parametrize("kind", [{}, {"is_addon": True}, {"application": Application.OFFICE}])
def test_a_new_key_loses_the_activation_of_the_key_that_its_product_had_and_of_no_other(
    make_mak: Products, make_state: Callable[..., ActivationState], kind: dict[str, object]
) -> None:
    one, other = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"
    licensed = make_mak(activation_id=one, partial_product_key="OLD22", status=LicenseStatus.LICENSED, **kind)
    state = make_state(licensed)
    (lost,) = loss.losses_with(state, make_mak(activation_id=one, partial_product_key="NEW22", **kind))
    assert lost.partial_product_key == "OLD22"
    assert loss.losses_with(state, licensed) == ()
    if kind:
        assert loss.losses_with(state, make_mak(activation_id=other, partial_product_key="NEW22", **kind)) == ()
