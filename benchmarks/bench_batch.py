"""How fast 32 runs of a trivial plot notebook are: ours beside its peers, each a fresh process, in one run.

The notebook has one parameter, a seaborn bar plot and a small frame. Peers that cannot parameterise get 32
copies with the parameter written in. ``make bench`` installs what they need (extra ``bench``).

    python benchmarks/bench_batch.py [RUNS]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

RUNS = 32
JOBS = (2, 4, 6)
CELLS = (
    "import matplotlib.pyplot as plt\nimport pandas as pd\nimport seaborn as sns",
    "frame = pd.DataFrame({'place': ['a', 'b'], 'tariff': [scale, 2 * scale]})\nframe.round(2)",
    "sns.barplot(frame, x='place', y='tariff')\nplt.show()",
)
POOL = """
import sys
from concurrent.futures import ProcessPoolExecutor
import papermill

def one(number):
    papermill.execute_notebook(
        "trial.ipynb", f"pool-{number}.ipynb", parameters={"scale": float(number)}, progress_bar=False
    )

if __name__ == "__main__":
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(one, range(int(sys.argv[1]))))
"""
TASKS = """
from pathlib import Path
import papermill
from pytask import task

for number in range({runs}):

    @task(id=str(number))
    def task_trial(
        number: int = number,
        notebook: Path = Path("trial.ipynb"),
        produces: Path = Path(f"pytask-{{number}}.ipynb"),
    ) -> None:
        papermill.execute_notebook(
            notebook, produces, parameters={{"scale": float(number)}}, progress_bar=False
        )
"""
ENGINE = """
import sys
from pathlib import Path
from analysis.runs.engine import run_all
from analysis.runs.run import OK
from analysis.runs.sweep import read_sweep

if __name__ == "__main__":
    sweep = read_sweep(Path("trial.yaml"), Path(sys.argv[2]))
    outcomes = run_all(sweep.runs, lambda outcome: None, jobs=int(sys.argv[1]))
    assert all(outcome.status == OK for outcome in outcomes), outcomes
"""


def prepare(folder: Path, runs: int) -> None:
    """Write the notebook, its copies with the parameter written in, the sweep file and the scripts."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    head = nbformat.v4.new_code_cell("scale: float = 1.0  # [1] factor", metadata={"tags": ["parameters"]})
    notebook.cells = [head, *map(nbformat.v4.new_code_cell, CELLS)]
    nbformat.write(notebook, folder / "trial.ipynb")
    for kind in ("make", "convert"):
        (folder / kind).mkdir()
        for number in range(runs):
            loaded = load_notebook_node(str(folder / "trial.ipynb"))
            given = parameterize_notebook(
                loaded, {"scale": float(number)}, kernel_name="python3", language="python"
            )
            nbformat.write(given, folder / kind / f"copy-{number}.ipynb")
    scales = [float(number) for number in range(runs)]
    (folder / "trial.yaml").write_text(
        f"notebook: trial.ipynb\ngrid: {{scale: {scales}}}\n", encoding="utf-8"
    )
    (folder / "task_trial.py").write_text(TASKS.format(runs=runs), encoding="utf-8")
    (folder / "pool.py").write_text(POOL, encoding="utf-8")
    (folder / "engine.py").write_text(ENGINE, encoding="utf-8")


def seconds_of(commands: list[list[str]], folder: Path) -> float:
    """Return how long commands take one after the other [s]."""
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    started = time.perf_counter()
    for command in commands:
        done = subprocess.run(command, cwd=folder, env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)[:200]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - started


def main(runs: int) -> None:
    """Time each way once and print the ratios."""
    python = sys.executable
    tools = Path(python).parent
    copies = [f"convert/copy-{number}.ipynb" for number in range(runs)]
    loop = [
        [
            str(tools / "papermill"),
            "--no-progress-bar",
            "-p",
            "scale",
            f"{n}.0",
            "trial.ipynb",
            f"loop-{n}.ipynb",
        ]
        for n in range(runs)
    ]
    ours = {f"kwh2token, {jobs} kernels": [[python, "engine.py", str(jobs), f"ours-{jobs}"]] for jobs in JOBS}
    cold = [[str(tools / "kwh2token"), "sweep", "trial.yaml", "--out", "cold", "--cold"]]
    whole = [[str(tools / "kwh2token"), "sweep", "trial.yaml", "--out", "whole"]]
    ways = {
        **ours,
        "kwh2token sweep, table and figure included": whole,
        "kwh2token sweep --cold": cold,
        "pool of two processes calling papermill": [[python, "pool.py", str(runs)]],
        "pytask calling papermill, two workers": [[python, "-m", "pytask", "-n", "2", "task_trial.py"]],
        "nbmake, two workers": [
            [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbmake", "-n", "2", "make"]
        ],
        "nbconvert": [
            [str(tools / "jupyter-nbconvert"), "--to", "notebook", "--execute", "--inplace", *copies]
        ],
        "loop over the papermill command": loop,
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, runs)
        times = {}
        for way, commands in ways.items():
            times[way] = seconds_of(commands, folder)
            print(f"{way:<45} {times[way]:7.1f} s  {times[way] / runs:6.2f} s a run", flush=True)
        again = seconds_of(whole, folder)
    peers = [way for way in ways if not way.startswith(("kwh2token", "loop"))]
    best = min(peers, key=times.__getitem__)
    print(f"\n{runs} runs; how many times longer than ours with {', '.join(map(str, JOBS))} kernels")
    for way, took in times.items():
        print(f"{way:<45}", *(f"{took / times[mine]:6.1f}" for mine in ours))
    print(f"the best peer is: {best}")
    print(f"the same sweep again, nothing changed: {again:.1f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
