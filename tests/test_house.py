"""The house stands as docs/design.md says: imports run downward, and what ships is complete."""

from __future__ import annotations

import ast
import re
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import ROOT, python

PACKAGE = ROOT / "indexcalc"
MOST_LINES = 399

LEVELS = {
    "codes": 0,
    "errors": 0,
    "catalogue": 1,
    "unfolding": 1,
    "expr": 1,
    "lang": 2,
    "calculus": 2,
    "render": 2,
    "forms": 3,
    "proof": 3,
    "codegen": 3,
    "families": 3,
    "pages": 4,
    "against": 4,
    "jacobians": 4,
    "derivation": 5,
    "options": 5,
    "progress": 5,
    "cli": 6,
    "__init__": 6,
}
# The version is a label on the door, which every room may read.
LABELS = {"__version__"}
HEAVY = ("sympy", "numpy", "torch", "jax")


# Imports


def upward(package: Path) -> list[str]:
    """Every import of a room that is not below the importing one."""
    return [
        f"{path.relative_to(package)}:{line}: {here} imports {there}"
        for path in sorted(package.rglob("*.py"))
        for here in [room_of(path, package)]
        for line, there in imported_rooms(path, package)
        if here != there and level(there) >= level(here)
    ]


def level(room: str) -> int:
    assert room in LEVELS, f"{room} has no level: add it to LEVELS and to docs/design.md"
    return LEVELS[room]


def room_of(path: Path, package: Path) -> str:
    return path.relative_to(package).with_suffix("").parts[0]


def imported_rooms(path: Path, package: Path) -> Iterator[tuple[int, str]]:
    """The line and room of every import in a file, inside functions and by name included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Constant):
            for module in modules(node, path, package):
                parts = module.split(".")
                if parts[0] == package.name and parts[-1] not in LABELS:
                    yield node.lineno, room_named(parts[1:], package)


def modules(
    node: ast.Import | ast.ImportFrom | ast.Constant, path: Path, package: Path
) -> list[str]:
    """The full names of what is imported; a string that spells a module is loaded by name."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = absolute(node, path, package)
        return [f"{base}.{alias.name}" for alias in node.names]
    spelled = isinstance(node.value, str) and re.fullmatch(rf"{package.name}(\.\w+)+", node.value)
    return [str(node.value)] if spelled else []


def absolute(node: ast.ImportFrom, path: Path, package: Path) -> str:
    """Where `from ..x import y` looks, from the top."""
    if not node.level:
        return node.module or ""
    folders = path.relative_to(package.parent).parts[: -node.level]
    return ".".join([*folders, *([node.module] if node.module else [])])


def room_named(parts: list[str], package: Path) -> str:
    """The room that a dotted name leads to; a name of the package itself is in `__init__`."""
    room = parts[0] if parts else "__init__"
    is_room = (package / room).is_dir() or (package / f"{room}.py").is_file()
    return room if is_room else "__init__"


def test_imports_run_downward() -> None:
    assert upward(PACKAGE) == []


@pytest.mark.parametrize(
    ("place", "text", "found"),
    [
        ("expr/nodes.py", "from indexcalc.lang import reading", "expr imports lang"),
        ("expr/nodes.py", "import indexcalc.lang.reading", "expr imports lang"),
        ("expr/nodes.py", "from indexcalc import lang", "expr imports lang"),
        ("expr/nodes.py", "def f():\n    from ..lang import reading", "expr imports lang"),
        ("expr/nodes.py", "from .. import cli", "expr imports cli"),
        ("expr/nodes.py", "from indexcalc import read", "expr imports __init__"),
        ("expr/nodes.py", "import indexcalc", "expr imports __init__"),
        ("expr/nodes.py", "HOME = 'indexcalc.lang.reading'", "expr imports lang"),
        ("expr/__init__.py", "from ..lang.reading import read", "expr imports lang"),
        ("lang/reading.py", "from indexcalc.render.echo import echo", "lang imports render"),
        ("catalogue.py", "from .expr import nodes", "catalogue imports expr"),
        ("errors.py", "if TYPE_CHECKING:\n    from indexcalc.expr import x", "errors imports expr"),
    ],
)
def test_a_planted_import_is_caught(tmp_path: Path, place: str, text: str, found: str) -> None:
    package = planted(tmp_path)
    (package / place).write_text(text, encoding="utf-8")
    (violation,) = upward(package)
    assert violation.startswith(f"{place}:")
    assert violation.endswith(f": {found}")


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("lang/reading.py", "from indexcalc.expr.nodes import Add\nfrom ..errors import Span"),
        ("lang/reading.py", "from . import lexer\nimport sympy, os.path"),
        ("expr/nodes.py", "from indexcalc import __version__"),
        ("cli.py", "def main():\n    from indexcalc.render.echo import echo"),
        ("errors.py", "TEXT = 'indexcalc.lang is a wing'"),
    ],
)
def test_a_downward_import_is_not(tmp_path: Path, place: str, text: str) -> None:
    package = planted(tmp_path)
    (package / place).write_text(text, encoding="utf-8")
    assert upward(package) == []


def test_a_room_without_a_level_is_noticed(tmp_path: Path) -> None:
    package = planted(tmp_path)
    (package / "attic.py").write_text("from indexcalc import errors", encoding="utf-8")
    with pytest.raises(AssertionError, match="attic has no level"):
        upward(package)


def planted(folder: Path) -> Path:
    """An empty house with the real one's rooms."""
    package = folder / "indexcalc"
    for place in ("expr/nodes", "lang/reading", "lang/lexer", "render/echo", "errors", "cli"):
        path = package / f"{place}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    return package


def test_every_room_on_the_floor_plan_has_its_level() -> None:
    plan = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) \| `(\w+?)(?:/|\.py)` \|", plan, re.MULTILINE)
    assert {room: int(number) for number, room in rows} == LEVELS


# Files


def test_a_file_can_be_held_in_mind() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "indexcalc").rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}


def test_every_runtime_dependency_has_a_reason() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        declared = tomllib.load(file)["project"]["dependencies"]
    names = [re.split(r"[<>=~!; ]", entry)[0] for entry in declared]
    assert names == ["sympy", "numpy", "rich", "opt_einsum"]
    plan = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    assert re.findall(r"^- \*\*(\w+)\*\*: ", plan, re.MULTILINE) == names


def test_the_types_are_for_users_too() -> None:
    assert (PACKAGE / "py.typed").is_file()


# Quick starts


@pytest.mark.parametrize("then", ["", "from indexcalc.cli import main; assert main([]) == 0"])
def test_the_catalogue_needs_nothing_heavy(then: str) -> None:
    script = (
        f"import sys, indexcalc; {then}\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    ran = python("-c", script)
    assert (ran.returncode, ran.stderr) == (0, "[]\n")


# The wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    build = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    built = python(*build, folder=out, path=None)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = out.glob("indexcalc-*.whl")
    return path


def test_the_wheel_has_everything_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        shipped = set(archive.namelist())
    modules = {path.relative_to(ROOT) for path in PACKAGE.rglob("*.py")}
    derivations = {Path("indexcalc") / p.relative_to(ROOT) for p in ROOT.glob("derivations/*.idx")}
    wanted = {str(path) for path in modules | derivations} | {"indexcalc/py.typed"}
    assert "indexcalc/derivations/layernorm.idx" in wanted
    assert {name for name in shipped if ".dist-info/" not in name} == wanted
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in shipped)


def test_the_wheel_installs_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (place,) = (name for name in archive.namelist() if name.endswith("/entry_points.txt"))
        entry_points = archive.read(place).decode()
    assert entry_points.split() == ["[console_scripts]", "derive", "=", "indexcalc.cli:main"]


def test_the_wheel_works_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    home = python("-c", "import indexcalc; print(indexcalc.__file__)", folder=tmp_path, path=site)
    assert Path(home.stdout.strip()) == site / "indexcalc" / "__init__.py"
    ran = python("-m", "indexcalc.cli", "layernorm", "--read", folder=tmp_path, path=site)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("layernorm(")
