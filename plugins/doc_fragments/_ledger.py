# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variable of the ledger, which modules that change keys and activations have."""

from __future__ import annotations


class ModuleDocFragment:
    """A note about the ledger. It is not an option, because roles and playbooks then do not have to pass it on."""

    DOCUMENTATION = r"""
notes:
  - If the variable C(activation_ledger) is set to the path of a file on the controller, the task appends each change of a key, activation,
    confirmation ID, and rearm to this file. If the file cannot be written, the task fails with the error code V(ledger_failed) before it
    sends a request. See R(Keep a ledger for audits, ansible_collections.winops.volume_activation.docsite.guide_ledger).
"""
