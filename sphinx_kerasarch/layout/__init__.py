"""Places: text widths, boxes in projection, rows and routes of graphs."""

from .arrange import arrange, fits

__all__ = ["arrange", "fits"]
