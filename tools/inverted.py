# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens if an assumption about Windows does not hold, as the lab shows it with the opposite (tests/scenario/test_either_truth.py).

tools/assumptions.py writes it beside the assumptions. The scenario fails if a machine of the lab does something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """What the modules make of the opposite of an assumption."""

    WORKS = "Works either way."
    FAILS_CLEARLY = "Fails with an explanation."
    OPEN_DANGER = "Open danger."
    NOT_INVERTED = "Not inverted in the lab."


@dataclass(frozen=True)
class Inverted:
    """The outcome, what a user sees, and the machines of the estate either_truth.yml that have the opposite."""

    outcome: Outcome
    seen: str = ""
    machines: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return it for the guide."""
        return f"{self.outcome.value} {self.seen}".strip()


_W, _F, _D, _N = Outcome.WORKS, Outcome.FAILS_CLEARLY, Outcome.OPEN_DANGER, Outcome.NOT_INVERTED

INVERTED: dict[str, Inverted] = {
    "W-001": Inverted(_F, "The message names the property, and nothing is changed.", ("no-version",)),
    "W-002": Inverted(_F, "The message names the property and the date, and nothing is changed. NULL works.", ("never-9999",)),
    "W-003": Inverted(_W, "A text of blanks is also read as not set.", ("unset-nil", "unset-empty", "unset-absent", "unset-blank")),
    "W-004": Inverted(_W, "With another code, a warning says that the classes of Office could not be read.", ("class-80041006",)),
    "W-005": Inverted(_W, "", ("kms-namespace", "namespace-80041006")),
    "W-006": Inverted(_W, "", ("column-left-out", "column-80004005")),
    "W-007": Inverted(_W, "With another code, a warning says that the status of Office could not be refreshed.", ("method-office",)),
    "W-008": Inverted(_F, "A failed activation is reported as 0x80004005, and the next step is the Application log.", ("no-fault-code",)),
    "W-009": Inverted(
        _F,
        "The machine is reported as unreachable. A fault without RelatesTo works on encrypted connections, and is not trusted on others.",
        ("nameless", "faults-nameless-clear"),
    ),
    "W-010": Inverted(_F, "The machine is reported as unreachable, and the message contains the header.", ("header-other",)),
    "W-011": Inverted(_W, "", ("local-time-whole",)),
    "W-012": Inverted(_W, "", ("page-several", "page-none")),
    "W-013": Inverted(_N),
    "W-014": Inverted(
        _W,
        "The code is found in each form of the fault.",
        ("fault-nested", "fault-wmi-error", "fault-plain", "fault-text", "fault-return-value"),
    ),
    "W-015": Inverted(_F, "The outcome is reported as unknown after three minutes, with what to read first.", ("late-ends",)),
    "W-016": Inverted(_W, "", ("settings-hidden",)),
    "W-017": Inverted(_W, "", ("application-shown",)),
    "W-018": Inverted(_W, "The highest number of 32 bits is returned as no count.", ("rearms-odd",)),
    "W-019": Inverted(_W, "The number is reported as an unknown status.", ("genuine-odd",)),
    "W-020": Inverted(_N),
    "W-021": Inverted(_W, "The extended PID is returned as it is shown.", ("host-pid-other",)),
    "W-022": Inverted(_W, "A warning says that the settings in the registry could not be read.", ("registry-missing",)),
    "W-023": Inverted(_W, "A warning says that two runs at the same time are not prevented.", ("registry-empty",)),
    "W-024": Inverted(_W, "The events are returned without values.", ("events-reversed", "events-missing")),
    "W-025": Inverted(_F, "kms_event_archive reports that there is no log.", ("kms-log-unnamed",)),
    "W-026": Inverted(_W, "A warning says that the ports could not be checked, and the rules are written once.", ("kms-no-ports",)),
    "W-027": Inverted(_W, "The lab has machines that need no refresh, and none that need two.", ("refresh-not-needed",)),
    "W-028": Inverted(_W, "product_key with allow_edition_mismatch returns changed only once.", ("edition-changes",)),
    "W-029": Inverted(_W, "Both spellings are tried.", ("kms-other-spelling",)),
    "W-030": Inverted(_N),
    "W-031": Inverted(_N),
    "W-032": Inverted(_N),
    "W-033": Inverted(_W, "", ("refresh-not-needed",)),
    "W-034": Inverted(_F, "After a restart of the service, the task activates the product.", ("late-products",)),
}
"""The outcome of each assumption by its ID."""
