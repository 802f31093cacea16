"""The Zensical host: what a whole site asks for. Its builds need the Markdown extension alone.

Zensical knows no plugins of others, and tells no program which pages it makes or of what. So its configuration is read
here as it reads it, and its pages are rendered into nowhere.
"""

from __future__ import annotations
