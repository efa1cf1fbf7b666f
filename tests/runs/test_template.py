"""Notebooks that can be run, and what is none."""

import json
from pathlib import Path

import pytest

from analysis.inputs.errors import ParameterError

CELL = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{%s}]}'


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
        '{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": []}',
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
