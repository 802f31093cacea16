"""Mark the pixels that belong to something."""
