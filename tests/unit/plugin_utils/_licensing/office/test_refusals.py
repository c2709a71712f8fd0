# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A GVLK is refused only if the installed Office is known not to accept it, and a rejected key is explained by what is installed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import gvlk
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog.gvlk import Gvlk
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.click_to_run import click_to_run_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.installed import InstalledOffice
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.refusals import explain_key, refuse_gvlk
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import Application, LicensingService
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey

from ...conftest import build_office, build_state

MAK = ProductKey("MMMMM-KKKKK-MMMMM-BBBBB-22222")
OFFICE = [entry for entry in gvlk.catalog() if entry.application is Application.OFFICE]


def _entry(product: str) -> Gvlk:
    return next(entry for entry in OFFICE if entry.product == product)


def _office(release_ids: str) -> InstalledOffice:
    return InstalledOffice(click_to_run_of(release_ids))


@pytest.mark.parametrize(
    ("product", "release_ids", "code"),
    [
        ("Office LTSC Professional Plus 2021", "ProPlus2021Retail", "click_to_run_is_retail"),
        ("Office LTSC Professional Plus 2021", "O365ProPlusRetail", "managed_by_subscription"),
        ("Office LTSC Professional Plus 2021", "O365ProPlusRetail,VisioPro2021Volume", "managed_by_subscription"),
        ("Visio LTSC Professional 2021", "O365ProPlusRetail,VisioProRetail", "managed_by_subscription"),
        ("Visio Professional 2016", "VisioProXVolume", "click_to_run_2016_key"),
        ("Visio Professional 2016 (Click-to-Run)", "", "click_to_run_2016_key"),
        ("Visio Professional 2016 (Click-to-Run)", "VisioPro2021Volume", "click_to_run_2016_key"),
        ("Office LTSC Professional Plus 2021", "ProPlus2021Volume", None),
        ("Office LTSC Professional Plus 2021", "", None),
        ("Visio LTSC Professional 2021", "O365ProPlusRetail,VisioPro2021Volume", None),
        ("Visio Professional 2016 (Click-to-Run)", "VisioProXVolume", None),
        ("Visio Professional 2016", "", None),
        ("Office Professional Plus 2010", "O365ProPlusRetail", None),
        ("Office 2013 Professional Plus", "ProPlus2021Retail", None),
    ],
)
def test_refusal_of_a_gvlk(product: str, release_ids: str, code: str | None) -> None:
    if code is None:
        refuse_gvlk(build_state(), _office(release_ids), _entry(product))
        return
    with pytest.raises(TaskRefusedError) as refusal:
        refuse_gvlk(build_state(), _office(release_ids), _entry(product))
    assert refusal.value.error_code == code
    assert refusal.value.next_steps
    assert "convert" not in " ".join(refusal.value.next_steps).lower()


@pytest.mark.parametrize("entry", OFFICE, ids=lambda entry: entry.product)
def test_gvlk_of_the_installed_volume_edition_is_never_refused(entry: Gvlk) -> None:
    year = "" if entry.office_release == "2016" else entry.office_release
    installed = f"{entry.office_product}{year}{'X' if entry.click_to_run else ''}Volume"
    refuse_gvlk(build_state(), _office(f"{installed},O365ProPlusRetail" if entry.click_to_run is not False else ""), entry)


@pytest.mark.parametrize(
    ("product", "release_ids", "expected"),
    [
        ("Office LTSC Professional Plus 2021", "ProPlus2021Retail", 'product ID "ProPlus2021Volume" and Channel="PerpetualVL2021"'),
        ("Visio Professional 2016", "VisioProRetail", 'product ID "VisioProXVolume"'),
        ("Office Professional Plus 2016", "ProPlusRetail", "install Office Professional Plus 2016 from volume media"),
        ("Office Professional Plus 2016", "O365ProPlusRetail", "only Windows Installer (MSI) installs it"),
    ],
)
def test_refused_gvlk_names_a_volume_edition_that_exists(product: str, release_ids: str, expected: str) -> None:
    """Microsoft has Click-to-Run volume editions of 2016 only for Project and Visio."""
    with pytest.raises(TaskRefusedError) as refusal:
        refuse_gvlk(build_state(), _office(release_ids), _entry(product))
    assert expected in refusal.value.next_steps[-1]


def test_other_edition_of_visio_2016_names_the_correct_key() -> None:
    for product, release_ids, ending in (
        ("Visio Professional 2016", "VisioProXVolume", "RM6XC"),
        ("Visio Professional 2016 (Click-to-Run)", "", "RJRJK"),
    ):
        with pytest.raises(TaskRefusedError) as refusal:
            refuse_gvlk(build_state(), _office(release_ids), _entry(product))
        assert f"ending in {ending}" in refusal.value.next_steps[0]


@pytest.mark.parametrize("code", [0xC004F069, 0xC004E016])
@pytest.mark.parametrize(
    ("release_ids", "expected"),
    [
        ("VisioProXVolume", "C2R-P for use with the Office Deployment Tool"),
        ("ProPlus2021Retail", "Install the volume edition with the Office Deployment Tool"),
        ("O365ProPlusRetail", "Microsoft 365 does not need a key"),
        ("ProPlus2021Volume", "Compare the key with office_installations"),
        ("", "Click-to-Run edition of Project 2016 or Visio 2016 does not fit the MSI edition"),
    ],
)
def test_rejected_mak_is_explained_by_the_installed_office(code: int, release_ids: str, expected: str) -> None:
    found = explain_key(build_state(build_office("Office16VisioProVL_MAK")), _office(release_ids), MAK)(code)
    assert expected in " ".join(found.next_steps)
    assert found.code == f"0x{code:08X}"
    assert "kms_client" not in " ".join(found.next_steps)


def test_a_mak_that_the_service_of_windows_rejects_can_be_for_office_2010() -> None:
    """Office 2010 without a key does not show that the machine has a second licensing service."""
    steps = explain_key(build_state(build_office("Office16VisioProVL_MAK")), _office("ProPlus2024Volume"), MAK)(0xC004E016).next_steps
    assert steps[-1].startswith("If the key is for Office 2010, set activation_id to the license of the product")
    older = replace(build_state(build_office("OfficeProPlus-MAK")), office_service=LicensingService("14.0"))
    assert not any("activation_id" in step for step in explain_key(older, _office(""), MAK)(0xC004E016).next_steps)


def test_other_codes_keep_their_explanation() -> None:
    found = explain_key(build_state(), _office("O365ProPlusRetail"), MAK)(0xC004F050)
    assert "Office" not in found.cause or "Microsoft 365" not in found.cause
