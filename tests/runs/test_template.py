"""Notebooks that can be run: what is one, and what is taken out of it."""

import json
from pathlib import Path

import nbformat
import pytest

from analysis.inputs.errors import ParameterError
from analysis.runs.plan import check_runs
from analysis.runs.run import Run
from analysis.runs.suite import defaults_of, validated
from analysis.runs.template import Template, of_file

CELL = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{%s}]}'


@pytest.mark.parametrize("name", ["python3", "python", "Python3", "kwh2token-warm", ""])
def test_the_kernel_of_this_environment_has_many_names(notebook, name: str) -> None:
    path = notebook()
    path.write_text(path.read_text().replace('"name": "python3"', f'"name": "{name}"'))
    assert of_file(path).kernel == ""


def test_a_kernel_that_is_not_installed_is_refused(sweep_of, notebook) -> None:
    """Before anything runs, with the ways out."""
    path = notebook()
    path.write_text(path.read_text().replace('"name": "python3"', '"name": "my-env"'))
    with pytest.raises(ParameterError, match=r"'my-env' is not installed; those are: .*python3.*install it"):
        check_runs(sweep_of(f"notebook: {path.name}\ngrid: {{scale: [1]}}").runs)
    chosen = sweep_of(f"notebook: {path.name}\nkernel: python3\ngrid: {{scale: [1]}}")
    assert chosen.runs[0].template.kernel == ""


def test_a_kernel_has_the_language_of_its_specification(
    notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook may name it alone."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    path = notebook()
    specs = {"ir": '{"argv": ["R"], "display_name": "R", "language": "R"}', "broken": "{", "odd": "[]"}
    for name, text in specs.items():
        (tmp_path / "kernels" / name).mkdir(parents=True)
        (tmp_path / "kernels" / name / "kernel.json").write_text(text)
    for name, message in {
        "ir": "in R; only Python",
        "broken": "'broken' is not installed",
        "odd": "'odd' is not installed",
        "../ir": "is not installed",
    }.items():
        content = json.loads(path.read_text())
        content["metadata"] = {"kernelspec": {"name": name}}
        path.write_text(json.dumps(content))
        with pytest.raises(ParameterError, match=message):
            Run(of_file(path), "a", {}, tmp_path, tmp_path).validate()


def test_a_notebook_in_another_language_is_refused(sweep_of, notebook) -> None:
    path = notebook("1")
    path.write_text(path.read_text().replace('"language": "python"', '"language": "R"'))
    with pytest.raises(ParameterError, match="in R; only Python"):
        sweep_of(f"notebook: {path.name}\nruns: [{{}}]")
    path.write_text("{}")
    with pytest.raises(ParameterError, match="not a Jupyter notebook of format 4"):
        sweep_of(f"notebook: {path.name}\nruns: [{{}}]")


@pytest.mark.parametrize(
    "content",
    [
        "3",
        "[" * 100_000,
        '{"nbformat": 4}',
        '{"nbformat": 3, "nbformat_minor": 0, "metadata": {}}',
        '{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": 3}',
        '{"nbformat": 5, "nbformat_minor": 0, "metadata": {}, "cells": []}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": {}}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [3]}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": [], "cells": []}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": "x"}, "cells": []}',
        '{"nbformat": 4, "nbformat_minor": "x", "metadata": {}, "cells": []}',
        CELL % '"cell_type": "code", "source": 3, "metadata": {}',
        CELL % '"cell_type": "code", "source": [3], "metadata": {}',
        CELL % '"cell_type": "no", "source": "", "metadata": {}',
        CELL % '"cell_type": "code", "source": "", "metadata": {"tags": 3}',
        CELL % '"cell_type": "code", "source": "", "metadata": {"tags": [3]}',
        CELL % '"cell_type": "code", "source": "", "metadata": 3',
        CELL % '"cell_type": "code"',
    ],
)
def test_what_is_no_notebook_is_refused(sweep_of, tmp_path: Path, content: str) -> None:
    (tmp_path / "odd.ipynb").write_text(content, encoding="utf-8")
    with pytest.raises(ParameterError, match=r"odd\.ipynb: not a Jupyter notebook"):
        sweep_of("notebook: odd.ipynb\nruns: [{}]")


def test_a_notebook_without_ids_gets_lasting_ones(sweep_of, tmp_path: Path) -> None:
    cell = '"cell_type": "code", "source": ["a = ", "1"], "metadata": {"tags": ["parameters"]}, "outputs": []'
    (tmp_path / "old.ipynb").write_text(CELL % cell, encoding="utf-8")
    first, second = (sweep_of("notebook: old.ipynb\nruns: [{a: 2}]").runs[0].template for _ in range(2))
    assert first.source == second.source
    assert json.loads(first.source)["cells"][0]["id"] == "cell-0"
    (tmp_path / "old.ipynb").write_text((CELL % cell).replace('["a = ", "1"]', '"a = 1"'), encoding="utf-8")
    assert (
        sweep_of("notebook: old.ipynb\nruns: [{a: 2}]").runs[0].template.hash_of_cells == first.hash_of_cells
    )


def code(source: str, *tags: str, **more: object) -> dict:
    """Return a code cell as JSON has it."""
    return {"cell_type": "code", "source": source, "metadata": {"tags": [*tags]}, "outputs": [], **more}


@pytest.fixture
def template_of(tmp_path: Path):
    """Return a function that makes a template of cells."""

    def make(*cells: dict, **more: object) -> Template:
        path = tmp_path / "theirs.ipynb"
        content = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [*cells], **more}
        path.write_text(json.dumps(content), encoding="utf-8")
        return of_file(path)

    return make


def test_ids_stay_apart(template_of) -> None:
    """Jupyter would give one of two that are the same a random one."""
    cells = code("1", id="cell-1"), code("2"), code("3", id="cell-1"), code("4", id="cell-3")
    ids = [cell["id"] for cell in json.loads(template_of(*cells).source)["cells"]]
    assert ids == ["cell-1", "cell-2", "cell-4", "cell-3"]


def sources(template: Template) -> list[str]:
    return [cell["source"] for cell in json.loads(template.source)["cells"]]


def test_what_an_earlier_run_put_in_is_taken_out(template_of) -> None:
    banner = {
        "cell_type": "markdown",
        "source": "<b>failed</b>",
        "metadata": {"tags": ["papermill-error-cell-tag"]},
    }
    cells = banner, code("x = 1", "parameters"), code("x = 77", "injected-parameters"), code("print(x)")
    template = template_of(*cells)
    assert sources(template) == ["x = 1", "print(x)"]
    assert defaults_of(template.model) == {"x": 1}


def test_injected_values_are_the_parameters_where_no_cell_declares_any(template_of) -> None:
    template = template_of(code("# Parameters\nx = 77\n", "injected-parameters"), code("print(x)"))
    assert sources(template) == ["# Parameters\nx = 77\n", "print(x)"]
    assert defaults_of(template.model) == {"x": 77}
    assert '"id": "injected' not in template.source, "that is the id of what this run puts in"


def test_a_notebook_without_a_parameters_cell_can_be_run(template_of) -> None:
    template = template_of(code("print(x)", "other-tag"))
    assert validated(template.model, {"x": 1}, "trial").model_dump() == {"x": 1}
    assert defaults_of(template.model) == {}
    assert not template.takes_folder


def test_what_a_notebook_delivers_needs_a_folder(tmp_path: Path, template_of) -> None:
    template_of(code("print(1)"))
    with pytest.raises(ParameterError, match="needs a parameter output_dir, in a cell tagged 'parameters'"):
        of_file(tmp_path / "theirs.ipynb", ["x.csv"])
    assert template_of(code("output_dir: str", "parameters")).takes_folder


@pytest.mark.parametrize("minor", range(6))
def test_every_version_of_the_format_will_do(template_of, minor: int) -> None:
    cell = {"cell_type": "code", "source": ["a = ", "1"], "outputs": [], "execution_count": None}
    text = {"cell_type": "markdown", "source": "text"}
    template = template_of(cell, text, nbformat_minor=minor)
    notebook = json.loads(template.source)
    assert sources(template) == ["a = 1", "text"]
    assert [cell["metadata"] for cell in notebook["cells"]] == [{}, {}]
    assert notebook["nbformat_minor"] == 5
    nbformat.validate(nbformat.from_dict(notebook))


def test_an_older_notebook_is_converted_as_papermill_does(tmp_path: Path) -> None:
    old = nbformat.v3
    cells = [
        old.new_code_cell("a = 1", metadata={"tags": ["parameters"]}),
        old.new_heading_cell("Title"),
        old.new_code_cell("print(a)", outputs=[old.new_output("stream", output_text="1")]),
    ]
    path = tmp_path / "old.ipynb"
    notebook = old.new_notebook(worksheets=[old.new_worksheet(cells=cells)])
    path.write_text(json.dumps(notebook), encoding="utf-8")
    first, second = of_file(path), of_file(path)
    assert sources(first) == ["a = 1", "# Title", "print(a)"]
    assert first.source == second.source, "no random ids"
    assert defaults_of(first.model) == {"a": 1}
    nbformat.validate(nbformat.reads(first.source, as_version=4))


@pytest.mark.parametrize("name", [" ", "x/ ", ".", "", "../x"])
def test_a_blank_is_no_deliverable(sweep_of, notebook, name: str) -> None:
    path = notebook("1")
    with pytest.raises(ParameterError, match="is not a file below the folder of the results"):
        sweep_of(f"notebook: {path.name}\ndelivers: ['{name}']\nruns: [{{}}]")


@pytest.mark.parametrize("name", ["x" * 300, "a\\0b", "loop"])
def test_a_name_that_cannot_be_a_file_is_refused(sweep_of, notebook, tmp_path: Path, name: str) -> None:
    path = notebook("1")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(ParameterError, match=r"no such file|null byte|[Ss]ymlink loop"):
        sweep_of(f'notebook: {path.name}\nreads: ["{name}"]\nruns: [{{}}]')
