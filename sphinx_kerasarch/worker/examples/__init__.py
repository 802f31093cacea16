"""Models to begin with, one in each file: ``kerasarch example``.

A file is what somebody would write in a project of their own: it needs Keras alone, its docstring says what the model
is, and its factory is ``build_`` and the name of the file. They lie here since the worker alone imports Keras, and so
that they are found from any interpreter.
"""
