"""What every page of documentation has of a model, whichever host writes it: options, words, classes, style."""
