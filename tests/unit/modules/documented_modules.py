# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All modules, and how their documentation is compared with what they take and return."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

import documented_options
from ansible_collections.winops.volume_activation.plugins.modules import (
    activation_check,
    activation_events_info,
    activation_fleet_info,
    activation_info,
    activation_merge,
    activation_policy,
    activation_report,
    adba_object,
    adba_object_info,
    genuine_info,
    kept_files,
    kms_client,
    kms_endpoint_info,
    kms_event_archive,
    kms_host,
    kms_srv_record,
    kms_srv_record_info,
    license_file,
    machine_outcome,
    mak_activations_info,
    mak_client,
    mak_confirmation_id,
    product_key,
    rearm,
    token_license,
    windows_conformance,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state import model
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.tokens.model import TokenActivation

ROOT = Path(__file__).parents[3]
MODULES = {
    "activation_check": activation_check,
    "activation_events_info": activation_events_info,
    "activation_info": activation_info,
    "activation_policy": activation_policy,
    "adba_object": adba_object,
    "genuine_info": genuine_info,
    "windows_conformance": windows_conformance,
    "kms_client": kms_client,
    "kms_event_archive": kms_event_archive,
    "kms_host": kms_host,
    "license_file": license_file,
    "mak_client": mak_client,
    "product_key": product_key,
    "rearm": rearm,
    "token_license": token_license,
}
"""Those whose work is done by an action plugin; its options come from the documentation."""

PYTHON_MODULES = {
    "kms_endpoint_info": kms_endpoint_info,
    "kms_srv_record": kms_srv_record,
    "kms_srv_record_info": kms_srv_record_info,
    "mak_activations_info": mak_activations_info,
    "mak_confirmation_id": mak_confirmation_id,
}
"""Those that are sent to where the task runs, with an argument spec of their own."""

CONTROLLER_MODULES = {
    "activation_fleet_info": activation_fleet_info,
    "activation_merge": activation_merge,
    "activation_report": activation_report,
    "adba_object_info": adba_object_info,
    "kept_files": kept_files,
    "machine_outcome": machine_outcome,
}
"""Those whose action plugin is not about the machine of the task; the options come from the documentation."""
ONCE_FOR_A_PLAY = {"activation_fleet_info", "activation_merge", "activation_report", "kept_files"}

ALL_MODULES = MODULES | PYTHON_MODULES | CONTROLLER_MODULES


def options_of(module: ModuleType) -> dict[str, dict[str, Any]]:
    """The options of a module with those of its fragments. How to probe is left out: it is the same for every module, and no wish."""
    return documented_options.options_of(module.DOCUMENTATION, leave_out={"_probe"})


def as_list(description: str | list[str]) -> list[str]:
    """A description has one sentence or several."""
    return [description] if isinstance(description, str) else description


def leaves(fields: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, field in fields.items():
        yield f"{path}{name}", field
        yield from leaves(field.get("contains", {}), f"{path}{name}.")


def activated_state() -> model.ActivationState:
    """A state in which no part of a report is left out."""
    counts = model.RequestCounts(1, 1, 1, 1, 1, 1, 1, 1)
    host = model.KmsHost(enabled=True, current_count=31, requests=counts)
    product = model.LicensedProduct(
        activation_id="2de67392-b7a7-462a-b1ca-108dd189f588",
        application=model.Application.WINDOWS,
        application_id=model.WINDOWS_ID,
        name="Windows(R), Professional edition",
        description="Windows(R) Operating System, VOLUME_KMSCLIENT channel",
        channel=model.Channel.GVLK,
        channel_name="Volume:GVLK",
        family="Professional",
        status=model.LicenseStatus.LICENSED,
        partial_product_key="T83GX",
        reason=0x4004F040,
        grace_minutes=259200,
        kms_host=host,
        ad=model.AdActivation("a", "b", "c", "d"),
        used_type=model.ActivationType.KMS,
        token=TokenActivation("a", 1, 1, "b", "c"),
        urls=tuple((name, "https://example.com/") for name in documented(activation_info, "products")["urls"]["contains"]),
    )
    os = model.OperatingSystem(
        "W10", "Windows 10 Pro", "10.0.19045", 19045, model.ProductType.CLIENT, 1033, datetime(2026, 11, 20, tzinfo=timezone.utc)
    )
    service = model.LicensingService("10.0.19041.1", kms_host=host, subscription=model.Subscription(0, 0, "Enterprise", os.time))
    return model.ActivationState(os, service, (product,))


def documented(module: ModuleType, name: str) -> dict[str, Any]:
    contains: dict[str, Any] = yaml.safe_load(module.RETURN)[name]["contains"]
    return contains


def assert_documented(value: Any, contains: Mapping[str, Any], path: str) -> None:
    """Every key that is returned is documented, every documented key is returned, all the way down."""
    if isinstance(value, list):
        value = value[0]
    assert set(value) == set(contains), path
    for name, field in contains.items():
        if "contains" in field:
            assert_documented(value[name], field["contains"], f"{path}.{name}")
