# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The activation objects of one forest during a task: one domain controller, to which the session can be opened again.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from datetime import datetime, timezone
from types import TracebackType
from typing import Any

from ..._adba.explanation import describe_directory, warnings_about
from ..._adba.model import ActivationObject, describe
from ..._adba.reading import Domains, domains_of, read_objects
from ..._ldap.errors import DirectoryError
from ..._ldap.session import Directory
from .opening import Options, learned_of, open_again, open_for


class Forest:
    """A context manager, which ends the session. `described` is the directory as the data of a result."""

    def __init__(self, options: Options) -> None:
        self.learned = learned_of(options)
        self._options = options
        self.directory = open_for(options)
        self.described: dict[str, Any] = describe_directory(self.directory)

    def objects(self) -> tuple[ActivationObject, ...]:
        """Return the objects that the account can see. Raises DirectoryError."""
        return read_objects(self.directory, self.learned)

    def objects_again(self) -> tuple[ActivationObject, ...]:
        """Return the objects after a long operation, in which the domain controller might have ended the session."""
        try:
            return self.objects()
        except DirectoryError:
            self.reopen()
            return self.objects()

    def domains(self) -> Domains:
        """Return the domains of the forest."""
        return domains_of(self.directory)

    def reopen(self) -> Directory:
        """Open another session with the same domain controller. Raises DirectoryError."""
        former = self.directory
        former.close()
        self.directory = open_again(former, self._options)
        return self.directory

    def describe(self, found: ActivationObject | None) -> dict[str, Any] | None:
        """Return an object as the data of a result."""
        return None if found is None else describe(found, self.directory.root.current_time or datetime.now(timezone.utc))

    def warnings(self, found: tuple[ActivationObject, ...]) -> list[str]:
        """Return warnings about objects, with the name of the domain controller."""
        return [f"{self.directory.facts.server}: {warning}" for warning in warnings_about(found)]

    def __enter__(self) -> Forest:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.directory.close()


__all__ = ["Forest"]
