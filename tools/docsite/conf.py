# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of Sphinx for the site of `make docs`. `tools/docs_site.py` passes the version."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

project = "winops.volume_activation"
project_copyright = "winops contributors"
html_title = html_short_title = project
REPOSITORY = "https://github.com/winops/volume_activation"

extensions = ["sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
# The labels of ansible_labels.yml, which the build writes next to the pages. Nothing is fetched.
intersphinx_mapping = {"ansible": ("https://docs.ansible.com/projects/ansible/latest/", "../work/ansible.inv")}

# Text in single backquotes is a reference. It is not printed as if it were one if it leads nowhere.
default_role = "any"
highlight_language = "YAML+Jinja"
pygments_style = "ansible"

html_theme = "sphinx_ansible_theme"
html_theme_options = {
    "documentation_home_url": "index.html",
    "topbar_links": {"Repository": REPOSITORY, "Issues": f"{REPOSITORY}/issues"},
    "show_extranav": False,
    "show_rtd_ethical_ads": False,
}
html_static_path = ["static"]
html_css_files = ["site.css"]
html_use_index = False
html_copy_source = False
html_show_sphinx = False


_LINE_BREAK = re.compile(r"(?<=[^\x00-\x7f])\n(?=[^\x00-\x7f])")
"""A line that ends between two Japanese characters. Browsers show a space for it, which Japanese text does not have."""


def is_japanese(page: str) -> bool:
    """Return whether a page is a guide in Japanese."""
    return page.startswith("docsite/guide_ja_")


def join_lines(app: Sphinx, tree: nodes.document, page: str) -> None:  # noqa: ARG001
    """Join the lines of Japanese paragraphs."""
    for text in list(tree.findall(nodes.Text)) if is_japanese(page) else []:
        joined = _LINE_BREAK.sub("", text)
        if text.parent and joined != text and not isinstance(text.parent, nodes.literal_block):
            text.parent.replace(text, nodes.Text(joined))


def name_language(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:  # noqa: ARG001
    """Mark the Japanese guides as Japanese, by which browsers choose the shapes of characters and screen readers the voice."""
    if is_japanese(page):
        context["language"] = "ja"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the functions, which have no state: pages can be read and written side by side."""
    app.connect("doctree-resolved", join_lines)
    app.connect("html-page-context", name_language)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
