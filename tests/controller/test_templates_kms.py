# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped templates that read, and those about KMS, in an order in which each finds the machines that it needs."""

from __future__ import annotations

import pytest

from . import cases
from .lab_site import PREFIX, Site


def test_every_shipped_template_is_launched_by_a_person_or_by_a_workflow(site: Site) -> None:
    objects = site.controller.objects
    by_person = {f"{PREFIX}{name}" for name in (*cases.READING, *cases.KMS, *cases.MAK)}
    shipped = {name for name in objects.templates if name.startswith(PREFIX)}
    twins = {name for name in shipped if name.endswith(cases.CHECK)}
    in_workflows = {node.template for found in objects.workflows.values() for node in found.nodes if node.template}
    assert by_person <= shipped
    assert {name.removesuffix(cases.CHECK) for name in twins} <= by_person
    assert shipped - by_person - twins <= in_workflows
    assert {name for name in in_workflows if name.startswith(PREFIX)} <= shipped


@pytest.mark.parametrize("name", cases.READING)
def test_a_template_that_reads_runs_with_its_defaults_and_with_empty_answers(site: Site, name: str) -> None:
    site.lab.reset_counters()
    cases.run_case(site, name, cases.READING[name])
    cases.run_case(site, name, cases.READING[name], empty=True)
    assert sum(machine["writes"] for machine in site.lab.counters().values()) == 0


@pytest.mark.parametrize("name", cases.KMS)
def test_a_template_about_kms_runs_in_check_mode_with_empty_answers_and_for_real(site: Site, name: str) -> None:
    if name == "Fail over a KMS host":
        site.lab.crash("kms1")
    cases.run_twin(site, name, cases.KMS[name])


def test_the_machine_that_moved_is_activated_by_the_object_of_the_directory(site: Site) -> None:
    done = site.launch(f"{PREFIX}Move from KMS to Active Directory", {"kms_to_adba_hosts": "join-01"})
    assert "Activation object joined-2025: 1 machine (join-01)." in done.job.stdout


def test_the_machines_are_what_the_templates_make_of_them(site: Site) -> None:
    assert {name: site.product(name) for name in ("pc-01", "file-01", "file-02", "kms2")} == {
        "pc-01": ("gvlk", True),
        "file-01": ("gvlk", True),
        "file-02": ("gvlk", True),
        "kms2": ("csvlk", True),
    }
