"""Sphinx configuration. Copy this folder, change ``kerasarch_path`` and the targets, and it is yours."""

project = "Menagerie"
author = "The Menagerie authors"
copyright = "The Menagerie authors"
version = "1.0"
extensions = ["sphinx_kerasarch", "myst_parser"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "Menagerie"
numfig = True
nitpicky = True

# Where the models are, relative to this folder. Nothing has to be installed for it.
kerasarch_path = ["../src"]

# Without it, keras-model shows the layered figure and the table.
kerasarch_views = ["layered", "graph", "summary"]

latex_elements = {"papersize": "a4paper"}
