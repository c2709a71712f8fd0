# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from .directory_clients import directory, log_on, sealed, serve

__all__ = ["directory", "log_on", "sealed", "serve"]
