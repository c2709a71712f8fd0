# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wrong clock of the controller is told once, and a wrong clock of a machine is told of the machine."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.summary import summarize

from .results import MAK, UNREACHABLE, machine, product

TOLERANCE = 60
STEP = "Synchronize the clock of the machine (w32tm /resync)."


def checked(name: str, minutes: int | None, *, renewed: bool = True, tolerance: int = TOLERANCE) -> dict[str, Any]:
    """A machine whose clock differs by some minutes; without renewal by KMS there is no finding."""
    finding = {"id": "clock_skew", "severity": "error", "message": f"{minutes} minutes", "next_steps": [STEP]}
    is_off = renewed and minutes is not None and abs(minutes) > tolerance
    key = product() if renewed else product(**MAK)
    return machine(name, None, key, clock_difference_minutes=minutes, findings=[finding] if is_off else [])


def fleet(*minutes: int | None, **how: Any) -> dict[str, Any]:
    return {f"pc{number}": checked(f"pc{number}", value, **how) for number, value in enumerate(minutes, 1)}


def clock_lines(found: dict[str, Any]) -> list[str]:
    return [line for line in found["lines"] if "clock" in line]


def test_most_machines_off_by_one_amount_are_one_line_about_the_controller() -> None:
    found = summarize({**fleet(300, 301, 299, 302, -200, 0), "gone": UNREACHABLE}, 30)
    assert found["controller_clock"] == {"difference_minutes": 300, "compared_count": 6, "machines": ["pc1", "pc2", "pc3", "pc4"]}
    of_the_controller, of_a_machine = clock_lines(found)
    assert of_the_controller == (
        "Error clock_skew on 4 of 6 machines: their clocks are about 300 minutes ahead of the clock of the controller, so the clock of the"
        " controller is probably wrong. Next: Synchronize the clock of the controller. If it is correct, correct the time source of the"
        " machines (w32tm /query /source)."
    )
    assert of_a_machine == f"Error clock_skew on 1 machine: pc5. Next: {STEP}"
    assert found["summary"].endswith("5 with errors; the clock of the controller is probably wrong.")


def test_the_findings_of_the_machines_stay_in_the_data() -> None:
    (row,) = summarize(fleet(-90, -91, -92), 30)["findings"]
    assert (row["id"], row["machines"]) == ("clock_skew", ["pc1", "pc2", "pc3"])


def test_machines_behind_are_told_as_behind_and_no_other_line_remains() -> None:
    (line,) = clock_lines(summarize(fleet(-90, -91, -92), 30))
    assert line.startswith("Error clock_skew on 3 of 3 machines: their clocks are about 91 minutes behind the clock of the controller, so ")


@pytest.mark.parametrize(
    "minutes",
    [
        (300,),
        (300, 300),
        (300, 0, 300, 0, 300, 0),
        (300, 200, 100, -100),
        (300, 300, -300, -300),
        (0, 1, 2, 59, 60),
        (None, None, None),
        (),
    ],
)
def test_few_machines_half_of_them_or_different_amounts_are_not_the_controller(minutes: tuple[int | None, ...]) -> None:
    found = summarize(fleet(*minutes), 30)
    assert found["controller_clock"] is None
    assert all("Error clock_skew on" in line and "controller" not in line for line in clock_lines(found))
    assert "controller" not in found["summary"]


def test_machines_without_the_finding_count_if_their_clocks_differ_as_much() -> None:
    """The check reports the clock only of a machine that KMS renews, and a wrong controller is as wrong for the others."""
    with_mak = {f"mak{number}": checked(f"mak{number}", 240, renewed=False) for number in range(5)}
    found = summarize({**fleet(240, 241), **with_mak}, 30)
    assert found["controller_clock"]["compared_count"] == len(found["controller_clock"]["machines"]) == 7
    right = {f"mak{number}": checked(f"mak{number}", 0, renewed=False) for number in range(5)}
    assert summarize({**fleet(240, 241, 242), **right}, 30)["controller_clock"] is None
    assert summarize(with_mak, 30)["controller_clock"] is None


def test_a_small_tolerance_does_not_make_the_usual_spread_a_wrong_controller() -> None:
    assert summarize(fleet(0, 0, 1, 2, 3, tolerance=1), 30)["controller_clock"] is None
    assert summarize(fleet(3, 3, 4, 3, 0, tolerance=1), 30)["controller_clock"]["difference_minutes"] == 3


@given(st.integers(TOLERANCE + 6, 10**6), st.sampled_from([1, -1]), st.lists(st.integers(-2, 2), min_size=3, max_size=30))
def test_a_wrong_controller_is_found_whatever_the_amount(amount: int, way: int, noise: list[int]) -> None:
    found = summarize(fleet(*(way * amount + each for each in noise)), 30)
    assert abs(found["controller_clock"]["difference_minutes"] - way * amount) <= 2
    assert len(found["controller_clock"]["machines"]) == len(noise)
    assert len(clock_lines(found)) == 1


@given(st.lists(st.one_of(st.none(), st.integers(-1000, 1000)), max_size=30))
def test_no_machine_with_the_finding_is_lost(minutes: list[int | None]) -> None:
    found = summarize(fleet(*minutes), 30)
    clock = found["controller_clock"] or {"machines": []}
    reported = {name for row in found["findings"] for name in row["machines"]}
    assert {f"pc{number}" for number, value in enumerate(minutes, 1) if value is not None and abs(value) > TOLERANCE} == reported
    if clock["machines"]:
        assert 2 * len(clock["machines"]) > clock["compared_count"]
    shown = " ".join(clock_lines(found))
    assert len(reported - set(clock["machines"])) == 0 or "Next: Synchronize the clock of the machine" in shown
