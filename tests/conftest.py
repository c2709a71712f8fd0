# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For all tests: how long hypothesis takes for an example says something about the machine, and nothing about the code."""

from __future__ import annotations

try:
    from hypothesis import HealthCheck, settings
except ImportError:  # the smoke tests of `make matrix` have no property tests
    pass
else:
    settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("any machine")
