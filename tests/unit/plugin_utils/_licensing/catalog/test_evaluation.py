# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way from an evaluation edition to a full one: only the conversions that Microsoft documents, and never of a domain controller."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import evaluation
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import OperatingSystem, ProductType

Systems = Callable[..., OperatingSystem]


@pytest.mark.parametrize(
    ("edition", "target"),
    [
        ("ServerStandardEval", "ServerStandard"),
        ("ServerDatacenterEval", "ServerDatacenter"),
        ("ServerDatacenterEvalCor", "ServerDatacenterCor"),
        ("ServerStandardEvalCor", "ServerDatacenterCor"),
        ("ServerStandardCorEval", "ServerDatacenterCor"),
    ],
)
def test_a_server_is_converted_to_the_edition_that_it_can_become(make_os: Systems, edition: str, target: str) -> None:
    first, second = evaluation.conversion_steps(make_os(), edition)
    assert first.startswith("Run DISM /Online /Get-TargetEditions on the machine, which lists the editions that it can become.")
    assert f"DISM /Online /Set-Edition:{target} /ProductKey:<GVLK of {target}> /AcceptEula." in second
    assert f"If the list does not contain {target}, reinstall Windows" in second
    assert "Eval" not in first + second


def test_standard_can_be_a_server_core_that_becomes_datacenter_only(make_os: Systems) -> None:
    assert "becomes ServerDatacenterCor only" in evaluation.conversion_steps(make_os(), "ServerStandardEval")[0]
    assert "ServerStandardCor" not in str(evaluation.conversion_steps(make_os(), "ServerStandardEvalCor"))


@pytest.mark.parametrize("edition", ["ServerStandardEval", "ServerDatacenterEvalCor", None])
def test_a_domain_controller_is_replaced_and_never_converted(make_os: Systems, edition: str | None) -> None:
    (step,) = evaluation.conversion_steps(make_os(product_type=ProductType.DOMAIN_CONTROLLER), edition)
    assert "cannot be converted" in step
    assert "Set-Edition" not in step


@pytest.mark.parametrize("edition", ["EnterpriseEval", "EnterpriseSEval", None])
def test_a_client_is_reinstalled(make_os: Systems, edition: str | None) -> None:
    (step,) = evaluation.conversion_steps(make_os(product_type=ProductType.CLIENT, build=19045), edition)
    assert "Reinstall Windows from volume media" in step
    assert "DISM" not in step


def test_an_unknown_edition_is_left_to_the_list_of_dism(make_os: Systems) -> None:
    assert "Set-Edition:<edition>" in evaluation.conversion_steps(make_os(), None)[1]


def test_a_full_edition_is_not_refused(make_os: Systems) -> None:
    evaluation.refuse_evaluation(make_os(), "ServerStandard")
    with pytest.raises(TaskRefusedError, match="does not accept a MAK") as refused:
        evaluation.refuse_evaluation(make_os(), "ServerStandardEval", "MAK")
    assert refused.value.error_code == "evaluation_edition"
