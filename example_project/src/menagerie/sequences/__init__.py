"""Read a text and label it."""
