"""`derive`: options, families, colours and widths."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import indexcalc as ic
from indexcalc import families
from indexcalc.cli import main
from indexcalc.expr.nodes import Access
from tests.points import BUNDLED
from tests.processes import ROOT

WIDTH = 80
MEMBERS = ["tcl:2", "tcl:4", "tcl:8", "mlp:1", "mlp:2", "mlp:5"]
ESCAPE = "\x1b["

Captured = pytest.CaptureFixture[str]


def shown(capsys: Captured, *arguments: str) -> str:
    """What the command prints, and nothing beside it."""
    assert main(list(arguments)) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def headings(text: str) -> list[str]:
    return re.findall(r"^([A-Z][\w ]*?)$", text, re.MULTILINE)


def conclusion(text: str) -> list[str]:
    """The left-hand sides of the last section."""
    last = text.partition("\nGradients\n")[2]
    return re.findall(r"^  (∂\S+)", last, re.MULTILINE)


# Options


def test_the_catalogue_is_names_and_summaries(capsys: Captured) -> None:
    lines = shown(capsys).splitlines()
    assert [line.split()[0] for line in lines] == BUNDLED
    assert all(len(line.split()) > 2 for line in lines)
    assert max(map(len, lines)) <= WIDTH


@pytest.mark.parametrize("name", BUNDLED)
def test_a_derivation_says_what_it_is_and_where_it_is_from(name: str) -> None:
    lines = families.find(name).text.splitlines()
    assert lines[0].startswith("# ")
    assert any(line.startswith("# Source: ") for line in lines)


def test_the_order_of_a_derivation(capsys: Captured) -> None:
    sections = headings(shown(capsys, "softmax"))
    assert sections == [
        "Graph",
        "Gradient of z",
        "Gradient of e",
        "Gradient of x",
        "Closed forms",
        "Gradients",
        "Check",
    ]


def test_wrt_is_what_is_differentiated_by(capsys: Captured) -> None:
    assert conclusion(shown(capsys, "layernorm", "--wrt", "gamma")) == ["∂l/∂γ_p"]
    both = shown(capsys, "--wrt=beta, γ", "layernorm")
    assert conclusion(both) == ["∂l/∂β_p", "∂l/∂γ_p"]
    assert "Gradient of σ" not in both


def test_wrt_may_be_an_intermediate(capsys: Captured) -> None:
    assert conclusion(shown(capsys, "frobenius", "--wrt", "w")) == ["∂l/∂w_pq"]


def test_how_much_of_the_work_is_shown(capsys: Captured) -> None:
    none, main_, all_ = (
        shown(capsys, "matmul", "--steps", much) for much in ("none", "main", "all")
    )
    assert headings(none) == ["Gradients", "Check"]
    assert len(none) < len(main_) < len(all_)
    assert shown(capsys, "matmul") == main_
    rules = {"product rule", "self-derivative", "delta contraction", "chain rule"}
    assert all(rule in main_ and rule in all_ for rule in rules)
    assert "derivative of a contraction" in all_
    assert "derivative of a contraction" not in main_


def test_notation(capsys: Captured) -> None:
    assert "= G_pj a_qj" in shown(capsys, "matmul")
    assert "= G_pj a_qj" in shown(capsys, "matmul", "--notation", "einstein")
    assert "= Σ_j G_pj a_qj" in shown(capsys, "matmul", "--notation", "sum")


def test_format(capsys: Captured) -> None:
    assert shown(capsys, "matmul", "--format=text") == shown(capsys, "matmul")
    document = shown(capsys, "matmul", "--format", "latex", "--no-check")
    assert document == ic.derive("matmul").latex().rstrip("\n") + "\n"
    body = shown(capsys, "matmul", "--format", "latex", "--fragment", "--no-check")
    assert r"\documentclass" not in body
    assert body.strip() in document
    assert r"\sum_{" in shown(capsys, "matmul", "--format", "latex", "--notation", "sum")


def test_jacobians(capsys: Captured) -> None:
    text = shown(capsys, "matmul", "--jacobian", "--steps", "none")
    assert headings(text) == ["Jacobians", "Gradients", "Check"]
    assert "∂y_ij/∂x_pq = δ_ip a_qj" in text
    assert "∂y_ij/∂a_pq = δ_jq x_ip" in text


@pytest.mark.parametrize("form", ["text", "latex"])
def test_a_result_in_a_file_is_the_one_that_is_printed(
    form: str, tmp_path: Path, capsys: Captured
) -> None:
    path = tmp_path / "page"
    assert shown(capsys, "layernorm", "--format", form, "-o", str(path)) == ""
    assert path.read_text(encoding="utf-8") == shown(capsys, "layernorm", "--format", form)
    assert shown(capsys, "layernorm", "--read", "-o", str(path)) == ""
    assert path.read_text(encoding="utf-8") == shown(capsys, "layernorm", "--read")


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_lists_every_option(option: str, capsys: Captured) -> None:
    text = shown(capsys, option)
    for name in ("--read", "--wrt", "--steps", "--notation", "--format", "--jacobian", "-o"):
        assert re.search(rf"^  {name} ", text, re.MULTILINE)
    assert max(map(len, text.splitlines())) <= WIDTH


# Families


@pytest.mark.parametrize("name", ["tcl", "mlp"])
def test_the_bundled_member_is_one_of_the_family(name: str) -> None:
    bundled = families.find(name).text
    assert bundled == families.find(f"{name}:3").text


@pytest.mark.parametrize("order", range(2, 9))
def test_a_contraction_layer_of_any_order(order: int) -> None:
    program = ic.read(f"tcl:{order}")
    assert len(program.inputs) == order + 1
    assert [len(access.indices) for access in program.inputs] == [order] + [2] * order
    assert program.name == "tcl"


@pytest.mark.parametrize("layers", [1, 2, 7])
def test_a_network_of_any_depth(layers: int) -> None:
    program = ic.read(f"mlp:{layers}")
    assert len(program.inputs) == 1 + 2 * layers
    assert program.outputs == ("y",)
    widths = {access.indices[-1].size for access in program.inputs if isinstance(access, Access)}
    assert len(widths) == layers + 1


def test_a_family_is_derived(capsys: Captured) -> None:
    assert len(conclusion(shown(capsys, "tcl:4", "--steps", "none"))) == 5
    assert "∂l/∂w1_pq" in conclusion(shown(capsys, "mlp:2", "--steps", "none"))


# Widths


@cache
def derivation(name: str) -> ic.Derivation:
    return ic.derive(name)


@pytest.mark.parametrize("notation", ["einstein", "sum"])
@pytest.mark.parametrize("name", [*BUNDLED, *MEMBERS])
def test_no_line_is_wider_than_a_terminal(name: str, notation: str) -> None:
    for steps in ("all", "main"):
        wide = [n for n in derivation(name).text(steps, notation).splitlines() if len(n) > WIDTH]
        assert wide == []


@pytest.mark.parametrize("name", BUNDLED)
def test_no_line_ends_in_a_space(name: str) -> None:
    lines = derivation(name).text("all").splitlines()
    assert [line for line in lines if line != line.rstrip()] == []


# Colours


def in_terminal(*arguments: str, **environment: str) -> str:
    """What the command writes to a terminal."""
    parent, child = pty.openpty()
    plain = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    with subprocess.Popen(
        [sys.executable, "-m", "indexcalc.cli", *arguments],
        stdout=child,
        stdin=subprocess.DEVNULL,
        cwd=ROOT,
        env={**plain, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **environment},
    ) as running:
        os.close(child)
        written = b""
        while True:
            try:
                more = os.read(parent, 65536)
            except OSError:  # the other end is closed
                break
            if not more:
                break
            written += more
        assert running.wait(timeout=60) == 0
    os.close(parent)
    return written.decode().replace("\r\n", "\n")


def unpainted(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_a_terminal_is_shown_colours() -> None:
    text = in_terminal("matmul", "--no-check")
    assert ESCAPE in text
    assert unpainted(text) == ic.derive("matmul").text()
    painted = [line for line in text.splitlines() if "product rule" in line]
    assert all(ESCAPE in line for line in painted)


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_without_colours_is_not(environment: dict[str, str]) -> None:
    assert in_terminal("matmul", "--no-check", **environment) == ic.derive("matmul").text()


def test_a_narrow_terminal_is_written_whole_lines() -> None:
    assert (
        unpainted(in_terminal("layernorm", "--no-check", COLUMNS="40"))
        == ic.derive("layernorm").text()
    )


def test_a_pipe_is_shown_none(capsys: Captured) -> None:
    assert ESCAPE not in shown(capsys, "layernorm")


def test_a_file_is_shown_none(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    assert in_terminal("matmul", "--no-check", "-o", str(path)) == ""
    assert path.read_text(encoding="utf-8") == ic.derive("matmul").text()


# Exit codes


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["matmul"], 0),
        (["y = x"], 0),
        (["--version"], 0),
        (["zork"], 2),
        (["tcl:99"], 2),
        (["matmul", "--wrt", "zork"], 2),
        (["y[i] = max[k](x[i,k])"], 2),
    ],
)
def test_the_exit_code(arguments: list[str], code: int, capsys: Captured) -> None:
    assert main(arguments) == code
    captured = capsys.readouterr()
    assert bool(captured.out) == (code == 0)
    assert bool(captured.err) == (code == 2)
