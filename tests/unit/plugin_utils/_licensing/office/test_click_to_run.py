# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The products in the configuration of Click-to-Run: volume, retail, and subscription."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.click_to_run import (
    RETAIL,
    SUBSCRIPTION,
    VOLUME,
    Installation,
    click_to_run_of,
    installation_of,
)


@pytest.mark.parametrize(
    ("release_id", "expected"),
    [
        ("ProPlus2024Volume", Installation("ProPlus2024Volume", "ProPlus", "2024", VOLUME)),
        ("proplus2021volume", Installation("proplus2021volume", "ProPlus", "2021", VOLUME)),
        ("SkypeforBusiness2019Volume", Installation("SkypeforBusiness2019Volume", "SkypeforBusiness", "2019", VOLUME)),
        ("VisioProXVolume", Installation("VisioProXVolume", "VisioPro", "2016", VOLUME, is_click_to_run_2016=True)),
        ("ProPlusRetail", Installation("ProPlusRetail", "ProPlus", "2016", RETAIL)),
        ("HomeBusiness2021Retail", Installation("HomeBusiness2021Retail", "HomeBusiness", "2021", RETAIL)),
        ("O365ProPlusRetail", Installation("O365ProPlusRetail", "O365ProPlus", None, SUBSCRIPTION)),
        ("O365ProPlusEEANoTeamsRetail", Installation("O365ProPlusEEANoTeamsRetail", "O365ProPlusEEANoTeams", None, SUBSCRIPTION)),
        ("LanguagePack", None),
        ("", None),
    ],
)
def test_product_of_an_id(release_id: str, expected: Installation | None) -> None:
    assert installation_of(release_id) == expected


def test_visio_without_a_year_is_a_subscription_only_beside_microsoft_365() -> None:
    alone = click_to_run_of("ProPlus2021Volume, VisioProRetail")
    beside = click_to_run_of("O365ProPlusRetail,VisioProRetail,ProjectPro2021Retail")
    assert alone is not None
    assert beside is not None
    assert [each.kind for each in alone.installations] == [VOLUME, RETAIL]
    assert [each.kind for each in beside.installations] == [SUBSCRIPTION, SUBSCRIPTION, RETAIL]


@pytest.mark.parametrize("listed", [None, "", " , ,"])
def test_empty_list_is_no_installation(listed: str | None) -> None:
    assert click_to_run_of(listed) is None


def test_an_id_that_is_listed_twice_counts_once() -> None:
    found = click_to_run_of("Word2024Volume,Word2024Volume")
    assert found is not None
    assert found.release_ids == ("Word2024Volume",)
