# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The KMS hosts of clouds are known by name and address, in any spelling, and each has the remedy of its own cloud."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog.cloud import CLOUDS, cloud_of


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("169.254.169.250", "Amazon EC2"),
        ("169.254.169.251", "Amazon EC2"),
        ("[FD00:EC2:0::250]", "Amazon EC2"),
        ("azkms.core.windows.net", "Azure"),
        ("AZKMS.core.windows.net.", "Azure"),
        ("kms.core.windows.net", "Azure"),
        ("20.118.99.224", "Azure"),
    ],
)
def test_a_kms_host_of_a_cloud_is_known(host: str, name: str) -> None:
    cloud = cloud_of(host)
    assert cloud is not None
    assert cloud.name == name


@pytest.mark.parametrize("host", ["kms01.corp.example", "169.254.169.254", "windows.net", "azkms.core.windows.net.corp.example"])
def test_any_other_host_is_of_no_cloud(host: str) -> None:
    assert cloud_of(host) is None


def test_each_cloud_says_why_it_was_not_asked_and_what_to_do() -> None:
    for cloud in CLOUDS:
        assert cloud.name in cloud.meaning
        assert all(step.endswith(".") for step in cloud.next_steps)
