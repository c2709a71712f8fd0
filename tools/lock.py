# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make lock`: write the versions and hashes of all packages that the commands install, for all supported Python versions in one file.

`requirements/NAME.in` contains the requirements, `requirements/NAME.txt` the locked packages. `make setup` and `make test` install only
the locked packages, with `--require-hashes`: pip refuses a package that differs from the lock.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

from processes import run_main
from project import BIN, ROOT, ToolError, must

FOLDER = ROOT / "requirements"
OLDEST_PYTHON = "3.10"
HEADER = """\
# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Written by `make lock` from {sources}. Do not edit it.
# inputs: {inputs}
"""


@dataclass(frozen=True)
class Lock:
    """One lock file and its source files."""

    target: Path
    sources: tuple[Path, ...]
    read: tuple[Path, ...] = ()
    """Files that the sources include with `-r`."""

    def inputs(self) -> str:
        """Return a digest of the sources."""
        digest = hashlib.sha256()
        for path in (*self.sources, *self.read):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def is_current(self) -> bool:
        """Return whether the lock was written from the current sources."""
        return f"# inputs: {self.inputs()}\n" in self.target.read_text(encoding="utf-8")


LOCKS = (
    Lock(FOLDER / "build.txt", (FOLDER / "build.in",)),
    Lock(FOLDER / "dev.txt", (FOLDER / "dev.in", ROOT / "tests" / "lab" / "pyproject.toml"), (ROOT / "requirements.txt",)),
    Lock(FOLDER / "gssapi.txt", (FOLDER / "gssapi.in",)),
    Lock(FOLDER / "eda.txt", (FOLDER / "eda.in",), (ROOT / "requirements.txt",)),
    Lock(FOLDER / "packaging.txt", (FOLDER / "packaging.in",)),
)


def write(lock: Lock) -> None:
    """Resolve the packages for every supported Python and write the lock. If this fails, the old lock is kept."""
    draft = lock.target.with_suffix(".draft")
    names = [str(path.relative_to(ROOT)) for path in lock.sources]
    options = ("--universal", "--generate-hashes", "--no-config", "--no-header", "--quiet", f"--python-version={OLDEST_PYTHON}")
    try:
        must(BIN / "uv", "pip", "compile", *options, "--output-file", draft, *names, quiet=True)
        header = HEADER.format(sources=" and ".join(names), inputs=lock.inputs())
        lock.target.write_text(header + draft.read_text(encoding="utf-8"), encoding="utf-8")
    finally:
        draft.unlink(missing_ok=True)
    print(f"Written: {lock.target.relative_to(ROOT)}")


def main() -> int:
    try:
        for lock in LOCKS:
            write(lock)
    except ToolError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    run_main(main)
