# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which license files a machine needs, by the products that it lists, and what each step rests on."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.license_file import plan as license_job
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.license_file.model import (
    DesiredLicenses,
    LicenseFile,
    LicenseState,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import Plan, predict
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import LicensingService

from ...conftest import build_os

A, B, C = (f"{letter * 8}-0000-4000-8000-000000000000" for letter in "abc")
SERVICE = LicensingService("10.0.20348.1")


def file(name: str, *activation_ids: str) -> LicenseFile:
    return LicenseFile(f"/files/{name}", f"<{name}/>", activation_ids=activation_ids)


KEYS, PL, UL, OTHER = file("keys"), file("pl", A), file("ul", A), file("other", B)


def planned(files: tuple[LicenseFile, ...], *listed: str, reinstall: bool = False) -> Plan[LicenseState]:
    return license_job.plan(LicenseState(build_os(), SERVICE, files, frozenset(listed)), DesiredLicenses(files, reinstall=reinstall))


def names(plan: Plan[LicenseState]) -> list[str]:
    return [step.description.removeprefix("install the license file ") for step in plan.steps]


def test_all_files_of_a_product_that_is_not_listed_are_installed_in_their_order() -> None:
    plan = planned((KEYS, UL, PL))
    assert names(plan) == ["keys", "ul", "pl"]
    assert [(step.action, step.method, dict(step.arguments)) for step in plan.steps][1] == (
        "install_license_file",
        "InstallLicense",
        {"License": "<ul/>"},
    )
    assert (plan.before, plan.after) == ({"listed": [], "missing": [A]}, {"listed": [A], "missing": []})


def test_a_listed_product_stands_for_all_its_files() -> None:
    plan = planned((KEYS, PL, UL), A)
    assert (names(plan), plan.changed) == ([], False)
    assert plan.before == plan.after == {"listed": [A], "missing": []}


def test_only_the_files_of_missing_products_and_those_without_a_product_are_installed() -> None:
    both = file("both", A, B)
    assert names(planned((KEYS, PL, OTHER, both), A)) == ["keys", "other", "both"]


def test_reinstall_installs_everything_and_predicts_no_other_products() -> None:
    plan = planned((KEYS, PL), A, reinstall=True)
    assert (names(plan), plan.changed) == (["keys", "pl"], True)
    assert plan.before == plan.after == {"listed": [A], "missing": []}


def test_what_is_listed_decides_about_a_lost_answer_only_where_nothing_else_can_have_made_it_so() -> None:
    assert [step.is_visible for step in planned((KEYS, PL, UL, OTHER)).steps] == [False, True, False, True]
    assert [step.is_visible for step in planned((PL, OTHER), A, reinstall=True).steps] == [False, True]
    assert all(step.repeatable for step in planned((KEYS, PL, UL, OTHER)).steps)


def test_a_plan_of_one_file_needs_no_advice_about_the_others() -> None:
    assert [step.resume is None for step in planned((PL,)).steps] == [True]
    assert all("reinstall: true" in str(step.resume) for step in planned((PL, UL)).steps)


def test_a_product_that_stays_unlisted_is_told() -> None:
    plan = planned((PL, OTHER))
    outcome = predict(plan)
    (told,) = plan.verify_outcome(outcome).warnings
    assert told.startswith(f"the machine accepted the license files, but does not list {A}, {B}. Another file")
    assert told.endswith("The next run installs the files again.")
    whole = LicenseState(build_os(), SERVICE, (PL, OTHER), frozenset({A, B}))
    assert plan.verify_outcome(predict(planned((PL, OTHER), A, B))).warnings == ()
    assert plan.compare(whole) == {"listed": [A, B], "missing": []}


def test_the_result_says_of_each_file_what_the_machine_knew() -> None:
    state = LicenseState(build_os(), SERVICE, (KEYS, PL, OTHER), frozenset({A}))
    described = license_job.describe(state)["files"]
    assert [(each["path"], each["activation_ids"], each["is_listed"]) for each in described] == [
        ("/files/keys", [], None),
        ("/files/pl", [A], True),
        ("/files/other", [B], False),
    ]


FILES = st.lists(st.lists(st.sampled_from([A, B, C]), max_size=3, unique=True), min_size=1, max_size=6).map(
    lambda ids: tuple(file(f"f{number}", *each) for number, each in enumerate(ids))
)


@given(files=FILES, listed=st.frozensets(st.sampled_from([A, B, C])), reinstall=st.booleans())
def test_whatever_the_files_a_run_that_was_listed_is_followed_by_one_without_a_step(
    files: tuple[LicenseFile, ...], listed: frozenset[str], reinstall: bool
) -> None:
    plan = planned(files, *listed, reinstall=reinstall)
    wanted = {identity for each in files for identity in each.activation_ids}
    assert names(plan) == [name for name in (each.name for each in files) if name in names(plan)]
    covered = {identity for each in files if each.name in names(plan) for identity in each.activation_ids}
    assert wanted - listed <= covered
    assert reinstall or bool(plan.steps) == bool(wanted - listed)
    again = planned(files, *listed, *plan.after["listed"])
    assert again.steps == ()
