# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The protocols of the lab: HTTP, authentication, WS-Management and WinRS for every machine of an estate.

It turns bytes into calls on :class:`winlab.interfaces.Machine` and the answers into bytes; it knows no licensing.
"""
