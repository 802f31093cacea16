"""The project on which the table of changes is tried: one factory for each way to depend on something."""

from __future__ import annotations

import hashlib
import importlib.machinery
import json
import py_compile
import shutil
import sqlite3
import sys
import sysconfig
import textwrap
import venv
import zipfile
from pathlib import Path

MODELS = '''
import importlib.resources, importlib.util, json, mmap, os, pkgutil, sqlite3, subprocess, sys
from pathlib import Path
import h5py, keras, numpy
from . import blocks

HERE = Path(__file__).parent

def net(units):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(int(units))])

def plain(units=blocks.UNITS):
    return net(units)

def from_json():
    return net(json.loads((HERE / "sizes.json").read_text())["units"])

def from_resource():
    return net(importlib.resources.files("shop").joinpath("data", "units.txt").read_text())

def from_package_data():
    return net(pkgutil.get_data("shop", "data/units.txt"))

def from_array():
    return net(len(numpy.load(HERE / "weights.npy")))

def from_hdf5():
    with h5py.File(HERE / "weights.h5") as file:
        return net(file["x"].shape[0])

def from_descriptor():
    handle = os.open(HERE / "data" / "units.txt", os.O_RDONLY)
    with mmap.mmap(handle, 0, access=mmap.ACCESS_READ) as view:
        return net(view[:1])

def from_database():
    with sqlite3.connect(HERE / "sizes.db") as base:
        return net(base.execute("select units from sizes").fetchone()[0])

def from_database_address():
    with sqlite3.connect(f"{(HERE / 'sizes.db').as_uri()}?mode=ro", uri=True) as base:
        return net(base.execute("select units from sizes").fetchone()[0])

def from_script():
    done = subprocess.run([sys.executable, HERE / "count.py"], capture_output=True, check=True)
    return net(done.stdout)

def from_extension():
    from . import EXTENSION
    return net(2)

def from_archive():
    import zipped
    return net(zipped.UNITS)

def from_compiled():
    from . import compiled
    return net(compiled.UNITS)

def from_unchecked():
    from . import trusted
    return net(trusted.UNITS)

def from_namespace():
    from loose import sizes
    return net(sizes.UNITS)

def from_run_file():
    told = {}
    exec(compile((HERE / "script.py").read_text(), "script", "exec"), told)
    return net(told["UNITS"])

def listed():
    return net(len(os.listdir(HERE / "parts")))

def globbed():
    return net(len([*HERE.glob("parts/*.txt")]))

def searched():
    return net(1 + len([*(HERE.parent / "tree").rglob("*.toml")]))

def listed_in_vain():
    return net(1 + len([*(HERE / "more").glob("*.txt")]))

def if_there():
    return net(9 if (HERE / "large").exists() else 2)

def if_opens():
    try:
        return net((HERE / "local" / "units.txt").read_text())
    except FileNotFoundError:
        return net(2)

def by_size():
    return net(os.path.getsize(HERE / "big.bin"))

def by_size_if_there():
    return net(os.path.getsize(HERE / "big.bin") if (HERE / "big.bin").is_file() else 1)

def by_time():
    return net(2 if os.path.getmtime(HERE / "big.bin") else 3)

def through_link():
    return net((HERE / "current" / "units.txt").read_text())

def beside_resolved():
    return net(((HERE / "current").resolve() / "units.txt").read_text())

def in_folder():
    return net(Path("units.txt").read_text())

def at_home():
    return net((Path.home() / ".shop" / "units.txt").read_text())

def outside():
    return net(Path(OUTSIDE).read_text())

def variable():
    return net(os.environ.get("SHOP_UNITS", "2"))

def variable_there():
    return net(9 if "SHOP_LARGE" in os.environ else 2)

def variable_expanded():
    return net(os.path.expandvars("${SHOP_UNITS}").replace("${SHOP_UNITS}", "2"))

def all_variables():
    return net({name: value for name, value in os.environ.items() if name.startswith("SHOP_")}.get("SHOP_UNITS", "2"))

def looks_for_package():
    return net(9 if importlib.util.find_spec("made_up_accelerator") else 2)

def makes_a_file():
    (HERE / "made").mkdir(exist_ok=True)
    (HERE / "made" / "units.txt").write_text("5")
    return net((HERE / "made" / "units.txt").read_text())

def keeps_a_product():
    file = HERE / "product.txt"
    if not file.exists():
        file.write_text("5")
    return net(file.read_text())

def tries_a_product():
    try:
        return net((HERE / "tried.txt").read_text())
    except FileNotFoundError:
        (HERE / "tried.txt").write_text("5")
        return net(5)

def dotenv():
    from dotenv import load_dotenv
    load_dotenv(HERE / "settings.env")
    return net(os.environ["SHOP_WIDTH"])

def from_markup():
    from lxml import etree
    return net(etree.parse(HERE / "units.xml").getroot().text)

def from_lines():
    import tensorflow
    return net(len([*tensorflow.data.TextLineDataset(str(HERE / "words.txt"))]))

def from_vocabulary():
    return net(keras.layers.StringLookup(vocabulary=str(HERE / "words.txt")).vocabulary_size())

def counts_its_runs():
    file = HERE / "runs.txt"
    file.write_text(str(int(file.read_text()) + 1))
    return net(file.read_text())
'''

ALONE = """
import keras

def build(units=7):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])
"""

PAGE = """
Shop
====

.. toctree::
   :glob:

   [mo]*

.. keras-model:: shop.alone:build
   :views: layered
   :width: 60%
   :theme: light

   A small net
"""

CONF = """
project = "Shop"
extensions = ["sphinx_kerasarch"]
kerasarch_path = ["../project"]
kerasarch_cache_dir = "../cache of pages"
"""

OPTIONAL = '''
import keras
try:
    from .local_settings import UNITS
except ImportError:
    UNITS = 2
try:
    import made_up_accelerator
except ImportError:
    pass

def build():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(UNITS)])
'''

INSTALLED = '''
import importlib.metadata, keras

def net(units):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(int(units))])

def released():
    import shelf
    return net(shelf.UNITS)

def version_told():
    return net(importlib.metadata.version("bare").partition(".")[0])

def entry_points():
    return net(2 + len(importlib.metadata.entry_points(group="shop.parts")))

def by_path():
    import by_path
    return net(by_path.UNITS)

def by_hook():
    import by_hook.sizes
    return net(by_hook.sizes.UNITS)

def by_link():
    import by_link
    return net(by_link.UNITS)

def by_hand():
    import by_hand
    return net(by_hand.UNITS)

def from_here():
    import from_here
    return net(from_here.UNITS)

def version_missed():
    try:
        return net(importlib.metadata.version("goods-extra").partition(".")[0])
    except importlib.metadata.PackageNotFoundError:
        return net(2)

def open_package():
    import open_package.core
    try:
        from open_package import extra
    except ImportError:
        return net(open_package.core.UNITS)
    return net(extra.UNITS)

def by_redirection():
    import by_redirection
    return net(by_redirection.UNITS)

def by_build():
    import by_build
    return net(by_build.UNITS)

def missing():
    try:
        import yaml_of_ours
    except ImportError:
        return net(2)
    return net(3)
'''

FINDER = '''
import sys
from importlib.util import spec_from_file_location
from pathlib import Path
MAPPING: dict[str, str] = {mapping}

class Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        place = Path(MAPPING.get(name, "/nowhere"), "__init__.py")
        return spec_from_file_location(name, place) if place.is_file() else None

def install():
    sys.meta_path.append(Finder)
'''
"""As setuptools writes it for a package that is installed for editing."""


REDIRECTOR = '''
import importlib.util, sys

class RedirectingFinder:
    known = {}

    @classmethod
    def map_module(cls, name, path):
        cls.known[name] = path

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return importlib.util.spec_from_file_location(name, cls.known[name]) if name in cls.known else None

    @classmethod
    def install(cls):
        sys.meta_path.insert(0, cls)
'''
"""As the package ``editables`` has it, with which hatchling and pdm install for editing."""

REDIRECTED = """
from redirector import RedirectingFinder as F
F.install()
F.map_module('by_redirection', {path!r})
"""

BUILT = """
import importlib.util, json, sys
from pathlib import Path

class Finder:
    def __init__(self, names, build):
        self.names, self.build = names, build

    def find_spec(self, name, path=None, target=None):
        if name not in self.names:
            return None
        plan = json.loads(Path(self.build, "plan.json").read_text())
        return importlib.util.spec_from_file_location(name, plan[name])

def install(package, names, build, command, verbose=False):
    sys.meta_path.insert(0, Finder(names, build))

install('by_build', {{'by_build'}}, {path!r}, ['ninja'], False)
"""
"""As meson-python writes it: the build tells where its sources are."""


def hook(site: Path, name: str, text: str) -> dict[Path, str]:
    """A module that is imported when Python starts."""
    return {site / f"{name}.py": text, site / f"{name}.pth": f"import {name}\n"}


def lists(site: Path, name: str, text: str, origin: str = "") -> dict[Path, str]:
    """A distribution of one module with a ``RECORD``, as pip leaves it; ``origin``: the folder it was made from."""
    about = site / f"{name}-1.0.dist-info"
    told = {about / "direct_url.json": f'{{"dir_info": {{}}, "url": "file:///{origin}"}}'} if origin else {}
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {
        site / f"{name}.py": text,
        about / "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        about / "RECORD": f"{name}.py,sha256={digest},{len(text)}\n{about.name}/RECORD,,\n",
        **told,
    }


def extension() -> Path | None:
    """Some extension module of the standard library, to be one of the project's."""
    folder = Path(sysconfig.get_config_var("DESTSHARED") or "/nowhere")
    ends = importlib.machinery.EXTENSION_SUFFIXES
    names = (f"{name}{end}" for name in ("_bisect", "_heapq", "_queue") for end in ends)
    return next((folder / name for name in names if (folder / name).is_file()), None)


def write(files: dict[Path, str]) -> None:
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def make(place: Path) -> None:
    """``project``, ``home`` and ``outside`` below ``place``."""
    import h5py
    import numpy

    project, shop = place / "project", place / "project" / "shop"
    module = extension()
    outside = place / "outside" / "units.txt"
    models = MODELS.replace("EXTENSION", module.name.partition(".")[0] if module else "blocks")
    write(
        {
            shop / "__init__.py": "",
            shop / "blocks.py": "UNITS = 3  # as in the paper\n",
            shop / "models.py": models.replace("OUTSIDE", repr(str(outside))),
            shop / "optional.py": OPTIONAL,
            shop / "alone.py": ALONE,
            shop / "unused.py": "# Nobody imports this.\n",
            shop / "sizes.json": '{"units": 3}',
            shop / "units.xml": "<units>3</units>",
            shop / "words.txt": "a\nb\n",
            shop / "settings.env": "SHOP_WIDTH=${SHOP_UNITS:-3}\n",
            shop / "data" / "units.txt": "3",
            shop / "parts" / "one.txt": "",
            shop / "count.py": 'from pathlib import Path\nprint(Path(__file__).with_name("counted.txt").read_text())\n',
            shop / "counted.txt": "3",
            shop / "script.py": "UNITS = 4\n",
            shop / "v1" / "units.txt": "3",
            shop / "v2" / "units.txt": "4",
            shop / "v3" / "units.txt": "3",
            shop / "big.bin": "12345",
            shop / "runs.txt": "1",
            shop / "compiled_source.py": "UNITS = 3\n",
            shop / "trusted.py": "UNITS = 3\n",
            project / "loose" / "sizes.py": "UNITS = 3\n",
            project / "later" / "README.txt": "The last folder of the import path.\n",
            project / "units.txt": "3",
            project / "tree" / ".git" / "objects" / "0a" / "1": "",
            project / "other.txt": "",
            project / "README.rst": "Shop\n====\n",
            place / "home" / ".shop" / "units.txt": "3",
            outside: "3",
            place / "docs" / "index.rst": PAGE,
            place / "docs" / "more.rst": "More\n====\n\n.. keras-model:: shop.alone:build\n   :no-index:\n",
            place / "docs" / "conf.py": CONF,
        }
    )
    py_compile.compile(str(shop / "compiled_source.py"), cfile=str(shop / "compiled.pyc"))
    (shop / "compiled_source.py").unlink()
    py_compile.compile(str(shop / "trusted.py"), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    (shop / "current").symlink_to("v1")
    numpy.save(shop / "weights.npy", numpy.zeros(3))
    with h5py.File(shop / "weights.h5", "w") as file:
        file["x"] = numpy.zeros(3)
    base = sqlite3.connect(shop / "sizes.db")
    base.executescript("create table sizes (units integer); insert into sizes values (3);")
    base.close()
    with zipfile.ZipFile(project / "lib.zip", "w") as archive:
        archive.writestr("zipped.py", "UNITS = 3\n")
    if module:
        shutil.copy(module, shop / module.name)


def redirected(folder: Path) -> str:
    return REDIRECTED.format(path=str(folder / "by_redirection.py"))


def built(folder: Path) -> str:
    return BUILT.format(path=str(folder))


def make_environment(place: Path) -> Path:
    """An interpreter with packages of every kind; Keras is lent to it."""
    root = place / "venv"
    venv.create(root, symlinks=True, with_pip=False)
    python = next(path for path in (root / "bin" / "python", root / "Scripts" / "python.exe") if path.exists())
    (site,) = [*root.glob("lib/python*/site-packages"), *root.glob("Lib/site-packages")]
    lent = [entry for entry in sys.path if Path(entry).name in {"site-packages", "dist-packages"}]
    src = place / "src"
    metadata = "Metadata-Version: 2.1\nName: {}\nVersion: 1.0\n"
    write(
        {
            place / "installed" / "goods.py": INSTALLED,
            site / "a_lent.pth": "\n".join(lent) + "\n",
            site / "shelf" / "__init__.py": "import os\nUNITS = 3\nos.environ.get('SHELF_TOKEN'), os.getenv('TERM')\n",
            site / "shelf-1.0.dist-info" / "METADATA": metadata.format("shelf"),
            site / "shelf-1.0.dist-info" / "top_level.txt": "shelf\n",
            site / "bare-1.0.dist-info" / "METADATA": metadata.format("bare"),
            site / "spare-1.0.dist-info" / "METADATA": metadata.format("spare"),
            site / "by_hand.py": "UNITS = 3\n",
            site / "by_path.pth": f"{src / 'path'}\n",
            site / "by_path-1.0.dist-info" / "METADATA": metadata.format("by_path"),
            site / "by_path-1.0.dist-info" / "top_level.txt": "by_path\n",
            src / "path" / "by_path.py": "UNITS = 3\n",
            src / "path_of_others" / "README.txt": "",
            site / "__editable___by_hook_finder.py": textwrap.dedent(FINDER).replace(
                "{mapping}", repr({"by_hook": str(src / "hook" / "by_hook")})
            ),
            site / "__editable__.by_hook.pth": "import __editable___by_hook_finder as f; f.install()\n",
            src / "hook" / "by_hook" / "__init__.py": "",
            src / "hook" / "by_hook" / "sizes.py": "UNITS = 3\n",
            src / "hook2" / "by_hook" / "__init__.py": "",
            src / "hook2" / "by_hook" / "sizes.py": "UNITS = 3\n",
            src / "link" / "by_link" / "__init__.py": "UNITS = 3\n",
            site / "bare-1.0.dist-info" / "entry_points.txt": "[shop.parts]\none = bare\n",
            **lists(site, "from_here", "UNITS = 3\n", "home/one/shop"),
            site / "open_package" / "core.py": "UNITS = 3\n",
            site / "open_core-1.0.dist-info" / "RECORD": "open_package/core.py,,\n",
            site / "open_core-1.0.dist-info" / "METADATA": metadata.format("open-core"),
            site / "redirector.py": REDIRECTOR,
            **hook(site, "_editable_impl_by_redirection", redirected(src / "redirected")),
            **hook(site, "_by_build_editable_loader", built(src / "build")),
            src / "build" / "plan.json": json.dumps({"by_build": str(src / "built" / "by_build.py")}),
            src / "build2" / "plan.json": json.dumps({"by_build": str(src / "built2" / "by_build.py")}),
            **{src / folder / "by_build.py": "UNITS = 3\n" for folder in ("built", "built2")},
            **{src / folder / "by_redirection.py": "UNITS = 3\n" for folder in ("redirected", "redirected2")},
        }
    )
    (site / "by_link").symlink_to(src / "link" / "by_link")
    return python
