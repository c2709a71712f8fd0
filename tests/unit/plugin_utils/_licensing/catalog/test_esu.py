# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of programmes: which Windows each is for, and when its years end."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

import pytest
import yaml

from ansible_collections.winops.volume_activation.plugins.modules import activation_check, mak_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import esu
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import ProductType

from ...conftest import build_os
from ...esu_machines import WINDOWS_10, WINDOWS_11, build_addon, build_windows


def test_every_year_has_an_id_of_its_own_and_ends_after_the_one_before() -> None:
    programmes = [esu.named(name) for name in esu.names()]
    assert len({programme.activation_id for programme in programmes}) == len(programmes) == 12
    for programme in programmes:
        years = esu.years_of(programme)
        assert [each.year for each in years] == [1, 2, 3]
        assert [each.ends for each in years] == sorted(each.ends for each in years)
        assert esu.of_id(programme.activation_id) == programme


@pytest.mark.parametrize("module", [mak_client, activation_check])
def test_the_choices_of_the_modules_are_the_programmes(module: Any) -> None:
    assert tuple(yaml.safe_load(module.DOCUMENTATION)["options"]["esu"]["choices"]) == esu.names()


SYSTEMS: tuple[tuple[dict[str, Any], str | None], ...] = (
    (WINDOWS_10, "windows_10"),
    ({**WINDOWS_10, "product_type": ProductType.SERVER, "caption": "Microsoft Windows 10 Enterprise multi-session"}, "windows_10"),
    ({**WINDOWS_10, "build": 19044}, None),
    (WINDOWS_11, None),
    ({"version": "6.1.7601", "build": 7601, "product_type": ProductType.CLIENT}, "windows_7"),
    ({"version": "6.1.7600", "build": 7600, "product_type": ProductType.CLIENT}, None),
    ({"version": "6.1.7601", "build": 7601, "product_type": ProductType.SERVER}, "windows_server_2008"),
    ({"version": "6.0.6003", "build": 6003, "product_type": ProductType.DOMAIN_CONTROLLER}, "windows_server_2008"),
    ({"version": "6.0.6002", "build": 6002, "product_type": ProductType.CLIENT}, None),
    ({"version": "6.2.9200", "build": 9200, "product_type": ProductType.SERVER}, "windows_server_2012"),
    ({"version": "6.3.9600", "build": 9600, "product_type": ProductType.DOMAIN_CONTROLLER}, "windows_server_2012"),
    ({"version": "6.3.9600", "build": 9600, "product_type": ProductType.CLIENT}, None),
    ({"version": "10.0.20348", "build": 20348}, None),
)


@pytest.mark.parametrize(("system", "line"), SYSTEMS)
def test_a_windows_belongs_to_one_programme_at_most(system: dict[str, Any], line: str | None) -> None:
    assert {programme.line for programme in esu.for_system(build_os(**system))} == ({line} if line else set())


def test_a_year_ends_with_its_last_day_in_utc() -> None:
    year = esu.named("windows_10_year_1")
    assert year.ends == date(2026, 10, 13)
    assert not year.has_ended(datetime(2026, 10, 13, 23, 59, tzinfo=timezone.utc))
    assert year.has_ended(datetime(2026, 10, 14, 0, 0, tzinfo=timezone.utc))


def test_the_current_year_is_the_first_that_has_not_ended() -> None:
    now = datetime(2026, 11, 20, tzinfo=timezone.utc)
    found = [esu.current_year(esu.named(f"{line}_year_1"), now) for line in ("windows_10", "windows_server_2012")]
    assert [each and each.name for each in found] == ["windows_10_year_2", None]


def test_only_the_servicing_channel_excludes_an_edition() -> None:
    programme = esu.named("windows_10_year_2")
    assert programme.excludes("EnterpriseS")
    assert not any(map(programme.excludes, ("Enterprise", "Professional", "Core", None)))


def test_a_message_names_the_programme_and_not_all_its_editions() -> None:
    assert esu.label_of(build_addon()) == "Extended Security Updates (windows_10_year_2)"
    assert esu.label_of(build_windows()) == "Windows(R), Professional edition"
