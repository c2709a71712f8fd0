# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creating an activation object through a machine of the lab whose domain has no directory: what is read, sent, and explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._adba.model import ActivationObject
from ansible_collections.winops.volume_activation.plugins.plugin_utils._adba.reading import Domains
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.adba_object.model import DesiredObject, Hop
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.adba_object.plan import plan_for
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.apply import apply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import StepFailedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey

Sessions = Callable[[str], Any]
WISH = DesiredObject(ProductKey("CCCCC-VVVVV-KKKKK-BBBBB-33333"))
MADE = ActivationObject("CN=New", "1", "New", activation_id="a", partial_product_key="33333")


class Forest:
    """A forest that stays as it is."""

    def __init__(self, *objects: ActivationObject) -> None:
        self._objects = objects

    def objects(self) -> tuple[ActivationObject, ...]:
        """Its objects."""
        return self._objects

    objects_again = objects

    def domains(self) -> Domains:
        """The domain of the machines."""
        return Domains("corp.example")


def test_with_the_object_one_query_reads_the_machine_and_nothing_is_written(session: Sessions) -> None:
    host = session("host22")
    outcome = apply(plan_for(host, Forest(MADE), WISH, Hop(True, "CredSSP")), host)
    assert not outcome.changed
    assert host.writes == []
    assert len(host.requests) == 1


def test_a_machine_that_finds_no_domain_controller_says_so_and_nothing_changes(session: Sessions) -> None:
    host = session("host22")
    with pytest.raises(StepFailedError) as failed:
        apply(plan_for(host, Forest(), WISH, Hop(True, "CredSSP")), host, sleep=lambda _seconds: None)
    assert failed.value.explain().code == "0x8007054B"
    assert failed.value.explain().category == "ad"
    assert host.requests.count("DoActiveDirectoryOnlineActivation") == 1
