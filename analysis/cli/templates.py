"""Execute the template notebooks in place, with their default parameters, and store their outputs.

``make templates`` runs this after a change that moves a number: nbval compares the stored outputs.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import nbformat

from analysis.inputs import paths
from analysis.runs.execute import execute
from analysis.runs.files import write_all
from analysis.runs.run import Limits, Run
from analysis.runs.suite import SUITE
from analysis.runs.template import of_suite

_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def refresh(name: str) -> str:
    """Execute one template and write it back with its outputs and nothing volatile; return what failed."""
    template = of_suite(name)
    task = Run(template, name, {}, paths.NOTEBOOKS, paths.NOTEBOOKS).task(Limits(), name)
    delivery = execute(replace(task, shown_folder="", delivers=()))  # it writes where its own default says
    if not delivery.error:
        notebook = normalised(nbformat.reads(delivery.notebook, as_version=4))
        text = nbformat.writes(notebook) + "\n"
        write_all({paths.NOTEBOOKS / f"{name}.ipynb": text.encode()})
    return delivery.error


def normalised(notebook: Any) -> Any:
    """Return a notebook whose metadata holds the kernel, the language and the cell tags alone."""
    notebook.metadata = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    for cell in notebook.cells:
        cell.metadata = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output.metadata = {}
    return notebook


def main(names: list[str]) -> None:
    """Refresh the named templates, or all of them."""
    for name in names or SUITE:
        error = refresh(name)
        print(f"{name}: {error or 'outputs stored'}")
        if error:
            sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
