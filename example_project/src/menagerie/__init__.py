"""Small neural networks, each the smallest honest one of its kind."""
