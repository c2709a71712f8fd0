# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines to plan for, made by hand: nothing here talks to anything."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import gvlk
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.model import KmsClient
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    OFFICE_ID,
    WINDOWS_ID,
    ActivationState,
    ActivationType,
    Application,
    Channel,
    Feature,
    LicensedProduct,
    LicenseStatus,
    LicensingService,
    OperatingSystem,
    ProductType,
)

MAK_ENDING = "PPPPP"


def build_os(**changes: Any) -> OperatingSystem:
    standard = OperatingSystem(
        computer_name="WEB01",
        caption="Microsoft Windows Server 2022 Standard",
        version="10.0.20348",
        build=20348,
        product_type=ProductType.SERVER,
        language=1033,
        time=datetime(2026, 11, 20, 9, 30, tzinfo=timezone.utc),
    )
    return replace(standard, **changes)


def build_product(**changes: Any) -> LicensedProduct:
    mak = LicensedProduct(
        activation_id="aaaaaaaa-0000-4000-8000-000000000001",
        application=Application.WINDOWS,
        application_id=WINDOWS_ID,
        name="Windows(R), ServerStandard edition",
        description="Windows(R) Operating System, VOLUME_MAK channel",
        channel=Channel.MAK,
        channel_name="Volume:MAK",
        family="ServerStandard",
        status=LicenseStatus.LICENSED,
        partial_product_key=MAK_ENDING,
        allowed_type=ActivationType.ALL,
    )
    return replace(mak, **changes)


def build_client(os: OperatingSystem | None = None, **changes: Any) -> LicensedProduct:
    entry = gvlk.choose_gvlk(os or build_os(), "ServerStandard")
    settings: dict[str, Any] = {
        "activation_id": "aaaaaaaa-0000-4000-8000-000000000002",
        "description": "Windows(R) Operating System, VOLUME_KMSCLIENT channel",
        "channel": Channel.GVLK,
        "channel_name": "Volume:GVLK",
        "partial_product_key": entry.partial_product_key,
        "grace_minutes": 259200,
    }
    return build_product(**{**settings, **changes})


def build_state(*products: LicensedProduct, service: dict[str, Any] | None = None, **os_changes: Any) -> ActivationState:
    standard = {"version": "10.0.20348.1", "host_caching": True, "features": frozenset(Feature), "kms": KmsClient()}
    return ActivationState(build_os(**os_changes), LicensingService(**{**standard, **(service or {})}), products)


def build_office(word: str, channel: Channel = Channel.GVLK, **changes: Any) -> LicensedProduct:
    """A licensed Office product with a key, by the word of its license name, such as Office21ProPlus2021VL_KMS_Client_AE."""
    version = next(iter(re.findall(r"^Office(\d\d)", word)), "14" if "-" in word else "15")
    settings: dict[str, Any] = {
        "activation_id": str(uuid.uuid5(uuid.NAMESPACE_URL, word)),
        "application": Application.OFFICE,
        "application_id": OFFICE_ID,
        "name": f"Office {version}, {word} edition",
        "description": f"Office {version}, {channel.name} channel",
        "family": word,
        "channel": channel,
        "channel_name": channel.name,
        "partial_product_key": uuid.uuid5(uuid.NAMESPACE_URL, word).hex[:5].upper(),
        "grace_minutes": 259200 if channel is Channel.GVLK else 0,
    }
    return build_product(**{**settings, **changes})


@pytest.fixture
def make_os() -> Callable[..., OperatingSystem]:
    return build_os


@pytest.fixture
def make_mak() -> Callable[..., LicensedProduct]:
    """A keyed, licensed Windows product, MAK unless told otherwise."""
    return build_product


@pytest.fixture
def make_client() -> Callable[..., LicensedProduct]:
    """A licensed KMS client product of Server 2022 Standard with its own GVLK."""
    return build_client


@pytest.fixture
def make_state() -> Callable[..., ActivationState]:
    """A Server 2022 with the given products; `service` overrides fields of the service, the rest those of the system."""
    return build_state
