"""What can be written: three kinds of figure, pure data, no methods that draw."""

from .graph import Callout, Card, Chip, Cluster, Graph, Link
from .scene import Circle, Group, Image, Item, Path, Rect, Scene, Text, flat
from .table import Cell, Column, Row, Table

Figure = Table | Graph | Scene

__all__ = [
    "Callout",
    "Card",
    "Cell",
    "Chip",
    "Circle",
    "Cluster",
    "Column",
    "Figure",
    "Graph",
    "Group",
    "Image",
    "Item",
    "Link",
    "Path",
    "Rect",
    "Row",
    "Scene",
    "Table",
    "Text",
    "flat",
]
