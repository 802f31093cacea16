"""Executes a notebook as Jupyter does: ``run_notebook.py SOURCE RESULT [KERNEL ARGUMENTS]``, in the current folder."""

from __future__ import annotations

import sys

import nbformat
from nbclient import NotebookClient

if __name__ == "__main__":
    source, result, *arguments = sys.argv[1:]
    notebook = nbformat.read(source, as_version=4)
    nbformat.validate(notebook)
    limits = {"timeout": 240, "startup_timeout": 240}  # seconds; a busy machine may take its time
    client = NotebookClient(notebook, **limits, kernel_name="python3", extra_arguments=arguments)
    client.execute()
    nbformat.write(notebook, result)
