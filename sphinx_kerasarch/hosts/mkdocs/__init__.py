"""The MkDocs host: the Markdown extension, and what only a build of a whole site can do.

All models of all pages are described in one batch before the first page is rendered, their sources are watched, and
the style sheet is a file of the site. Nothing is written into the folder of the pages.
"""

from __future__ import annotations

from .plugin import KerasarchPlugin

__all__ = ["KerasarchPlugin"]
