"""``python -m sphinx_kerasarch`` is the ``kerasarch`` command."""

from .hosts.cli.main import main

if __name__ == "__main__":
    main()
