"""A small project full of faults, and one inspector for all tests that need Keras."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sphinx_kerasarch.inspector import Inspector

FAULTS = '''
import ctypes, os, signal, subprocess, sys, threading, time
import keras

def good(units=3):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)], name="good")

def raises():
    print("before the fault")
    raise ValueError("no such size")

def interrupts():
    raise KeyboardInterrupt

class Speechless(Exception):
    def __str__(self):
        raise RuntimeError("no words")

def says_nothing():
    raise Speechless

def says_much():
    raise ValueError("x" * 10_000_000)

def replaces_output():
    print("to the old stream")
    sys.stdout = sys.stderr = None
    return good()

def replaces_output_and_raises():
    print("to the old stream")
    sys.stdout = None
    os.close(2)
    raise ValueError("afterwards")

def leaves():
    sys.exit(4)

def exits():
    print("last words")
    os._exit(3)

def aborts():
    os.abort()

def segfaults():
    return ctypes.string_at(0)

def killed():
    os.kill(os.getpid(), signal.SIGKILL)

def loops():
    while True:
        pass

def sleeps_in_c():
    time.sleep(600)

def is_stalled():
    """Stopped as on a busy machine, from before it is asked where it is until some time after that."""
    own = os.getpid()
    if os.fork() == 0:
        asked = 1 << signal.SIGUSR1 - 1
        os.kill(own, signal.SIGSTOP)
        while not asked & int(open(f"/proc/{own}/status").read().partition("ShdPnd:")[2].split()[0], 16):
            time.sleep(0.01)
        time.sleep(0.4)
        os.kill(own, signal.SIGCONT)
        os._exit(0)
    while True:
        pass

def chatters():
    line = "x" * 999
    for number in range(100_000):
        print(line, number)
    raise RuntimeError("after much talk")

def chatters_well():
    os.write(1, b"y" * 5_000_000)
    os.write(2, b"z" * 5_000_000)
    print("done")
    return good()

def closes():
    os.closerange(3, 1024)
    return good()

def closes_output():
    sys.stdout.close()
    os.close(1)
    os.close(2)
    return good()

def leaves_a_process(group, note):
    process = subprocess.Popen(["sleep", "600"], start_new_session=not group)
    open(note, "w").write(str(process.pid))
    return good()

def leaves_a_thread():
    threading.Thread(target=time.sleep, args=(600,)).start()
    return good()

def forgets_a_fork():
    os.fork()
    return good()

def pollutes():
    os.chdir("/")
    os.environ["POLLUTED"] = "yes"
    sys.argv.append("--odd")
    sys.path.insert(0, "/nowhere")
    keras.config.set_dtype_policy("mixed_float16")
    keras.layers.Dense.pollution = True
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])

def clean():
    assert os.getcwd() != "/" and "POLLUTED" not in os.environ
    assert "--odd" not in sys.argv and "/nowhere" not in sys.path
    assert keras.config.dtype_policy().name == "float32"
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])

def untouched():
    assert not hasattr(keras.layers.Dense, "pollution")
    return good()

def tells():
    print(sys.path, file=sys.stderr)
    raise RuntimeError("|".join(sys.path))

def fits():
    import numpy
    model = good(2)
    model.compile("adam", "mse")
    model.fit(numpy.zeros((8, 4)), numpy.zeros((8, 2)), verbose=1)
    model.predict(numpy.zeros((2, 4)))
    return model

def recurses():
    return recurses()

def deep():
    x = first = keras.Input((2,))
    for _ in range(1500):
        x = keras.layers.Activation("relu")(x)
    return keras.Model(first, x)
'''


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("project")
    (place / "faults.py").write_text(FAULTS)
    (place / "lazy.py").write_text("NAME = 'the module of the user, not ours of the same name'\n")
    (place / "deadlock.py").write_text("import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()\n")
    (place / "namesake.py").write_text(
        "import lazy, faults\n\ndef build():\n    assert lazy.NAME\n    return faults.good()\n"
    )
    (place / "chooses.py").write_text(
        "import os\nos.environ['KERAS_BACKEND'] = 'jax'\nfrom faults import good\n\n"
        "def build():\n    assert good.__globals__['keras'].backend.backend() == 'jax'\n    return good()\n\n"
        "def computes():\n    import keras\n    keras.ops.exp(keras.ops.ones(2))\n    return build()\n"
    )
    return place


@pytest.fixture(scope="session")
def inspector(project: Path) -> Iterator[Inspector]:
    with Inspector(path=(str(project),), timeout=100.0) as found:
        yield found
