"""More than one input, more than one output."""
