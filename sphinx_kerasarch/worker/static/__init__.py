"""Saved models read without Keras: nothing of the file is run, unknown classes and lambdas are boxes."""
