"""A store that machines share, on fsspec's memory and local file systems and on a server that speaks S3."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch.cache import Store
from sphinx_kerasarch.cache.foreign import is_whole
from sphinx_kerasarch.cache.remote import BATCH, FEW, Remote, shown
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.wire import record
from sphinx_kerasarch.wire.question import Description, Request

fsspec = pytest.importorskip("fsspec", reason="the extra remote is not installed")

SPEC = loads((Path(__file__).parents[1] / "specs" / "mlp.json").read_text("utf-8"))
MANY = BATCH + FEW


@pytest.fixture(params=["memory", "file", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "memory":
        yield f"memory://{tmp_path.name}/cache"
    elif request.param == "file":
        yield (tmp_path / "shared").as_uri()
    else:
        yield f"s3://{request.getfixturevalue('bucket')}/{tmp_path.name}"


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """On a server of this machine."""
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    server = pytest.importorskip("moto.server", reason="moto[server] is not installed")
    import s3fs

    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    given = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "here", "AWS_SECRET_ACCESS_KEY": "here",
        "AWS_DEFAULT_REGION": "us-east-1",
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(name, value)
        s3fs.S3FileSystem().mkdir("models")
        yield "models"
    running.stop()


class Machine:
    """A checkout of the project with a cache of its own."""

    def __init__(self, place: Path, url: str, patience: float = 20.0) -> None:
        self.said: list[str] = []
        self.file = place / "checkout" / "models.py"
        self.file.parent.mkdir(parents=True)
        self.file.write_text("UNITS = 3\n")
        self.settings = {"path": ["."], "roots": [str(self.file.parent)]}
        self.remote = Remote(url, self.said.append, patience)
        self.store = Store(place / "cache", self.remote)

    def description(self) -> Description:
        return Description(
            SPEC, {"files": {str(self.file): record.file_digest(self.file)}, "code": record.code_digest()}
        )

    def describe(self, *numbers: int) -> None:
        for number in numbers:
            self.store.keep(asked(number), self.settings, self.description())
        self.remote.flush()

    def find(self, *numbers: int) -> list[int]:
        """Those that are found, after the shared store was asked."""
        self.store.fetch((asked(number), self.settings) for number in numbers)
        found = {number: self.store.find(asked(number), self.settings) for number in numbers}
        assert all(answer is None or answer == self.description() for answer in found.values())
        return [number for number, answer in found.items() if answer is not None]


def asked(number: int) -> Request:
    return Request("models:build", f"units={number}")


# ---- sharing


def test_what_one_machine_describes_the_next_one_finds(url: str, tmp_path: Path) -> None:
    first, second = Machine(tmp_path / "first", url), Machine(tmp_path / "elsewhere" / "second", url)
    assert first.find(1, 2) == []
    first.describe(1, 2)
    assert second.find(1, 2, 3) == [1, 2]
    second.describe(3)
    assert first.find(3) == [3]
    assert first.said == second.said == []


def test_many_at_once(url: str, tmp_path: Path) -> None:
    first, second = Machine(tmp_path / "first", url), Machine(tmp_path / "second", url)
    first.describe(*range(MANY))
    assert second.find(*range(0, 2 * MANY, 2)) == list(range(0, MANY, 2))
    kept = {path.name for path in (tmp_path / "second" / "cache").rglob("*.json")}
    assert (
        len(list((tmp_path / "second" / "cache" / "descriptions").iterdir())) == MANY / 2 and len(kept) == 1
    )
    assert first.said == second.said == []


def test_what_is_here_is_not_fetched(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "one", f"memory://{tmp_path.name}/here")
    machine.describe(1)
    read: list[str] = []
    machine.remote._read = lambda names: read.extend(names) or []  # type: ignore[method-assign, func-returns-value]
    assert machine.find(1) == [1] and read == []


def test_another_version_of_a_file_is_another_entry(url: str, tmp_path: Path) -> None:
    first, second = Machine(tmp_path / "first", url), Machine(tmp_path / "second", url)
    second.file.write_text("UNITS = 4\n")
    first.describe(1)
    assert second.find(1) == []
    second.describe(1)
    third = Machine(tmp_path / "third", url)
    assert third.find(1) == [1]
    third.file.write_text("UNITS = 4\n")
    assert third.find(1) == [1]
    assert first.said + second.said + third.said == []


def test_a_cache_directory_is_a_remote_store(tmp_path: Path) -> None:
    first = Machine(tmp_path / "first", "memory://unused")
    first.describe(1)
    second = Machine(tmp_path / "second", (tmp_path / "first" / "cache").as_uri())
    assert second.find(1) == [1]


def test_nothing_is_asked_when_nothing_is_missing(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "one", "no-such-protocol://x")
    assert machine.find() == [] and machine.remote.usable


# ---- a remote is not trusted


def entry(change: Callable[[dict[str, Any]], object] = lambda entry: None) -> bytes:
    """A whole entry, changed, with a checksum that fits."""
    told = {"layout": 1, "key": "a" * 64, "target": "x:y", "inputs": {"files": {"0:x.py": "00"}, "code": "c"}}
    from sphinx_kerasarch.spec.codec import to_json

    data: dict[str, Any] = {**told, "spec": to_json(SPEC)}
    change(data)
    body = json.dumps(data).encode()
    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


NAME = f"descriptions/{'a' * 64}/{'b' * 32}.json"


def signed(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def put(**values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda entry: entry.update(values)


def in_spec(**values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda entry: entry["spec"].update(values)


def in_inputs(**values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda entry: entry["inputs"].update(values)


PICKLE = b"cposix\nsystem\n(S'touch pwned'\ntR."

BAD: dict[str, bytes] = {
    "empty": b"",
    "no checksum": b"{}",
    "cut": entry()[:-3],
    "bit": entry().replace(b"mlp", b"mlq", 1),
    "pickle": PICKLE,
    "pickle with checksum": signed(PICKLE),
    "no object": signed(b"[1]"),
    "nesting": signed(b"[" * 100_000),
    "another question": entry(put(key="c" * 64)),
    "another layout": entry(put(layout=99)),
    "no inputs": entry(put(inputs=None)),
    "files a list": entry(in_inputs(files=["/etc/passwd"])),
    "digest a number": entry(in_inputs(files={"0:x.py": 1})),
    "NUL in a path": entry(in_inputs(files={"0:x\0.py": "00"})),
    "surrogate in a path": entry(in_inputs(files={"\ud800": "00"})),
    "sites a text": entry(in_inputs(sites="/usr")),
    "modules of numbers": entry(in_inputs(modules={"/usr": {"os": 1}})),
    "missing a number": entry(in_inputs(missing=[1])),
    "code a list": entry(in_inputs(code=["x"])),
    "spec a list": entry(put(spec=[])),
    "unknown key": entry(in_spec(hook="os.system")),
    "name a number": entry(in_spec(name=1)),
    "layers a text": entry(in_spec(layers="many")),
    "shape a text": entry(
        lambda data: data["spec"]["calls"][0]["outputs"].append({"shape": ["wide"], "dtype": "float32"})
    ),
    "class an object": entry(lambda data: data["spec"]["layers"][0].update({"class": {"a": 1}})),
    "images of numbers": entry(in_spec(images={"a": 1})),
}


def test_a_whole_entry_is_taken() -> None:
    assert is_whole(NAME, entry())


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_entry_is_a_miss(name: str) -> None:
    assert not is_whole(NAME, BAD[name])


def test_what_the_worker_records_is_taken(tmp_path: Path) -> None:
    """All parts of a record, as a real one has them."""
    parts: dict[str, Any] = {
        "files": {"0:x.py": "00"}, "listings": {"0:.": "00"}, "kinds": {"0:y": "file 3"}, "links": {"0:z": "0:x.py"},
        "modules": {"0:.": {"os/": "x"}}, "shadows": {"0:.": "a b"}, "missing": ["c"], "lent": {"d": "1:."},
        "folder": {}, "packages": {"keras": "3.0"}, "sites": ["/usr"], "env": {"*": "00"},
        "keras_config": {"floatx": "float16"}, "backend": "jax", "python": "3.11", "code": "00",
    }  # fmt: skip
    assert is_whole(NAME, entry(put(inputs=parts)))


@pytest.mark.parametrize(
    "name",
    [
        "descriptions/../x.json", f"artifacts/aa/{'b' * 32}.json", f"descriptions/{'a' * 64}/../{'b' * 32}.json",
        f"descriptions/{'a' * 64}/{'b' * 32}.py", f"/descriptions/{'a' * 64}/{'b' * 32}.json", "CACHEDIR.TAG",
    ],
)  # fmt: skip
def test_no_other_file_is_taken(name: str) -> None:
    assert not is_whole(name, entry())


def test_recorded_models_are_whole_entries() -> None:
    """The check is strict, and all that the worker says passes it."""
    for path in sorted((Path(__file__).parents[1] / "specs").glob("*.json")):
        told = json.loads(path.read_text("utf-8"))
        assert is_whole(NAME, entry(put(spec=told))), path.name


def test_bad_entries_reach_neither_the_cache_nor_the_build(url: str, tmp_path: Path) -> None:
    first = Machine(tmp_path / "first", url)
    first.describe(*range(len(BAD)))
    system, root = fsspec.core.url_to_fs(url)
    paths = sorted(system.find(root))
    assert len(paths) == len(BAD)
    for path, data in zip(paths, BAD.values(), strict=True):
        system.pipe_file(path, data)
    second = Machine(tmp_path / "second", url)
    assert second.find(*range(len(BAD))) == []
    assert list((tmp_path / "second" / "cache").rglob("*.json")) == [] and second.said == []
    second.describe(0)  # and is written anew
    assert Machine(tmp_path / "third", url).find(0) == [0]


def test_large_entries_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"memory://{tmp_path.name}/large"
    Machine(tmp_path / "first", url).describe(1)
    monkeypatch.setattr("sphinx_kerasarch.cache.remote.LIMIT", 100)
    second = Machine(tmp_path / "second", url)
    second.remote._read = lambda names: pytest.fail("it was read")  # type: ignore[method-assign]
    assert second.find(1) == []


# ---- a remote that fails


class Broken(fsspec.AbstractFileSystem):  # type: ignore[misc, name-defined]
    """Does in every operation what the test wants."""

    protocol = "broken"
    cachable = False
    does: Callable[[], object]
    times = 0

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        type(self).times += 1
        type(self).does()
        return []

    def pipe_file(self, path: str, value: bytes, **_: Any) -> None:
        type(self).times += 1
        type(self).does()


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> type[Broken]:
    class Fresh(Broken):
        pass

    fsspec.register_implementation("broken", Fresh, clobber=True)
    return Fresh


def raises(error: BaseException) -> Callable[[], object]:
    def do() -> None:
        raise error

    return do


@pytest.mark.parametrize(
    "error",
    [
        ConnectionError("no route to host"),
        PermissionError("403: keys expired"),
        ValueError("odd"),
        SystemExit(3),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_failure_is_said_once_and_then_nothing_is_asked(
    tmp_path: Path, broken: type[Broken], error: BaseException
) -> None:
    broken.does = staticmethod(raises(error))  # type: ignore[assignment]
    machine = Machine(tmp_path / "one", "broken://anna:secret@host/cache?token=abc")
    for number in range(3):
        assert machine.find(number) == []
        machine.describe(number)
    assert broken.times == 1
    (said,) = machine.said
    assert said.startswith("The remote cache broken://host/cache cannot be used: ")
    assert str(error) in said and "secret" not in said and "abc" not in said
    assert machine.find(0, 1, 2) == [0, 1, 2]


def test_one_that_does_not_answer_is_waited_for_once(tmp_path: Path, broken: type[Broken]) -> None:
    broken.does = staticmethod(lambda: time.sleep(300))  # type: ignore[assignment]
    machine = Machine(tmp_path / "one", "broken://host/cache", patience=0.3)
    begin = time.monotonic()
    for number in range(3):
        assert machine.find(number) == []
        machine.describe(number)
    assert time.monotonic() - begin < 60 and broken.times == 1
    assert [said.partition("used: ")[2] for said in machine.said] == [
        "no answer within 0.3 seconds. The build goes on without it."
    ]


def test_who_may_only_read_is_not_told_at_every_build(tmp_path: Path, broken: type[Broken]) -> None:
    broken.does = staticmethod(lambda: None)  # type: ignore[assignment]
    machine = Machine(tmp_path / "one", "broken://host/cache")
    assert machine.find(1) == []
    broken.does = staticmethod(raises(PermissionError("403")))  # type: ignore[assignment]
    machine.describe(1)
    machine.describe(2)
    assert machine.said == [] and machine.remote.usable and broken.times == 2


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("no-such-protocol://x", "no-such-protocol"),
        ("gs:/x", "cannot be used"),
        ("file:///no/such/place", "No such file"),
    ],
)
def test_an_address_that_means_nothing(tmp_path: Path, url: str, advice: str) -> None:
    machine = Machine(tmp_path / "one", url)
    machine.find(1)
    machine.describe(1)
    assert len(machine.said) == 1 and advice in machine.said[0]


def test_without_fsspec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    machine = Machine(tmp_path / "one", "s3://bucket/cache")
    assert machine.find(1) == []
    assert "pip install 'sphinx-kerasarch[remote]'" in machine.said[0]


def test_a_missing_bucket_is_told_and_not_made(bucket: str, tmp_path: Path) -> None:
    import s3fs

    machine = Machine(tmp_path / "one", "s3://no-such-bucket/cache")
    assert machine.find(1) == []
    machine.describe(1)
    assert len(machine.said) == 1 and "bucket" in machine.said[0]
    assert not s3fs.S3FileSystem().exists("no-such-bucket")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("s3://bucket/folder", "s3://bucket/folder"),
        ("https://ann:pass@host:8080/x?key=1", "https://host:8080/x"),
        ("/mnt/cache", "/mnt/cache"),
    ],
)
def test_addresses_are_told_without_passwords(url: str, told: str) -> None:
    assert shown(url) == told
