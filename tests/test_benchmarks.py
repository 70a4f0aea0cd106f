"""The benchmarks measure what they say: all that is timed is correct, and the same everywhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.agreement import disagreements, history
from benchmarks.frameworks import program, variants_of
from benchmarks.growing import ROWS
from benchmarks.plain_spelling import plain
from benchmarks.program import Array, Readings, Rule
from benchmarks.programs import write_program
from benchmarks.report import Results, Timing, closing, draw, rows, write_json
from benchmarks.scale import Growth, measured
from benchmarks.tape import op_costs
from benchmarks.workers import Worker, WorkerError, environment
from benchmarks.workloads import WORKLOADS, chosen
from tests.typecheck import ROOT, run_mypy

SPELLED = {
    'x: Shape[N, 3, "2*N + 1"]': "x: tuple[N, Literal[3], Add[Mul[Literal[2], N], Literal[1]]]",
    "x: Tensor[Shape[*B, 'H // 2'], T]": "x: Tensor[tuple[*B, FloorDiv[H, Literal[2]]], T]",
    "x: Tensor2D[4, N, Tape]": "x: Tensor[tuple[Literal[4], N], Tape]",
    "x: Block[64, Literal[3]] | None": "x: Block[Literal[64], Literal[3]] | None",
    "x: Tensor[Shape[...]]": "x: Tensor[tuple[int, ...]]",
    "x: Tensor[Shape[()]]": "x: Tensor[tuple[()]]",
}


@pytest.mark.parametrize("annotation", SPELLED)
def test_annotations_in_the_plain_spelling(annotation: str) -> None:
    spelled = plain(f"import typing\n{annotation} = ...\n").splitlines()[-1]
    assert spelled == f"{SPELLED[annotation]} = ..."


@pytest.mark.xdist_group("typecheck")
def test_generated_and_rewritten_programs_are_correct(tmp_path: Path) -> None:
    lines = write_program(tmp_path, 400, lines_per_module=200)
    assert lines == sum(len(path.read_text().splitlines()) for path in tmp_path.glob("*.py"))
    for path in sorted((ROOT / "examples" / "models").glob("[a-z]*.py")):
        (tmp_path / path.name).write_text(plain(path.read_text("utf-8")))
    done = run_mypy(".", cwd=tmp_path)
    assert re.match("Success: no issues found in [0-9]+ source files", done.stdout), done.stdout
    runs = [len(path.read_text()) for path in tmp_path.glob("module_*.py")]
    assert len(runs) > 1


# Running programs --------------------------------------------------------------------------------

VARIANTS = [
    (name, variant)
    for name, workload in WORKLOADS.items()
    for variant in variants_of(workload)
    if variant != "torch" and not variant.endswith("+compile")  # which takes a minute
]


@pytest.mark.parametrize(("name", "variant"), VARIANTS, ids=map("-".join, VARIANTS))
def test_all_variants_compute_what_pytorch_computes(name: str, variant: str) -> None:
    workload = WORKLOADS[name]
    task = workload.tiny()
    wanted = history(program(workload, "torch", task))
    made = program(workload, variant, task)
    assert not disagreements(history(made), wanted)
    assert made.forward() is not None
    assert (made.step is None) == (len(wanted) == 1)


def changed(readings: Readings, name: str, factor: float) -> Readings:
    results: Mapping[str, Array] = {**readings.results, name: readings.results[name] * factor}
    return replace(readings, results=results)


def test_what_differs_is_told() -> None:
    workload = WORKLOADS["W1"]
    task = workload.tiny()
    first, last = history(program(workload, "tensorlib", task))
    wrong = [changed(first, "gradient of 0.weight", 1.01), changed(last, "loss", 1.01)]
    gradient, loss = disagreements(wrong, [first, last])
    assert gradient == "gradient of 0.weight is off by 1.0e-02 of its largest element"
    assert loss == "loss after 3 steps is off by 1.0e-02 of its largest element"
    without_momentum = replace(task, rule=Rule("SGD", lr=1e-4))
    found = history(program(workload, "tensorlib", without_momentum))
    assert "0.weight moved otherwise" in "\n".join(disagreements(found, [first, last]))


def test_a_zero_gradient_is_no_agreement() -> None:
    workload = WORKLOADS["W3"]
    right = history(program(workload, "tensorlib", workload.tiny()))
    wrong = [changed(each, "gradient of 2.weight", 0.0) for each in right]
    assert "gradient of 2.weight is off by 1.0e+00 of its largest element" in disagreements(
        wrong, right
    )


def test_workers_answer_and_tell_what_went_wrong() -> None:
    with Worker("tensorlib", threads=1) as worker:
        worker("make", "W1")
        readings = worker("history", "W1")
        assert set(readings[0].parameters) == set(WORKLOADS["W1"].full().parameters)
        assert all(seconds > 0 for seconds in worker("seconds", "W1", "step", 0.01))
        worker("forget", "W1")
        with pytest.raises(WorkerError, match="KeyError: 'W1'"):
            worker("seconds", "W1", "step", 0.01)
        assert worker("peak_bytes") > 2**20


def test_the_environment_of_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    assert environment(2)["OMP_NUM_THREADS"] == "2"
    assert environment(2)["OPENBLAS_CORETYPE"] == "Haswell"
    assert environment(2, "Zen")["OPENBLAS_CORETYPE"] == "Zen"
    assert "OPENBLAS_CORETYPE" not in environment(2, "native")


def test_names_of_workloads() -> None:
    assert [each.name for each in chosen("W2,W6")] == ["W2", "W6-1024", "W6-64"]
    with pytest.raises(ValueError, match="no workload 'W7'"):
        chosen("W7")


def test_reports(tmp_path: Path) -> None:
    mine = Timing("W1", "step", "tensorlib", 2, [1.0, 1.0, 6.0], [0.5, 0.5, 3.0])
    theirs = Timing("W1", "step", "torch", 2, [2.0, 4.0, 8.0], [2.0, 4.0, 8.0])
    refused = [("W3", "torch+compile", 2, ["loss is off by 1.0e+00 of its largest element"])]
    results = Results("a machine", timings=[theirs, mine], refused=refused)
    text = "\n".join((*rows(results, results.timings), *closing(results)))
    assert "0.50 (0.38 to 0.62) of torch" in text
    assert "W3 torch+compile, threads: 2: loss is off" in text
    write_json(results, tmp_path / "running.json")
    assert '"median": 0.5' in (tmp_path / "running.json").read_text()
    draw(results, tmp_path / "running.png")
    assert (tmp_path / "running.png").stat().st_size > 1000


@pytest.mark.parametrize("title", ROWS)
def test_every_step_that_grows_runs(title: str) -> None:
    growth = measured(title, ROWS[title]()[:2], rounds=1)
    assert min(growth.seconds) > 0
    assert growth.peak_bytes[1] > growth.peak_bytes[0] > 0


def test_exponents() -> None:
    sizes = [2, 4, 8]
    growth = Growth("", sizes, [1.0, 2.0, 4.0], [n**2.0 for n in sizes], [n**3 for n in sizes])
    assert growth.exponents() == pytest.approx((1, 2, 3))


def test_costs_of_ops() -> None:
    for cost in op_costs(rounds=1):
        assert 0 < cost.numpy < cost.recorded, cost
        assert np.isfinite(cost.backward)


def test_shares_are_of_the_whole() -> None:
    """In a process of its own, for clocks stay where they are put."""
    code = """
from benchmarks.shares import clocked, shares
from benchmarks.workloads import WORKLOADS
clock = clocked()
for options in (frozenset(), frozenset(("compile",))):
    program = WORKLOADS["W4"].tensorlib(WORKLOADS["W4"].tiny(), options)
    found = shares(clock, program.step, seconds=0.05)
    assert found.keys() == {"products", "functions", "engine"}
    assert all(0 < share < 1 for share in found.values()), found
    assert abs(sum(found.values()) - 1) < 1e-9
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
