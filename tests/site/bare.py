"""Run a module where neither Keras nor a backend is, and tell what it did.

``bare.py FOLDER ROOT SOURCES LOG MODULE …``

Started with ``-I -S``, so that nothing but the standard library is on the path; FOLDER has links to all installed
packages but those that compute. The log is JSON: processes that were started, modules of machine learning that were
asked for, and files below SOURCES that were opened or imported.
"""

from __future__ import annotations

import atexit
import json
import runpy
import sys
from pathlib import Path

STARTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system", "os.spawn"}
COMPUTES = {"keras", "tensorflow", "tf_keras", "jax", "torch", "numpy", "h5py", "menagerie"}


def main() -> None:
    folder, root, sources, log, module, *arguments = sys.argv[1:]
    sys.path += [root, folder]
    seen: dict[str, list[str]] = {"started": [], "imported": [], "opened": []}

    def hook(event: str, args: tuple[object, ...]) -> None:
        if event in STARTS:
            seen["started"].append(f"{event} {args}")
        elif event == "import" and str(args[0]).partition(".")[0] in COMPUTES:
            seen["imported"].append(str(args[0]))
        elif event in {"open", "exec", "compile"} and args:
            path = getattr(args[0], "co_filename", args[1] if event == "compile" else args[0])
            if isinstance(path, str) and Path(path).absolute().is_relative_to(sources):
                seen["opened"].append(f"{event} {path}")

    sys.addaudithook(hook)
    atexit.register(lambda: Path(log).write_text(json.dumps(seen), "utf-8"))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
