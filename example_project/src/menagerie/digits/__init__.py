"""Handwritten digits: from three neurons to LeNet."""
