"""Changes of everything that a project has, and whether its model is described anew after each.

A case takes a ``ground`` (see ``test_changes.py``): ``project``, ``shop`` (its package), ``place`` (the folder of both,
of ``home`` and ``outside``), ``site`` (packages of its interpreter), ``src`` (of packages installed for editing), and
``env``, the variables.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HEAD = ("Changed", "Described anew", "Why", "Test")
WIDTHS = (34, 9, 40, 17)

ANEW, KEPT, UNSEEN = "yes", "no", "no: not seen"


@dataclass(frozen=True)
class Change:
    name: str
    what: str
    target: str
    """Of ``shop.models`` where it has no module."""
    do: Callable[[Any], object]
    anew: str
    why: str
    ask: dict[str, Any] = field(default_factory=dict)
    """More of the request."""


def edit(path: str, old: str = "3", new: str = "4") -> Callable[[Any], object]:
    return lambda ground: _edit(ground.place / path, old, new)


def _edit(path: Path, old: str, new: str) -> None:
    data = path.read_bytes()
    assert old.encode() in data, path
    path.write_bytes(data.replace(old.encode(), new.encode()))


def write(path: str, text: str = "UNITS = 5\n") -> Callable[[Any], object]:
    def do(ground: Any) -> None:
        file = ground.place / path.replace("{site}", str(ground.site))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    return do


def grow(path: str, data: bytes = b" ") -> Callable[[Any], object]:
    return lambda ground: (ground.place / path).write_bytes((ground.place / path).read_bytes() + data)


def remove(path: str) -> Callable[[Any], object]:
    return lambda ground: (ground.place / path).unlink()


def relink(path: str, target: str) -> Callable[[Any], object]:
    def do(ground: Any) -> None:
        (ground.place / path).unlink()
        (ground.place / path).symlink_to(target)

    return do


def variable(name: str, value: str) -> Callable[[Any], object]:
    return lambda ground: ground.env.__setitem__(name, value)


def nothing(ground: Any) -> None:
    """Only asked a second time."""


def touch(ground: Any) -> None:
    for path in ground.project.rglob("*"):
        os.utime(path, (1, 1))


def same_size_same_time(ground: Any) -> None:
    path = ground.shop / "sizes.json"
    stat = path.stat()
    _edit(path, "3", "4")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def rewrite(ground: Any) -> None:
    path = ground.shop / "blocks.py"
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)


def permissions(ground: Any) -> None:
    for path in ground.project.rglob("*.py"):
        path.chmod(0o700)


def tools(ground: Any) -> None:
    for name in (".git/objects/0b/2", ".pytest_cache/v/x", "_build/html/index.html", ".mypy_cache/x", ".DS_Store"):
        write(f"project/tree/{name}")(ground)


def compile_all(ground: Any) -> None:
    import compileall

    compileall.compile_dir(ground.project, quiet=1)


def extension_module(ground: Any) -> None:
    for path in [*ground.shop.glob("*.so"), *ground.shop.glob("*.pyd")] or [ground.shop / "blocks.py"]:
        path.write_bytes(path.read_bytes() + b"\n")


def compiled(ground: Any) -> None:
    import py_compile

    (ground.place / "new.py").write_text("UNITS = 8\n")
    py_compile.compile(str(ground.place / "new.py"), cfile=str(ground.shop / "compiled.pyc"), doraise=True)


def unchecked(ground: Any) -> None:
    """As build systems make them that give all files the same time (PEP 552)."""
    import py_compile

    (ground.place / "new.py").write_text("UNITS = 8\n")
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    target = importlib.util.cache_from_source(str(ground.shop / "trusted.py"))
    py_compile.compile(str(ground.place / "new.py"), cfile=target, doraise=True, invalidation_mode=mode)


def archive(ground: Any) -> None:
    import zipfile

    with zipfile.ZipFile(ground.project / "lib.zip", "w") as file:
        file.writestr("zipped.py", "UNITS = 8\n")


def database(ground: Any) -> None:
    import sqlite3

    base = sqlite3.connect(ground.shop / "sizes.db")
    base.execute("update sizes set units = 8")
    base.commit()
    base.close()


def checkout(ground: Any) -> None:
    """All of it elsewhere; the old place is gone."""
    other = ground.place / "elsewhere" / "deep" / "clone"
    shutil.copytree(ground.project, other, symlinks=True)
    shutil.rmtree(ground.project)
    ground.project = other


def checkout_behind_link(ground: Any) -> None:
    link = ground.place / "by-link"
    link.symlink_to(ground.project)
    ground.project = link


def home(ground: Any) -> None:
    other = ground.place / "home of another"
    shutil.copytree(ground.place / "home", other)
    ground.env.update(HOME=str(other), USERPROFILE=str(other), USER="another", LOGNAME="another")


def line_ends(ground: Any) -> None:
    path = ground.shop / "blocks.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def release(name: str, old: str, new: str) -> Callable[[Any], object]:
    def do(ground: Any) -> None:
        (ground.site / f"{name}-{old}.dist-info").rename(ground.site / f"{name}-{new}.dist-info")

    return do


def install(name: str, module: str, more: str = "") -> Callable[[Any], object]:
    def do(ground: Any) -> None:
        write(f"{ground.site}/{module}.py")(ground)
        about = f"{ground.site}/{name}-1.0.dist-info"
        write(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")(ground)
        if more:
            write(f"{about}/entry_points.txt", more)(ground)

    return do


def install_here(origin: str, units: int) -> Callable[[Any], object]:
    """As ``pip install .`` does."""

    def do(ground: Any) -> None:
        from changes_project import lists
        from changes_project import write as put

        put(lists(ground.site, "from_here", f"UNITS = {units}\n", origin))

    return do


def beside_bytecode(ground: Any) -> None:
    """As of two changes in a second, or in a checkout that gives all files one time."""
    import py_compile

    path = ground.shop / "blocks.py"
    stat = path.stat()
    py_compile.compile(str(path), doraise=True)
    _edit(path, "3", "4")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def path_given(path: str, module: str) -> Callable[[Any], object]:
    def do(ground: Any) -> None:
        write(f"src/{path}/{module}.py")(ground)
        ground.env["PYTHONPATH"] = os.pathsep.join([str(ground.src / path), os.environ.get("PYTHONPATH", "")])

    return do


def archive_given(ground: Any) -> None:
    import zipfile

    with zipfile.ZipFile(ground.src / "given.zip", "w") as file:
        file.writestr("shelf/__init__.py", "UNITS = 8\n")
    ground.env["PYTHONPATH"] = os.pathsep.join([str(ground.src / "given.zip"), os.environ.get("PYTHONPATH", "")])


def rehook(name: str, old: str, new: str) -> Callable[[Any], object]:
    return lambda ground: _edit(ground.site / name, old, new)


def path_of_another(ground: Any) -> None:
    write("src/path_of_others/by_path.py")(ground)
    write(f"{ground.site}/a_first.pth", f"{ground.src / 'path_of_others'}\n")(ground)


def unrelated_path(ground: Any) -> None:
    write(f"{ground.site}/a_first.pth", f"{ground.src / 'path_of_others'}\n")(ground)


def moved_environment(ground: Any) -> None:
    """The same packages under another path, as on another machine."""
    link = ground.place / "other-machine" / "site-packages"
    link.parent.mkdir()
    link.symlink_to(ground.sites[0])
    ground.move_site(str(link))


def library_variables(ground: Any) -> None:
    keras = str(ground.place / "home" / ".keras")
    ground.env.update(TF_CPP_MIN_LOG_LEVEL="0", TF_XLA_FLAGS="--x", KERAS_HOME=keras)


KERAS_JSON = '{{"floatx": "float32", "epsilon": 1e-07, "backend": "tensorflow", "image_data_format": "{}"}}'

READ = (
    Change("imported-module", "a module that the target's module imports", "plain", edit("project/shop/blocks.py"),
           ANEW, "its content counts"),
    Change("comment", "a comment in it", "plain", edit("project/shop/blocks.py", "paper", "book"), ANEW,
           "content is content: what is a comment to Python may be read by code"),
    Change("line-ends", "its line ends, to those of Windows", "plain", line_ends, ANEW, "likewise"),
    Change("package-init", "``__init__.py`` of a package above", "shop.alone:build", grow("project/shop/__init__.py"),
           ANEW, "importing a module runs it"),
    Change("same-size-and-time", "a JSON file, to one of the same size, its time set back", "from_json",
           same_size_same_time, ANEW, "times are not asked"),
    Change("deleted", "a JSON file goes away", "from_json", remove("project/shop/sizes.json"), ANEW,
           "what was read is no more"),
    Change("resource", "a file that ``importlib.resources`` reads", "from_resource",
           edit("project/shop/data/units.txt"), ANEW, "opened files count"),
    Change("package-data", "a file that ``pkgutil.get_data`` reads", "from_package_data",
           edit("project/shop/data/units.txt"), ANEW, "opened files count"),
    Change("array", "a NumPy file", "from_array", grow("project/shop/weights.npy"), ANEW, "opened files count"),
    Change("hdf5", "an HDF5 file", "from_hdf5", grow("project/shop/weights.h5"), ANEW,
           "h5py opens it in C and is watched"),
    Change("markup", "an XML file that lxml reads", "from_markup", edit("project/shop/units.xml"), ANEW, "likewise"),
    Change("text-lines", "a file that ``tf.data`` reads", "from_lines", grow("project/shop/words.txt", b"c\n"), ANEW,
           "likewise, TensorFlow"),
    Change("vocabulary", "the vocabulary of a ``StringLookup``", "from_vocabulary",
           grow("project/shop/words.txt", b"c\n"), ANEW, "likewise"),
    Change("descriptor", "a file that ``os.open`` and ``mmap`` read", "from_descriptor",
           edit("project/shop/data/units.txt"), ANEW, "opened files count"),
    Change("database", "a SQLite database", "from_database", database, ANEW, "opened in C, which Python tells of"),
    Change("database-uri", "a SQLite database that an address names (``file:…?mode=ro``)", "from_database_address",
           database, ANEW, "likewise"),
    Change("extension", "a compiled extension module of the project", "from_extension", extension_module, ANEW,
           "by content, as its other files"),
    Change("archive", "an archive on the import path", "from_archive", archive, ANEW,
           "the file that holds the module counts"),
    Change("bytecode-alone", "a ``.pyc`` without source", "from_compiled", compiled, ANEW,
           "there is nothing else to go by"),
    Change("bytecode-unchecked", "a ``.pyc`` that Python takes without a look at its source", "from_unchecked",
           unchecked, ANEW, "the source says nothing about it"),
    Change("beside-bytecode", "a module, to one of the same size and time, beside its bytecode", "plain",
           beside_bytecode, ANEW, "bytecode of the project is not trusted for its time"),
    Change("namespace", "a module of a package without ``__init__.py``", "from_namespace",
           edit("project/loose/sizes.py"), ANEW, "imported modules count"),
    Change("executed", "a script that is run by ``exec``", "from_run_file", edit("project/shop/script.py", "4", "5"),
           ANEW, "opened files count"),
    Change("outside", "a file outside of the project", "outside", edit("outside/units.txt"), ANEW,
           "by content, wherever it lies"),
    Change("at-home", "a file in a hidden folder of the home", "at_home", edit("home/.shop/units.txt"), ANEW,
           "by content"),
    Change("relative", "a file in the folder that the build runs in", "in_folder", edit("project/units.txt"), ANEW,
           "by content"),
    Change("folder", "the folder that the build runs in", "in_folder",
           lambda ground: setattr(ground, "folder", "shop"), ANEW, "a relative path leads to another file"),
    Change("script", "a script that another process runs", "from_script", grow("project/shop/count.py"), ANEW,
           "files on a command line count"),
    Change("through-link", "what a link leads to, other content", "through_link",
           relink("project/shop/current", "v2"), ANEW, "the content behind the path is another one"),
    Change("resolved-link", "a link that the code resolves", "beside_resolved", relink("project/shop/current", "v2"),
           ANEW, "where links led is recorded"),
    Change("own-input", "nothing: the code changes a file that it has read", "counts_its_runs", nothing, ANEW,
           "the next run would read something else"),
)  # fmt: skip

LOOKED_FOR = (
    Change("product-changed", "a file that the code made because it was missing", "keeps_a_product",
           write("project/shop/product.txt", "9"), ANEW, "the code takes what it finds there"),
    Change("comes-and-exists", "a file comes that ``Path.exists`` did not find", "if_there",
           write("project/shop/large"), ANEW, "what was looked for in vain is recorded"),
    Change("comes-and-opens", "a file comes that could not be opened; its folder too", "if_opens",
           write("project/shop/local/units.txt", "7"), ANEW, "likewise"),
    Change("size", "the size of a file that is asked for", "by_size", grow("project/shop/big.bin"), ANEW,
           "``os.stat`` is watched"),
    Change("size-if-there", "the size of a file that is asked for after whether it is there", "by_size_if_there",
           grow("project/shop/big.bin"), ANEW, "likewise"),
    Change("new-in-listing", "a file comes into a folder that was listed", "listed",
           write("project/shop/parts/two.txt"), ANEW, "the names in it count"),
    Change("new-below", "a folder of files comes into one that was searched through", "searched",
           write("project/tree/deep/more/two.toml"), ANEW, "likewise"),
    Change("gone-from-listing", "a file goes from it", "globbed", remove("project/shop/parts/one.txt"), ANEW,
           "likewise"),
    Change("folder-comes", "a folder comes that was listed in vain", "listed_in_vain",
           write("project/shop/more/one.txt"), ANEW, "likewise"),
    Change("optional-module", "a module comes that ``try: import`` did not find", "shop.optional:build",
           write("project/shop/local_settings.py"), ANEW, "where modules are looked for is recorded"),
    Change("optional-package", "as a package at the top of the project", "shop.optional:build",
           write("project/made_up_accelerator/__init__.py"), ANEW, "likewise"),
    Change("optional-namespace", "as a folder without ``__init__.py``", "shop.optional:build",
           write("project/made_up_accelerator/one.py"), ANEW, "it can be imported as well"),
    Change("found-spec", "a module comes that ``importlib.util.find_spec`` did not find", "looks_for_package",
           write("project/made_up_accelerator.py"), ANEW, "likewise"),
    Change("shadow-earlier", "a package of the same name earlier on the import path", "from_namespace",
           write("project/shop_first/loose/__init__.py"), ANEW, "it would be imported instead",
           {"first": "shop_first"}),
    Change("shadow-package", "a package beside a module of its name", "plain",
           write("project/shop/blocks/__init__.py"), ANEW, "packages come before modules"),
    Change("shadow-source", "a source beside a ``.pyc`` of its name", "from_compiled",
           write("project/shop/compiled.py"), ANEW, "sources come before bytecode"),
    Change("shadow-library", "a module with the name of an installed package", "plain", write("project/numpy.py"),
           ANEW, "the project comes first on the path"),
)  # fmt: skip

SETTINGS = (
    Change("variable", "a variable that the code reads", "variable", variable("SHOP_UNITS", "8"), ANEW,
           "``os.environ`` is watched"),
    Change("variable-comes", "a variable that ``in os.environ`` did not find", "variable_there",
           variable("SHOP_LARGE", ""), ANEW, "set to nothing is not unset"),
    Change("variable-expanded", "a variable in ``os.path.expandvars``", "variable_expanded",
           variable("SHOP_UNITS", "8"), ANEW, "read on the code's behalf"),
    Change("dotenv-variable", "a variable that a file for ``python-dotenv`` refers to", "dotenv",
           variable("SHOP_UNITS", "8"), ANEW, "which ones is known, though the library goes through all"),
    Change("dotenv-set", "a variable that such a file sets", "dotenv", variable("SHOP_WIDTH", "8"), ANEW,
           "the variable comes before the file"),
    Change("all-variables", "any variable, when the code goes through all", "all_variables",
           variable("SOME_SWITCH", "1"), ANEW, "nobody can know which of them it takes"),
    Change("backend", "``KERAS_BACKEND``", "plain", variable("KERAS_BACKEND", "jax"), ANEW,
           "another program builds the model"),
    Change("keras-json", "``keras.json``: channels first", "plain",
           write("home/.keras/keras.json", KERAS_JSON.format("channels_first")), ANEW, "it changes shapes"),
    Change("arguments", "arguments of the target", "plain", nothing, ANEW, "another model", {"arguments": "units=9"}),
    Change("python", "another Python", "plain", lambda ground: ground.another_python(), ANEW,
           "its library may behave in another way"),
    Change("our-version", "our own code that describes", "plain", lambda ground: ground.another_version(), ANEW,
           "it may say more, or better"),
)  # fmt: skip

INSTALLED = (
    Change("release", "version of an installed package that is imported", "goods:released",
           release("shelf", "1.0", "1.1"), ANEW, "packages count by version"),
    Change("uninstalled", "an installed package goes away", "goods:released",
           lambda ground: shutil.rmtree(ground.site / "shelf-1.0.dist-info"), ANEW, "likewise"),
    Change("version-told", "a version that ``importlib.metadata`` tells", "goods:version_told",
           release("bare", "1.0", "2.0"), ANEW, "read, though not imported"),
    Change("entry-points", "a package comes, when the code looks for entry points", "goods:entry_points",
           install("plugin", "plugin", "[shop.parts]\none = plugin\n"), ANEW, "any package may have some"),
    Change("entry-points-edited", "the entry points of a package, with the same version", "goods:entry_points",
           write("{site}/bare-1.0.dist-info/entry_points.txt", "[shop.parts]\none = bare\ntwo = bare\n"), ANEW,
           "as after it was installed for editing again"),
    Change("version-comes", "a package comes whose version was asked in vain", "goods:version_missed",
           install("goods_extra", "goods_extra"), ANEW, "likewise"),
    Change("installed-again", "``pip install .`` again, after changes, with the same version", "goods:from_here",
           install_here("home/one/shop", 4), ANEW, "where no index tells of a package, its files count"),
    Change("installed-elsewhere", "``pip install .`` in another checkout of the same content", "goods:from_here",
           install_here("home/other/shop", 3), KEPT, "the same files"),
    Change("optional-part", "a module comes into an installed package without ``__init__.py``", "goods:open_package",
           write("{site}/open_package/extra.py"), ANEW, "any package may bring one"),
    Change("path-hides", "``PYTHONPATH``: a folder that has a module of an installed package", "goods:released",
           path_given("given", "shelf"), ANEW, "it would be imported instead"),
    Change("path-hides-archive", "an archive that has one", "goods:released", archive_given, ANEW, "likewise"),
    Change("path-unrelated", "a folder that has others", "goods:released", path_given("given", "unrelated"), KEPT,
           "nobody looked for them"),
    Change("installed", "a package is installed that ``try: import`` did not find", "goods:missing",
           install("Yaml-of-Ours", "yaml_of_ours"), ANEW, "by the module's name, whatever the package is called"),
    Change("editable-path", "a file of a package installed for editing by a ``.pth`` file", "goods:by_path",
           edit("src/path/by_path.py"), ANEW, "its files are project files"),
    Change("editable-hook", "by an import hook", "goods:by_hook", edit("src/hook/by_hook/sizes.py"), ANEW, "likewise"),
    Change("editable-link", "by a link", "goods:by_link", edit("src/link/by_link/__init__.py"), ANEW, "likewise"),
    Change("editable-elsewhere", "another folder with the same module earlier in ``.pth`` files", "goods:by_path",
           path_of_another, ANEW, "it would be imported instead"),
    Change("editable-moved", "the hook leads to another checkout", "goods:by_hook",
           lambda ground: _edit(ground.site / "__editable___by_hook_finder.py", "hook/by", "hook2/by"), ANEW,
           "likewise"),
    Change("editable-redirected", "the hook of hatchling or pdm leads to another one", "goods:by_redirection",
           rehook("_editable_impl_by_redirection.py", "src/redirected/", "src/redirected2/"), ANEW, "likewise"),
    Change("editable-built", "the hook of meson-python leads to another build", "goods:by_build",
           rehook("_by_build_editable_loader.py", "src/build'", "src/build2'"), ANEW, "likewise"),
    Change("editable-version", "version of a package that is installed for editing", "goods:by_path",
           release("by_path", "1.0", "1.1"), KEPT, "its files count; a version may be that of the last commit"),
    Change("by-hand", "a module that was put into ``site-packages`` by hand", "goods:by_hand",
           lambda ground: _edit(ground.site / "by_hand.py", "3", "4"), ANEW, "no version tells of it: by content"),
    Change("library-session", "a token and the terminal, which an installed package asks for", "goods:released",
           lambda ground: ground.env.update(SHELF_TOKEN="secret", TERM="dumb"), KEPT,
           "variables of the session count where the project's own code reads them"),
    Change("unrelated-release", "version of a package that is not imported", "goods:released",
           release("bare", "1.0", "2.0"), KEPT, "nobody asked for it"),
    Change("entry-points-unrelated", "version of a package, when the code looks for entry points", "goods:entry_points",
           release("spare", "1.0", "1.1"), KEPT, "it has none"),
    Change("unrelated-installed", "another package is installed", "goods:missing", install("unrelated", "unrelated"),
           KEPT, "nobody looked for it"),
    Change("unrelated-editable", "another package is installed for editing", "goods:by_path", unrelated_path, KEPT,
           "it has no module of these names"),
)  # fmt: skip

KEEPS = (
    Change("nothing", "nothing", "plain", nothing, KEPT, "the same question has the same answer"),
    Change("touched", "times of all files", "plain", touch, KEPT, "times are not asked"),
    Change("time-asked", "time of a file that the code asks for", "by_time", touch, KEPT,
           "no time of a file is ever an input: a clone has new ones"),
    Change("rewritten", "a file is written anew with the same content", "plain", rewrite, KEPT,
           "content is what counts"),
    Change("permissions", "permissions of files", "plain", permissions, KEPT, "they can still be read"),
    Change("bytecode", "``__pycache__`` comes", "plain", compile_all, KEPT,
           "sources count, also where bytecode is read"),
    Change("other-module", "a module that is not imported", "plain", grow("project/shop/unused.py"), KEPT, "not read"),
    Change("new-module", "a new module of another name", "plain", write("project/shop/another.py"), KEPT,
           "not looked for"),
    Change("new-folder", "a folder of data with the name of a library", "plain", write("project/numpy/data.txt"),
           KEPT, "without ``__init__.py`` it hides nothing"),
    Change("shadow-later", "a package of the same name later on the import path", "plain",
           write("project/later/shop/__init__.py"), KEPT, "the first one is taken"),
    Change("other-data", "a file beside the one that is read", "from_json", write("project/shop/other.json"), KEPT,
           "not read"),
    Change("tools", "folders of tools come into one that is searched through, and a commit", "searched", tools, KEPT,
           "``.git``, ``_build``, ``.pytest_cache`` and their like say nothing"),
    Change("other-part", "content of a file in a folder that was only listed", "listed",
           grow("project/shop/parts/one.txt"), KEPT, "the names were read, not the files"),
    Change("there-content", "content of a file that was only looked for", "by_time",
           edit("project/shop/big.bin", "5", "6"), KEPT, "it is still there"),
    Change("same-size", "content of a file whose size was asked for", "by_size",
           edit("project/shop/big.bin", "5", "6"), KEPT, "it is as long as before"),
    Change("link-same-content", "a link, to the same content", "through_link", relink("project/shop/current", "v3"),
           KEPT, "the same is read through it"),
    Change("checkout", "another checkout of the same content", "beside_resolved", checkout, KEPT,
           "paths are kept relative to the project"),
    Change("checkout-link", "a checkout that is reached through a link", "from_json", checkout_behind_link, KEPT,
           "likewise"),
    Change("home", "another user with another home of the same content", "at_home", home, KEPT,
           "files at home are kept relative to it"),
    Change("site-packages", "the same packages under another path", "plain", moved_environment, KEPT,
           "versions count, not places"),
    Change("keras-defaults", "Keras writes its ``keras.json``", "plain",
           write("home/.keras/keras.json", KERAS_JSON.format("channels_last")), KEPT, "it says what holds anyway"),
    Change("unread-variable", "a variable that nobody reads", "variable", variable("SHOP_COLOR", "blue"), KEPT,
           "not read"),
    Change("library-variable", "variables that TensorFlow and Keras read for themselves", "plain",
           library_variables,
           KEPT, "they do not change an architecture"),
    Change("session", "variables of the session, when the code goes through all", "all_variables",
           lambda ground: ground.env.update(TERM="vt100", COLUMNS="40", SHLVL="7", PWD="/", GITHUB_RUN_ID="8", UV="1"),
           KEPT,
           "those of the terminal, the user and the CI job are left out"),
    Change("hash-seed", "``PYTHONHASHSEED``", "plain", variable("PYTHONHASHSEED", "7"), KEPT,
           "the worker has always the same"),
    Change("locale", "locale and time zone", "plain",
           lambda ground: ground.env.update(LC_ALL="C", LANG="C", TZ="Asia/Tokyo"), KEPT, "not read"),
    Change("spelling", "spaces and quotes of the arguments", "shop.alone:build", nothing, KEPT, "the same call",
           {"arguments": "units=7", "spelled": " units = 0x7 "}),
    Change("product-gone", "a file goes that the code made because it was missing", "keeps_a_product",
           remove("project/shop/product.txt"), KEPT, "it would be made again"),
    Change("product-tried", "nothing: the code made a file that it could not open", "tries_a_product", nothing, KEPT,
           "it would read what it has made"),
    Change("dotenv-unrelated", "a variable that nobody reads, with ``python-dotenv``", "dotenv",
           variable("SHOP_COLOR", "blue"), KEPT, "the file does not refer to it"),
    Change("product", "nothing: the code reads a file that it has written", "makes_a_file", nothing, KEPT,
           "its products are not its sources"),
)  # fmt: skip

PAGES = (
    Change("caption", "the caption of a figure", "page", edit("docs/index.rst", "A small net", "A net"), KEPT,
           "drawn anew, not described"),
    Change("view", "its views", "page", edit("docs/index.rst", "layered", "summary"), KEPT, "likewise"),
    Change("theme", "its theme", "page", edit("docs/index.rst", ":theme: light", ":theme: dark"), KEPT, "likewise"),
    Change("width", "its width", "page", edit("docs/index.rst", "60%", "80%"), KEPT, "likewise"),
    Change("option-order", "the order of its options", "page",
           edit("docs/index.rst", "   :width: 60%\n   :theme: light\n", "   :theme: light\n   :width: 60%\n"), KEPT,
           "the same options"),
    Change("renamed-page", "the name of its page", "page",
           lambda ground: (ground.place / "docs" / "more.rst").rename(ground.place / "docs" / "other.rst"), KEPT,
           "a page is not part of the question"),
    Change("second-page", "another page shows the model too", "page",
           write("docs/second.rst", ":orphan:\n\nSecond\n======\n\n.. keras-model:: shop.alone:build\n   :no-index:\n"),
           KEPT, "the same question"),
    Change("conf-order", "the order of lines in ``conf.py``", "page",
           lambda ground: _reverse(ground.place / "docs" / "conf.py"), KEPT, "the same configuration"),
    Change("fresh-environment", "Sphinx' own environment is deleted", "page",
           lambda ground: (ground.place / "trees" / "environment.pickle").unlink(), KEPT,
           "the cache is a file of its own"),
)  # fmt: skip

NOT_SEEN = (
    Change("read-by-child", "a file that another process reads", "from_script", edit("project/shop/counted.txt"),
           UNSEEN, "only the files on its command line are seen"),
)  # fmt: skip

CHANGES = (*READ, *LOOKED_FOR, *SETTINGS, *INSTALLED, *KEEPS, *PAGES, *NOT_SEEN)


def _reverse(path: Path) -> None:
    path.write_text("\n".join(reversed(path.read_text("utf-8").splitlines())) + "\n", "utf-8")


def rows() -> list[tuple[str, str, str, str]]:
    return [(change.what, change.anew, change.why, f"``{change.name}``") for change in CHANGES]
