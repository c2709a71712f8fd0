# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped templates that use activations of Microsoft or repair machines."""

from __future__ import annotations

import pytest

from . import cases
from .lab_site import Site


@pytest.mark.parametrize("name", cases.MAK)
def test_a_template_about_mak_runs_in_check_mode_with_empty_answers_and_for_real(site: Site, name: str) -> None:
    cases.run_twin(site, name, cases.MAK[name])


def test_the_machines_are_what_the_templates_make_of_them(site: Site) -> None:
    assert {name: site.product(name) for name in ("pin-01", "plant-01", "plant-02")} == dict.fromkeys(
        ("pin-01", "plant-01", "plant-02"), ("mak", True)
    )
    assert (site.files / "plant.csv").exists()
