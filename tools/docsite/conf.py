# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of Sphinx for the site of `make docs`. `tools/docs_site.py` passes the version."""

from __future__ import annotations

from typing import Any

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


def name_language(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:  # noqa: ARG001
    """Mark the Japanese guides as Japanese, by which browsers choose the shapes of characters and screen readers the voice."""
    if page.startswith("docsite/guide_ja_"):
        context["language"] = "ja"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the function, which has no state: pages can be read and written side by side."""
    app.connect("html-page-context", name_language)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
