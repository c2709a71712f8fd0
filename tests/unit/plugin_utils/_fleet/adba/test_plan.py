# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which machines move from KMS to Active Directory: decided for the whole run before one is changed, and proven afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.adba.plan import plan, proof
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.adba.readiness import KnownForest, readiness

from ..results import BROKEN, MAK, UNREACHABLE, machine, office, product

BELOW = "CN=Activation Objects,CN=Microsoft SPP,CN=Services,CN=Configuration,DC=corp,DC=example"
SYSTEMS: dict[str, tuple[str, int, str]] = {
    "2025": ("Microsoft Windows Server 2025 Standard", 26100, "server"),
    "2022": ("Microsoft Windows Server 2022 Standard", 20348, "server"),
    "2008 R2": ("Microsoft Windows Server 2008 R2 Standard", 7601, "server"),
    "11": ("Microsoft Windows 11 Enterprise", 26100, "client"),
}


def an_object(name: str, product_name: str | None) -> dict[str, Any]:
    return {"name": name, "dn": f"CN={name},{BELOW}", "product_name": product_name}


FOR_2022, FOR_2025, UNKNOWN = an_object("o22", "Windows Server 2022"), an_object("o25", "Windows Server 2025"), an_object("odd", None)
OF_OFFICE = an_object("suite", "Office LTSC 2021")


def of(system: str, *products: dict[str, Any], domain: str | None = "corp.example", **more: Any) -> dict[str, Any]:
    caption, build, kind = SYSTEMS[system]
    found = machine("m", None, *products, kind=kind, **more)
    return {
        **found,
        "machine": {**found["machine"], "caption": caption, "build": build},
        "domain_membership": {"is_member": domain is not None, "domain": domain},
    }


def forest(*objects: dict[str, Any], **more: Any) -> KnownForest:
    return KnownForest(objects, **more)


@pytest.mark.parametrize(
    ("found", "objects", "status", "words"),
    [
        (of("2022"), [FOR_2022], "ready", "The activation object o22 covers Microsoft Windows Server 2022 Standard (build 20348)."),
        (of("2022"), [UNKNOWN, FOR_2025], "ready", "The activation object o25 covers"),
        (of("2025"), [FOR_2022], "refused", "No activation object covers Microsoft Windows Server 2025 Standard (build 26100): o22 is for"),
        (of("2025"), [], "refused", "(build 26100): none was found."),
        (of("2025"), [FOR_2022, UNKNOWN], "refused", "It is not known whether an activation object covers Microsoft Windows Server 2025"),
        (of("2025"), [FOR_2022, UNKNOWN], "refused", ": o22 is for Windows Server 2022 and the product of odd is not known."),
        (of("2008 R2"), [FOR_2022], "refused", "only Windows 8, Windows Server 2012, or later"),
        (of("2022", domain=None), [FOR_2022], "refused", "not a member of a domain"),
        (of("2022", domain="other.example"), [FOR_2022], "refused", "of other.example, and the activation objects are in the forest corp"),
        (of("2022", domain="EU.corp.example"), [FOR_2022], "ready", "o22"),
        (of("2022", product(**MAK)), [FOR_2022], "not_affected", "Windows has a MAK, and no GVLK."),
        (of("2022", product(activated_by="subscription")), [FOR_2022], "not_affected", "A subscription activates Windows."),
        (UNREACHABLE, [FOR_2022], "unread", "connection refused"),
        (BROKEN, [FOR_2022], "unread", "refused the query"),
    ],
)  # fmt: skip
def test_a_machine_is_ready_if_an_object_of_its_forest_covers_it(found: dict[str, Any], objects: Any, status: str, words: str) -> None:
    row = readiness(found, forest(*objects))
    assert (row["status"], words in row["message"]) == (status, True), row
    assert bool(row["next_steps"]) == (status == "refused")
    assert bool(row["code"]) == (status == "refused")


def test_a_machine_that_no_object_covers_is_told_which_key_does() -> None:
    assert readiness(of("2025"), forest(FOR_2022))["next_steps"][0] == (
        "Create an activation object with the KMS host key (CSVLK) of Windows Server 2025 or of a later version (adba_object)."
    )


def test_a_machine_outside_the_forest_has_the_codes_that_adba_object_has_for_it() -> None:
    assert readiness(of("2022", domain=None), forest(FOR_2022))["code"] == "not_domain_member"
    assert readiness(of("2022", domain="other.example"), forest(FOR_2022))["code"] == "other_forest"


def test_an_object_that_is_not_known_is_enough_if_this_is_allowed_and_a_known_gap_never_is() -> None:
    assert readiness(of("2025"), forest(UNKNOWN, allow_unknown=True))["status"] == "ready"
    assert readiness(of("2025"), forest(FOR_2022, allow_unknown=True))["status"] == "refused"


def test_a_domain_with_a_name_of_its_own_in_the_forest_has_to_be_named() -> None:
    found = of("2022", domain="pc.tree.example")
    assert readiness(found, forest(FOR_2022))["status"] == "refused"
    assert readiness(found, forest(FOR_2022, domains=("tree.example.",)))["status"] == "ready"


@pytest.mark.parametrize(
    ("application", "objects", "status"),
    [
        ("windows", [FOR_2022], "ready"),
        ("office", [FOR_2022], "refused"),
        ("office", [OF_OFFICE], "ready"),
        ("all", [FOR_2022], "refused"),
        ("all", [FOR_2022, OF_OFFICE], "ready"),
    ],
)
def test_each_application_needs_an_object_of_its_own(application: str, objects: Any, status: str) -> None:
    suite = office(name="Office 21, Office21ProPlus2021VL_KMS_Client_AE edition")
    row = readiness(of("2022", product(), suite), forest(*objects), application)
    assert row["status"] == status, row
    if status == "refused":
        assert "Office ProPlus 2021" in row["message"]


def decisions(found: dict[str, Any]) -> dict[str, str]:
    return {name: each["status"] for name, each in found["machines"].items()}


def test_one_machine_that_no_object_covers_stops_all_and_is_named_first() -> None:
    results = {"a": of("2022"), "b": of("2025"), "c": of("2022", product(**MAK)), "d": UNREACHABLE}
    found = plan(results, forest(FOR_2022))
    assert decisions(found) == {"a": "not_run", "b": "refused", "c": "not_affected", "d": "unread"}
    assert (found["stopped"], found["ready"], found["not_covered"]) == (True, [], ["b"])
    assert found["msg"].startswith("Nothing was changed. Active Directory cannot activate 1 machine. b: No activation object covers")
    assert found["machines"]["a"]["message"] == "Nothing was changed, because Active Directory cannot activate 1 machine of the run: b."


def test_the_others_move_if_the_user_says_so() -> None:
    found = plan({"a": of("2022"), "b": of("2025")}, forest(FOR_2022), skip=True)
    assert decisions(found) == {"a": "ready", "b": "not_yet"}
    assert (found["stopped"], found["ready"], found["not_covered"]) == (False, ["a"], ["b"])


def test_machines_that_cannot_be_read_do_not_stop_the_others() -> None:
    assert decisions(plan({"a": of("2022"), "b": UNREACHABLE, "c": BROKEN}, forest(FOR_2022))) == {
        "a": "ready",
        "b": "unread",
        "c": "unread",
    }


fleets = st.dictionaries(
    st.text("abc", min_size=1), st.sampled_from([of("2022"), of("2025"), of("2008 R2"), of("2022", product(**MAK)), BROKEN])
)


@given(fleets, st.lists(st.sampled_from([FOR_2022, FOR_2025, UNKNOWN, OF_OFFICE]), max_size=3), st.booleans(), st.booleans())
def test_without_permission_all_move_or_none(results: dict[str, Any], objects: Any, skip: bool, unknown: bool) -> None:
    found = plan(results, forest(*objects, allow_unknown=unknown), skip=skip)
    assert set(found["machines"]) == set(results)
    assert not (found["stopped"] and found["ready"])
    assert found["stopped"] == (bool(found["not_covered"]) and not skip)
    for name, each in found["machines"].items():
        alone = readiness(results[name], forest(*objects, allow_unknown=unknown))
        assert (each["status"] == "ready") == (alone["status"] == "ready" and not found["stopped"])


AD = {"activated_by": "ad", "ad": {"object_name": "o22", "object_dn": f"CN=o22,{BELOW}"}}


@pytest.mark.parametrize(
    ("found", "status", "words"),
    [
        (of("2022", product(**AD)), "proven", "Activated by the activation object o22."),
        (of("2022", product()), "failed", "Microsoft Windows Server 2022 Standard (build 20348) is activated by KMS."),
        (of("2022", product(status="notification", activated_by=None)), "failed", "is not licensed (notification)."),
        (UNREACHABLE, "unread", "connection refused"),
    ],
)
def test_only_a_machine_that_shows_active_directory_is_proven(found: dict[str, Any], status: str, words: str) -> None:
    shown = proof(found)
    assert (shown["status"], words in shown["message"]) == (status, True), shown


def test_a_machine_is_not_proven_before_all_its_products_are() -> None:
    suite = office(name="Office 21, Office21ProPlus2021VL_KMS_Client_AE edition")
    assert proof(of("2022", product(**AD), suite), "windows")["status"] == "proven"
    shown = proof(of("2022", product(**AD), suite), "all")
    assert (shown["status"], "Office ProPlus 2021 is activated by KMS." in shown["message"]) == ("failed", True)
