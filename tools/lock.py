# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make lock`: every package the commands install, by version and hash, for all supported Pythons in one file.

`requirements/NAME.in` says what is wanted, `requirements/NAME.txt` what is installed. `make setup` and `make test` install from the
latter only, with `--require-hashes`: a package that changed on the index, or an index that is not the one it was, is refused by pip.
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
    """One lock file and the files that say what it has to hold."""

    target: Path
    sources: tuple[Path, ...]
    read: tuple[Path, ...] = ()
    """Files that the sources include by `-r`."""

    def inputs(self) -> str:
        """Changes whenever one of the sources does."""
        digest = hashlib.sha256()
        for path in (*self.sources, *self.read):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def is_current(self) -> bool:
        """Whether the lock was made from the sources as they are."""
        return f"# inputs: {self.inputs()}\n" in self.target.read_text(encoding="utf-8")


LOCKS = (
    Lock(FOLDER / "build.txt", (FOLDER / "build.in",)),
    Lock(FOLDER / "dev.txt", (FOLDER / "dev.in", ROOT / "tests" / "lab" / "pyproject.toml"), (ROOT / "requirements.txt",)),
    Lock(FOLDER / "gssapi.txt", (FOLDER / "gssapi.in",)),
)


def write(lock: Lock) -> None:
    """Resolve anew for every supported Python and write the lock with its header; the old one stays when that fails."""
    draft = lock.target.with_suffix(".draft")
    names = [str(path.relative_to(ROOT)) for path in lock.sources]
    options = ("--universal", "--generate-hashes", "--no-config", "--no-header", "--quiet", f"--python-version={OLDEST_PYTHON}")
    try:
        must(BIN / "uv", "pip", "compile", *options, "--output-file", draft, *names, quiet=True)
        header = HEADER.format(sources=" and ".join(names), inputs=lock.inputs())
        lock.target.write_text(header + draft.read_text(encoding="utf-8"), encoding="utf-8")
    finally:
        draft.unlink(missing_ok=True)
    print(f"written: {lock.target.relative_to(ROOT)}")


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
