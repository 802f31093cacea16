"""A build in its own process, by recorded specs instead of Keras: ``recorded_build.py sphinx|mkdocs ARGUMENTS``."""

from __future__ import annotations

import sys

from recorded import Recorded

from sphinx_kerasarch import inspector
from sphinx_kerasarch.wire.question import Description, Request


class Telling(Recorded):
    """On standard output what it was asked for."""

    def describe(self, request: Request) -> Description:
        print("asked for", request.target)
        return super().describe(request)


def main() -> int:
    inspector.Inspector = Telling()  # type: ignore[misc, assignment]
    if sys.argv[1] == "sphinx":
        from sphinx.cmd.build import main as build

        return build(sys.argv[2:])
    from mkdocs.__main__ import cli

    cli(sys.argv[2:], standalone_mode=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
