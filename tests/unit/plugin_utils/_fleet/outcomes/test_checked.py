# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check found, as a table: machines with the same findings share a row, and the others say how they are activated."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.summary import summarize

from ..results import BROKEN, MAK, SKIPPED, UNREACHABLE, machine, product


def finding(name: str, severity: str = "error", message: str = "It is wrong.", code: str | None = None, **more: Any) -> dict[str, Any]:
    error = {"code": code} if code else None
    return {"id": name, "severity": severity, "message": message, "next_steps": [f"Correct {name}."], "error": error, **more}


def checked(name: str, *findings: dict[str, Any], **more: Any) -> dict[str, Any]:
    failing = any(each["severity"] == "error" for each in findings)
    result = {**machine(name), "findings": list(findings), "msg": f"{name}: " + " ".join(each["message"] for each in findings)}
    return {**result, **({"failed": True} if failing else {}), **more}


def rows(results: dict[str, Any]) -> list[tuple[str, str, str, list[str]]]:
    groups = summarize(results, 30)["groups"]
    return [(group["outcome"], group["message"], group["next_step"], group["machines"]) for group in groups]


def test_machines_without_a_finding_say_how_they_are_activated() -> None:
    kms = {**machine("pc1"), "products": [product(kms={"kms_host": "kms01"})]}
    assert rows({"pc1": kms, "pc2": {**machine("pc2"), "products": [product(**MAK)]}, "pc3": {**machine("pc3"), "products": []}}) == [
        ("passed", "Licensed: KMS host kms01.", "", ["pc1"]),
        ("passed", "Licensed: MAK ending in TTWX3.", "", ["pc2"]),
        ("passed", "No product key.", "", ["pc3"]),
    ]


def test_machines_with_the_same_findings_share_a_row_whatever_their_products_and_times() -> None:
    named = [f"Windows(R), {edition} edition" for edition in ("Professional", "ServerStandard")]
    found = {
        f"pc{number}": checked(f"pc{number}", finding("not_licensed", message=f"{name} is not licensed.", code="0x1", product_name=name))
        for number, name in enumerate(named, 1)
    }
    assert rows(found) == [("error", "Windows is not licensed. [not_licensed]", "Correct not_licensed.", ["pc1", "pc2"])]


def test_the_worst_finding_decides_and_more_than_two_are_counted() -> None:
    several = [
        finding("evaluation", "warning"),
        finding("clock_skew"),
        finding("not_licensed"),
        finding("no_kms_host"),
        finding("x", "info"),
    ]
    assert rows({"pc1": checked("pc1", *several)}) == [
        ("error", "It is wrong. [clock_skew] It is wrong. [not_licensed] 2 more findings.", "Correct clock_skew.", ["pc1"])
    ]
    assert rows({"pc1": checked("pc1", several[0])}) == [("warning", "It is wrong. [evaluation]", "Correct evaluation.", ["pc1"])]
    assert rows({"pc1": checked("pc1", several[-1])})[0][0] == "passed"


def test_the_same_finding_for_another_reason_has_a_row_of_its_own() -> None:
    reasons = {"pc1": ("0x1", "The clock is wrong."), "pc2": ("0x2", "The key is blocked.")}
    found = {name: checked(name, finding("not_licensed", code=code, message=text)) for name, (code, text) in reasons.items()}
    assert [names for *_rest, names in rows(found)] == [["pc1"], ["pc2"]]


def test_machines_that_were_not_checked_come_last_with_the_reason() -> None:
    found = {"pc1": UNREACHABLE, "pc2": BROKEN, "pc3": SKIPPED, "pc4": None, "pc5": machine("pc5")}
    assert [(outcome, names) for outcome, _message, _step, names in rows(found)] == [
        ("passed", ["pc5"]),
        ("skipped", ["pc3"]),
        ("not read", ["pc2"]),
        ("not reached", ["pc1"]),
        ("not run", ["pc4"]),
    ]


def test_a_clock_of_the_controller_is_not_a_fault_of_the_machines() -> None:
    found = {f"pc{number}": checked(f"pc{number}", finding("clock_skew"), clock_difference_minutes=300) for number in range(1, 5)}
    (row,) = rows(found)
    assert row[:3] == ("error", "The clock of the controller is probably wrong. [clock_skew]", "Synchronize the clock of the controller.")
    assert "so the clock of the controller is probably wrong" in summarize(found, 30)["shown"][0]


def test_the_text_of_a_run_ends_with_the_table_and_the_summary_and_says_nothing_twice() -> None:
    found = summarize({"pc1": checked("pc1", finding("not_licensed")), "pc2": UNREACHABLE, "pc3": machine("pc3")}, 30)
    assert found["shown"][-1] == found["summary"]
    assert found["shown"][-len(found["table"]) - 1 : -1] == found["table"]
    assert not any("not_licensed" in line for line in found["shown"][: -len(found["table"]) - 1])
    assert len(set(found["lines"])) == len(found["lines"])


def test_a_machine_fails_with_a_short_line_without_its_name_and_its_next_step() -> None:
    error = {"code": "not_licensed", "next_steps": ["Correct not_licensed."]}
    failed = checked("pc1", finding("not_licensed"), error=error, msg="pc1: [not_licensed] It is wrong. Next: Correct not_licensed.")
    found = summarize(
        {"pc1": failed, "pc2": UNREACHABLE, "pc3": machine("pc3"), "pc4": checked("pc4", finding("x", message="y" * 999))}, 30
    )
    assert found["problems"] == ["pc1", "pc2", "pc4"]
    assert found["failures"]["pc1"] == "[not_licensed] It is wrong."
    assert found["failures"]["pc2"] == "connection refused"
    assert max(map(len, found["failures"].values())) == 300


RESULTS = st.dictionaries(
    st.text(min_size=1, max_size=8),
    st.one_of(
        st.sampled_from([UNREACHABLE, BROKEN, SKIPPED, None]),
        st.lists(st.sampled_from([finding("a"), finding("b", "warning"), finding("c", "info")]), max_size=4).map(
            lambda findings: checked("pc", *findings)
        ),
    ),
    max_size=25,
)


@given(results=RESULTS)
def test_every_machine_is_in_exactly_one_row(results: dict[str, Any]) -> None:
    assert sorted(name for *_rest, names in rows(results) for name in names) == sorted(results)
