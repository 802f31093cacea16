"""What the code of a model can do wrong, and what the reader of the log then sees.

Each is a module of a user's project with a factory ``build``; all are models of one site.
"""

from __future__ import annotations

from dataclasses import dataclass

HEAD = ("What the model's code does", "What becomes of it", "Test")
WIDTHS = (38, 37, 25)

TIME = 6
"""Seconds, ``kerasarch_timeout`` of the site of those that hang; the others have all the time that they need. The good
models beside those that hang have to come in it as well, on a busy machine."""

MEMORY = 700
"""Megabytes, ``kerasarch_memory`` of the site."""


@dataclass(frozen=True, slots=True)
class Fault:
    name: str
    title: str
    code: str
    """Of the module; ``good`` is a model that can be shown."""
    slug: str = ""
    """Of the warning; empty where the model is shown all the same."""
    said: tuple[str, ...] = ()
    """Parts of the warning."""


FAULTS = (
    Fault(
        "raises",
        "raises an exception",
        "def build():\n    raise ValueError('no such size')\n",
        "build",
        ("ValueError: no such size", 'File "faulty/raises.py", line 6, in build'),
    ),
    Fault("leaves", "calls ``sys.exit``", "def build():\n    sys.exit(4)\n", "build", ("sys.exit(4)", "line 6")),
    Fault(
        "exits",
        "calls ``os._exit``",
        "def build():\n    print('last words')\n    os._exit(3)\n",
        "crash",
        ("ended with exit code 3", "os._exit", "last words"),
    ),
    Fault("aborts", "calls ``abort``", "def build():\n    os.abort()\n", "crash", ("SIGABRT", "line 6, in build")),
    Fault(
        "segfaults",
        "reads at address 0",
        "def build():\n    return ctypes.string_at(0)\n",
        "crash",
        ("SIGSEGV", "line 6, in build"),
    ),
    Fault(
        "kills",
        "kills its own process",
        "def build():\n    os.kill(os.getpid(), signal.SIGKILL)\n",
        "crash",
        ("SIGKILL", "kerasarch_memory"),
    ),
    Fault(
        "loops",
        "loops without end",
        "def build():\n    while True:\n        pass\n",
        "timeout",
        ("was not built within", "kerasarch_timeout", "in build"),
    ),
    Fault(
        "sleeps",
        "sleeps",
        "def build():\n    time.sleep(600)\n",
        "timeout",
        ("was not built within", "line 6, in build"),
    ),
    Fault(
        "holds",
        "sleeps in C and never lets Python go on",
        "def build():\n    ctypes.PyDLL(None).sleep(600)\n",
        "timeout",
        ("was not built within",),
    ),
    Fault(
        "deadlocks",
        "waits for itself at import",
        "lock = threading.Lock()\nlock.acquire()\nlock.acquire()\n",
        "timeout",
        ("was not built within", "line 7, in <module>"),
    ),
    Fault(
        "defies",
        "ignores every signal that can be ignored and loops",
        "def build():\n    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))\n"
        "    while True:\n        pass\n",
        "timeout",
        ("was not built within",),
    ),
    Fault(
        "stops",
        "stops its own process",
        "def build():\n    os.kill(os.getpid(), signal.SIGSTOP)\n",
        "timeout",
        ("was not built within",),
    ),
    Fault(
        "becomes",
        "replaces its process by another program",
        "def build():\n    os.execvp('sleep', ['sleep', '600'])\n",
        "crash",
        ("closed the channel", "os.exec"),
    ),
    Fault(
        "alarms",
        "sets an alarm that nobody handles",
        "def build():\n    signal.setitimer(signal.ITIMER_REAL, 0.1)\n    time.sleep(600)\n",
        "crash",
        ("SIGALRM",),
    ),
    Fault(
        "grows",
        "takes all memory",
        "def build():\n    taken = []\n    while True:\n        time.sleep(0.01) or taken.append(b'x' * (16 << 20))\n",
        "memory",
        (f"more than {MEMORY} MB", "kerasarch_memory", "line 8, in build"),
    ),
    Fault(
        "grows_apart",
        "takes all memory in a process of its own",
        "TAKE = 'import time\\ntaken = []\\nwhile True:\\n'\n"
        "TAKE += '    time.sleep(0.01) or taken.append(b\"x\" * (16 << 20))'\n"
        "def build():\n    subprocess.run([sys.executable, '-c', TAKE])\n",
        "memory",
        (f"more than {MEMORY} MB", "kerasarch_memory"),
    ),
    Fault(
        "chatters",
        "prints a gigabyte, then raises",
        "def build():\n    print('the first line')\n    block = b'.' * 1023 + b'\\n'\n"
        "    for _ in range(1024):\n        os.write(1, block * 1024)\n"
        "    print('the last line')\n    raise RuntimeError('after much talk')\n",
        "build",
        ("after much talk", "the first line", "the last line"),
    ),
    Fault(
        "tells",
        "answers with more than can be taken in: names of many megabytes",
        "def build():\n    x = first = keras.Input((4,))\n    for number in range(3):\n"
        "        x = keras.layers.Activation('relu', name=f'{number}' + 'n' * (8 << 20))(x)\n"
        "    return keras.Model(first, x)\n",
        "describe",
        ("too long",),
    ),
    Fault(
        "closes",
        "closes all file descriptors",
        "def build():\n    os.closerange(0, 4096)\n    return good()\n",
        "crash",
        ("closed the channel", "os.closerange"),
    ),
    Fault(
        "reopens",
        "closes all file descriptors and opens files with their numbers",
        "def build():\n    os.closerange(3, 4096)\n    for number in range(40):\n"
        "        os.open(f'{HERE}/mine{number}', os.O_CREAT | os.O_RDWR)\n    return good()\n",
        "crash",
        ("closed the channel",),
    ),
    Fault(
        "babbles",
        "writes to every file descriptor",
        "def build():\n    for number in range(3, 4096):\n        try:\n"
        "            os.write(number, b'\\0\\0\\0\\5babble')\n        except OSError:\n            pass\n"
        "    return good()\n",
        "crash",
        ("wrote to the channel",),
    ),
    Fault(
        "promises",
        "announces an answer on every file descriptor and ends",
        "def build():\n    for number in range(3, 4096):\n        try:\n"
        "            os.write(number, b'\\0\\1\\0\\0{')\n        except OSError:\n            pass\n"
        "    os._exit(0)\n",
        "crash",
        ("exit code 0",),
    ),
    Fault(
        "recurses",
        "calls itself without end",
        "def build():\n    return build()\n",
        "build",
        ("RecursionError", "more times"),
    ),
    Fault(
        "breeds",
        "leaves processes behind: one in its group, one in a session of its own that ignores every signal",
        "def build():\n    subprocess.Popen(['sleep', '600'])\n"
        "    ignore = 'import signal, time; [signal.signal(s, 1) for s in (1, 2, 3, 15)]; time.sleep(600)'\n"
        "    subprocess.Popen([sys.executable, '-c', ignore], start_new_session=True)\n    return good()\n",
    ),
    Fault(
        "breeds_and_hangs",
        "the same, twice removed, and is ended by the time-out",
        "def build():\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n"
        "            time.sleep(600)\n        os._exit(0)\n    time.sleep(600)\n",
        "timeout",
        ("was not built within",),
    ),
    Fault("forks", "forks and forgets which of the two it is", "def build():\n    os.fork()\n    return good()\n"),
    Fault(
        "leaves_a_thread",
        "leaves a thread that never ends",
        "def build():\n    threading.Thread(target=threading.Event().wait).start()\n    return good()\n",
    ),
    Fault(
        "wanders",
        "changes to a folder and removes it",
        "def build():\n    import tempfile\n    folder = tempfile.mkdtemp()\n    os.chdir(folder)\n"
        "    os.rmdir(folder)\n    return good()\n",
    ),
    Fault(
        "burns",
        "deletes its own source, when it has been read",
        "import faulty.fuel\n\ndef build():\n    os.remove(faulty.fuel.__file__)\n    return good()\n",
    ),
    Fault(
        "evicts",
        "deletes the folder for temporary files and the cache",
        "def build():\n    import shutil\n    shutil.rmtree(os.environ['TMPDIR'])\n"
        "    shutil.rmtree(f'{HERE}/../../cache', ignore_errors=True)\n    return good()\n",
    ),
    Fault(
        "groans",
        "raises where nobody can catch it: in ``__del__``, in threads, at exit",
        "class Groan:\n    def __del__(self):\n        raise RuntimeError('in __del__')\n\n"
        "def fail():\n    raise RuntimeError('in a thread')\n\n"
        "def build():\n    import atexit\n    atexit.register(fail)\n    threading.Thread(target=fail).start()\n"
        "    Groan()\n    return good()\n",
    ),
    Fault(
        "tampers",
        "puts its own in place of ``sys.stdout``, ``open``, ``json.dumps``, ``os.write``, ``len``",
        "def broken(*args, **kwargs):\n    raise RuntimeError('broken')\n\n"
        "def build():\n    import builtins, json\n    model = good()\n    sys.stdout = sys.stderr = None\n"
        "    builtins.open = builtins.len = json.dumps = json.loads = os.write = broken\n    return model\n",
    ),
)

HEADER = """import ctypes, os, signal, subprocess, sys, threading, time
import keras
from shop import good

HERE = os.path.dirname(os.path.abspath(__file__))
"""
"""The first lines of each module."""


def module(fault: Fault) -> str:
    return HEADER.replace("\n\nHERE", "\nHERE") + fault.code


def rows() -> list[tuple[str, ...]]:
    """Of the page."""
    return [
        (
            fault.title,
            f"``kerasarch.{fault.slug}``: *{fault.said[0]}*" if fault.slug else "shown as if nothing were",
            f"``test_fault[{fault.name}]``",
        )
        for fault in FAULTS
    ]
