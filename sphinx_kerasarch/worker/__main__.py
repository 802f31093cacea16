"""The child process: answers requests until its pipe closes.

Started *by path*, ``python <package>/worker/__main__.py READ_FD WRITE_FD``, also by interpreters that do not have
this package installed. Without arguments stdin and stdout are the channel (where no descriptors can be inherited);
they are moved out of the way of user code at once. With the argument ``file`` it reads one saved model, runs no code
of the user's, imports no Keras and ends.
"""

from __future__ import annotations

import os
import sys

OLDEST = (3, 11)
NAME = "sphinx_kerasarch"


def main() -> None:  # in old Python, so that an old one can be told so
    if sys.argv[1:] == ["file"] and sys.version_info >= OLDEST:
        register()
        from sphinx_kerasarch.worker.static.answer import main as read_file

        read_file()
        return
    if len(sys.argv) > 2:
        source, sink = int(sys.argv[1]), int(sys.argv[2])
        os.set_inheritable(source, False)
        os.set_inheritable(sink, False)
    else:
        source, sink = os.dup(0), os.dup(1)
        os.dup2(2, 1)
    # Scripts that parse their arguments when they are imported take them for theirs.
    del sys.argv[1:]
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    if sys.version_info < OLDEST:
        sys.stderr.write("needs Python %d.%d or newer, this is %d.%d\n" % (OLDEST + sys.version_info[:2]))  # noqa: UP031
        sys.exit(64)
    register()
    from sphinx_kerasarch.worker.serve import serve

    serve(source, sink)
    # Whoever asked is gone; a backend takes its time to end in order.
    os._exit(0)


def register() -> None:
    """Make this package importable from where this file lies, and nothing else of what lies beside it."""
    import importlib.util

    worker = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
    package = os.path.dirname(worker)  # noqa: PTH120
    # A script's own folder comes first on the path; its modules would hide the user's of the same names.
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != worker]  # noqa: PTH100
    spec = importlib.util.spec_from_file_location(
        NAME, os.path.join(package, "__init__.py"), submodule_search_locations=[package]  # noqa: PTH118
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    main()
