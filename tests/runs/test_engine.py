"""Runs side by side: what is published, what is left alone, and how batches are stopped."""

import json
import os
import re
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest
from filelock import FileLock

from analysis.inputs.errors import ParameterError
from analysis.runs import engine, manifest
from analysis.runs.engine import LOCK, Pool, explained, run_all
from analysis.runs.outputs import HEADLINES, dump
from analysis.runs.run import AS_WAS, FAILED, NOT_RUN, OK, Delivery, Limits, Run, Task
from analysis.runs.suite import SUITE
from analysis.runs.template import of_suite
from analysis.runs.writing import environment


def ignore(outcome: object) -> None:
    """Report nothing."""


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_success_is_published_as_declared(run_of) -> None:
    run = run_of(scale=2.5)
    outcome = run_all([run], ignore)[0]
    assert (outcome.status, outcome.error, outcome.cell) == (OK, "", None)
    assert json.loads((run.results / "result.json").read_text()) == {"doubled": 5.0}
    assert {path.name for path in run.results.iterdir()} == {"result.json", "trial.ipynb", manifest.NAME}
    assert run_all([run], ignore)[0].status == AS_WAS


def test_what_another_batch_wrote_last_counts(run_of, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if it came between the look at the manifest and the lock."""
    run = run_of(scale=2.0)
    assert run_all([run], ignore)[0].status == OK
    locked = engine.locked

    def late(folder: Path):
        (run.results / "result.json").write_text('{"doubled": 6.0}')
        return locked(folder)

    monkeypatch.setattr(engine, "locked", late)
    assert run_all([run], ignore)[0].status == OK
    assert json.loads((run.results / "result.json").read_text()) == {"doubled": 4.0}


def test_one_failure_does_not_stop_the_rest(run_of, write_result: str) -> None:
    cells = (f"assert scale != 2.0, 'two is wrong'\n{write_result}",)
    runs = [run_of(*cells, key=str(scale), scale=scale) for scale in (1.0, 2.0, 3.0)]
    reported = []
    outcomes = run_all(runs, reported.append, jobs=3)
    assert [outcome.status for outcome in outcomes] == [OK, FAILED, OK]
    assert outcomes[1].error == "AssertionError: two is wrong"
    assert (outcomes[1].cell, outcomes[1].tries) == (3, 1)
    assert {outcome.run.group for outcome in reported} == {"1.0", "2.0", "3.0"}


def test_a_failed_run_leaves_the_earlier_result_and_its_notebook_beside_it(run_of) -> None:
    run = run_of(scale=2.0)
    assert run_all([run], ignore)[0].status == OK
    before = contents(run.results)
    failing = run_of("1 / 0", scale=2.0)
    outcome = run_all([failing], ignore)[0]
    assert outcome.status == FAILED
    after = contents(run.results)
    assert b"ZeroDivisionError" in after.pop("trial.failed.ipynb")
    assert after == before
    assert run_all([run_of(scale=2.0)], ignore)[0].status == AS_WAS
    assert "trial.failed.ipynb" not in contents(run.results), "what is there is not what failed"


def test_a_manifest_that_cannot_be_written_costs_a_rerun_alone(run_of) -> None:
    run = run_of(scale=2.0)
    (run.executed / manifest.NAME).mkdir(parents=True)
    assert [run_all([run], ignore)[0].status for _ in range(2)] == [OK, OK]
    assert json.loads((run.results / "result.json").read_text()) == {"doubled": 4.0}


def test_many_runs_with_eight_workers_none_lost_none_wrong(run_of) -> None:
    runs = [run_of(key=f"k{number}", scale=float(number)) for number in range(16)]
    outcomes = run_all(runs, ignore, jobs=8)
    assert [outcome.status for outcome in outcomes] == [OK] * len(runs)
    for number, run in enumerate(runs):
        assert json.loads((run.results / "result.json").read_text()) == {"doubled": 2.0 * number}


def suite_runs(folder: Path, *names: str) -> list[Run]:
    return [
        Run(of_suite(name), "article", {"scenario": "article"}, folder / "article", folder / name)
        for name in names
    ]


@pytest.fixture
def without_kernels() -> Iterator[Pool]:
    """Give a pool that makes all that the suite delivers up: of a scenario, one headline value each."""
    with ThreadPoolExecutor(2) as executor:
        yield Pool(executor, lambda batch: None, made_up)


def made_up(task: Task) -> Delivery:
    name = next(name for name, spec in SUITE.items() if spec.delivers == task.delivers)
    files = dict.fromkeys(task.delivers, b"x") | {
        HEADLINES: dump({f"from {name}": {"notebook": name}}).encode()
    }
    return Delivery(notebook=task.source, files=files)


def test_the_suite_shares_its_headlines(without_kernels: Pool, tmp_path: Path) -> None:
    names = ("02-api-spread", "03-gpu-offset")
    runs = suite_runs(tmp_path, *names)
    assert [outcome.status for outcome in run_all(runs, ignore, pool=without_kernels)] == [OK, OK]
    entries = json.loads((tmp_path / "article" / HEADLINES).read_text())
    assert {entry["notebook"] for entry in entries.values()} == {*names}
    again = run_all(runs, ignore, pool=without_kernels)
    assert [outcome.status for outcome in again] == [AS_WAS, AS_WAS]


def test_a_damaged_headline_file_ends_no_batch(without_kernels: Pool, tmp_path: Path) -> None:
    (run,) = suite_runs(tmp_path, "03-gpu-offset")
    run.results.mkdir()
    (run.results / HEADLINES).write_text("[1, 2]", encoding="utf-8")
    assert run_all([run], ignore, pool=without_kernels)[0].error == ""
    assert set(json.loads((run.results / HEADLINES).read_text())) == {"from 03-gpu-offset"}


def test_one_changed_data_file_reruns_only_what_reads_it(run_of, tmp_path: Path) -> None:
    data = [tmp_path / f"{name}.csv" for name in "ab"]
    runs = []
    for number, file in enumerate(data):
        file.write_text("a\n1\n", encoding="utf-8")
        plain = run_of(key=str(number))
        runs.append(replace(plain, template=replace(plain.template, reads=(file,))))
    run_all(runs, ignore)
    data[1].write_text("a\n2\n", encoding="utf-8")
    os.utime(data[1], (1, 1))  # the time does not matter
    assert [outcome.status for outcome in run_all(runs, ignore)] == [AS_WAS, OK]


SHARED = """import pathlib, sqlite3, time
{}
time.sleep(0.2)
"""


@pytest.mark.parametrize(
    ("jobs", "use"),
    [
        (1, "pathlib.Path('scratch').write_text('x')"),
        (2, "pathlib.Path('scratch').write_text('x')"),
        (2, "with open('scratch', 'a') as file: file.write('x')"),
        (1, "pathlib.Path('x').write_text('x')\npathlib.Path('x').replace('scratch')"),
        (1, "with sqlite3.connect('scratch') as base: base.execute(f'create table t{time.time_ns()} (x)')"),
    ],
)
def test_runs_that_write_one_file_beside_the_notebook_are_told(
    run_of, write_result: str, jobs: int, use: str
) -> None:
    """And run again the next time, all of them: one may have read what another wrote."""
    runs = [run_of(SHARED.format(use), write_result, key=str(x), scale=x) for x in (1.0, 2.0)]
    outcomes = run_all(runs, ignore, jobs=jobs)
    assert [outcome.status for outcome in outcomes] == [OK, OK]
    notes = {outcome.note for outcome in outcomes}
    assert len(notes) == 1
    assert re.match(r"scratch(, x)? changed during 2 runs \(scale=\d.0, scale=\d.0\): ", notes.pop())
    alone = run_all(runs[:1], ignore)[0]
    assert (alone.status, alone.note) == (OK, "")


def test_what_a_try_that_failed_has_written_is_told_too(run_of, write_result: str) -> None:
    cell = """import pathlib
tried = pathlib.Path('tried')
if scale == 2.0 or not tried.exists():
    pathlib.Path('scratch').write_text('x')
if scale == 1.0 and not tried.exists():
    tried.touch()
    raise RuntimeError"""
    runs = [run_of(cell, write_result, key=str(scale), scale=scale) for scale in (1.0, 2.0)]
    outcomes = run_all(runs, ignore, jobs=1, limits=Limits(retries=1))
    assert [(outcome.status, outcome.tries) for outcome in outcomes] == [(OK, 2), (OK, 1)]
    assert all(outcome.note.startswith("scratch changed during 2 runs") for outcome in outcomes)


def test_runs_that_read_one_file_share_nothing(run_of, tmp_path: Path, write_result: str) -> None:
    (tmp_path / "data.csv").write_text("x")
    cell = f"open('data.csv').read()\nopen('/dev/null', 'w').close()\n{write_result}"
    runs = [run_of(cell, key=str(scale), scale=scale) for scale in (1.0, 2.0)]
    assert [outcome.note for outcome in run_all(runs, ignore)] == ["", ""]
    assert [outcome.status for outcome in run_all(runs, ignore)] == [AS_WAS, AS_WAS]


def test_a_change_of_the_package_in_the_middle_harms_no_run(run_of, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is what was made meanwhile taken for current."""
    runs = [run_of(key=str(scale), scale=scale) for scale in (1.0, 2.0)]
    edited = environment() | {"package": "edited"}

    def edit(outcome: object) -> None:
        for module in (engine, manifest):
            monkeypatch.setattr(module, "environment", lambda: edited)

    outcomes = run_all(runs, edit, jobs=1)
    assert [outcome.status for outcome in outcomes] == [OK] * 2
    assert [outcome.status for outcome in run_all(runs, ignore)] == [OK] * 2
    monkeypatch.undo()
    assert [manifest.is_current(run, environment()) for run in runs] == [False] * 2


def test_a_changed_file_makes_run_whatever_reads_it(run_of, tmp_path: Path, write_result: str) -> None:
    """Without a word about it in the sweep file."""
    data = tmp_path / "data.csv"
    data.write_text("1", encoding="utf-8")
    run = run_of(f"open({str(data)!r}).read()\n{write_result}")
    assert [run_all([run], ignore)[0].status for _ in range(2)] == [OK, AS_WAS]
    data.write_text("2", encoding="utf-8")
    assert [run_all([run], ignore)[0].status for _ in range(2)] == [OK, AS_WAS]
    data.unlink()
    assert run_all([run], ignore)[0].status == FAILED


def test_a_file_that_is_gone_after_the_run_is_no_failure(run_of, tmp_path: Path, write_result: str) -> None:
    data = tmp_path / "data.csv"
    data.write_text("1", encoding="utf-8")
    run = run_of(f"open({str(data)!r}).read()\nimport os\nos.unlink({str(data)!r})\n{write_result}")
    assert run_all([run], ignore)[0].error == ""
    assert not manifest.is_current(run, environment())


def test_two_equal_runs_are_refused(run_of) -> None:
    with pytest.raises(ParameterError, match=r"two runs of this batch would write .*out/a/trial\.ipynb"):
        run_all([run_of(), run_of(key="b"), run_of()], ignore)


def test_two_batches_do_not_write_into_one_folder(run_of) -> None:
    run = run_of()
    run.executed.parent.mkdir(parents=True)
    with (
        FileLock(run.executed.parent / LOCK),
        pytest.raises(ParameterError, match="another batch is writing into"),
    ):
        run_all([run], ignore)
    assert not run.results.exists()
    assert run_all([run], ignore)[0].status == OK


@pytest.mark.parametrize("name", ["trial.ipynb", "trial.failed.ipynb", "trial.failed.html"])
def test_a_result_that_the_executed_notebook_would_replace_is_a_failure(run_of, name: str) -> None:
    cell = f"open(output_dir + '/{name}', 'w').write('{{}}')"
    outcome = run_all([run_of(cell, delivers=(name,))], ignore)[0]
    assert outcome.status == FAILED
    assert outcome.error == f"wrote {name}, a name kept for the executed notebook; choose another"
    assert [*outcome.run.results.glob("trial*")] == [outcome.run.failed_notebook]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_any_executor_will_do(run_of) -> None:
    runs = [run_of(key=str(scale), scale=scale) for scale in (1.0, 2.0)]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        pool = Pool(executor, lambda batch: None)
        outcomes = run_all(runs, ignore, pool=pool, limits=Limits(cold=True))
    assert [outcome.status for outcome in outcomes] == [OK, OK]
    here = [contents(run.results) for run in runs]
    assert [outcome.status for outcome in run_all(runs, ignore, force=True)] == [OK, OK]
    assert [contents(run.results) for run in runs] == here


class Broken(Executor):
    """An executor whose workers are lost."""

    def submit(self, function, /, *arguments, **more):
        """Lose it."""
        future: Future = Future()
        future.set_exception(RuntimeError("worker tcp://x died"))
        return future


def test_a_lost_worker_is_a_failed_run(run_of) -> None:
    outcome = run_all([run_of()], ignore, pool=Pool(Broken(), lambda batch: None))[0]
    assert outcome.status == FAILED
    assert outcome.error == "its worker was lost: RuntimeError: worker tcp://x died"


@pytest.mark.parametrize(("retries", "status", "tries"), [(1, FAILED, 2), (9, OK, 3)])
def test_a_failed_run_is_tried_again_in_a_kernel_of_its_own(
    run_of, tmp_path: Path, write_result: str, retries: int, status: str, tries: int
) -> None:
    place = tmp_path / "kernels"
    place.touch()
    note = f"""import os
with open({str(place)!r}, "a") as file:
    print(os.getpid(), file=file)
assert len(open({str(place)!r}).readlines()) > 2, "not yet"
"""
    reported = []
    outcome = run_all([run_of(note + write_result)], reported.append, limits=Limits(retries=retries))[0]
    assert (outcome.status, outcome.tries) == (status, tries)
    assert reported == [outcome], "told once"
    assert len({*place.read_text().split()}) == tries
    assert outcome.run.failed_notebook.is_file() == (status == FAILED)


def test_what_is_refused_or_stopped_is_not_tried_again(run_of) -> None:
    with pytest.raises(ParameterError):
        run_all([run_of(scale="x")], ignore, limits=Limits(retries=3))
    submitted = []

    class Stopped(Broken):
        def submit(self, function, /, *arguments, **more):
            submitted.append(arguments)
            signal.raise_signal(signal.SIGINT)
            return super().submit(function)

    outcome = run_all([run_of()], ignore, limits=Limits(retries=3), pool=Pool(Stopped(), lambda batch: None))[
        0
    ]
    assert (outcome.status, len(submitted)) == (NOT_RUN, 1)


def test_a_pool_that_takes_no_more_is_a_failed_run(run_of) -> None:
    class Once(Broken):
        def submit(self, function, /, *arguments, **more):
            if vars(self):
                raise RuntimeError("cannot schedule new futures")
            self.used = True
            return super().submit(function)

    outcome = run_all([run_of()], ignore, limits=Limits(retries=3), pool=Pool(Once(), lambda batch: None))[0]
    assert (outcome.status, outcome.tries) == (FAILED, 1)
    assert outcome.error == "its worker was lost: RuntimeError: worker tcp://x died"


def test_a_report_goes_with_the_failure_that_it_is_of(run_of) -> None:
    run = run_of(scale=2.0)
    for cell in ("1 / 0", "0"):
        run.results.mkdir(parents=True, exist_ok=True)
        run.failed_report.touch()
        again = run_of(cell, delivers=(), scale=2.0)
        assert run_all([again], ignore)[0].error == (
            "" if cell == "0" else "ZeroDivisionError: division by zero"
        )
        assert not run.failed_report.exists()
    run.failed_report.touch()
    assert run_all([again], ignore)[0].status == AS_WAS
    assert not run.failed_report.exists()


def test_what_has_to_run_is_explained_and_nothing_is_written(run_of, tmp_path: Path) -> None:
    runs = [run_of(key=str(scale), scale=scale) for scale in (1.0, 2.0)]
    before = contents(tmp_path)
    assert explained(runs) == {run: ["first run"] for run in runs}
    assert contents(tmp_path) == before
    assert not runs[0].executed.parent.exists()
    run_all(runs[:1], ignore)
    assert [*explained(runs).values()] == [[], ["first run"]]
    assert [*explained(runs, force=True).values()] == [["--force"], ["first run"]]
    with pytest.raises(ParameterError, match="scale: Input should be a valid number"):
        explained([run_of(scale="x")])
