# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a worker was forked with is no garbage to it, and a process that is no worker is left as it is."""

from __future__ import annotations

import gc
import multiprocessing

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.worker import freeze_inherited_objects


def _frozen() -> bool:
    freeze_inherited_objects()
    return gc.get_freeze_count() > 0


def test_only_a_worker_keeps_what_it_was_forked_with_from_the_garbage_collector() -> None:
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply(_frozen)
    assert not _frozen()
