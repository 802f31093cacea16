"""Sphinx configuration of this project's own documentation."""

import sys
from pathlib import Path

from sphinx_kerasarch import __version__

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "sphinx_kerasarch"
author = "The sphinx_kerasarch authors"
copyright = "The sphinx_kerasarch authors"
version = __version__
extensions = ["sphinx_kerasarch", "myst_parser", "option_tables", "proven", "shown"]
exclude_patterns = ["_build", "_ext", "_models"]
html_theme = "furo"
html_title = "sphinx_kerasarch"
html_static_path = ["_static"]
numfig = True
nitpicky = True
myst_enable_extensions = ["colon_fence"]

kerasarch_theme = "auto"
kerasarch_path = ["../example_project/src", "_models"]
