"""Execute the template notebooks in place, with their default parameters, and store their outputs.

``make templates`` runs this after a change that moves a number: nbval compares the stored outputs.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from analysis import paths
from analysis.batch.execute import TIMEOUT_SECONDS, private_sockets
from analysis.batch.parameters import SUITE
from analysis.outputs import write_atomically

_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def refresh(name: str) -> None:
    """Execute one template and write it back with its outputs and nothing volatile."""
    path = paths.NOTEBOOKS / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory(prefix="kwh2token-") as folder:
        client = NotebookClient(
            notebook,
            timeout=TIMEOUT_SECONDS,
            kernel_name="python3",
            record_timing=False,
            config=private_sockets(Path(folder)),
        )
        client.execute()
    text = nbformat.writes(normalised(notebook)) + "\n"
    write_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


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
        refresh(name)
        print(f"{name}: outputs stored")


if __name__ == "__main__":
    main(sys.argv[1:])
