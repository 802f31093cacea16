"""Compress a digit to sixteen numbers and paint it again."""
