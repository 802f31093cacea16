"""The recorded models by name, as attributes of a module."""

from __future__ import annotations

from models import MODELS

globals().update(MODELS)
