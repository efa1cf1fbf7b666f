"""What travels to where a notebook is run, and what comes back: plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Limits:
    """What one run may take, and how its kernel starts.

    Attributes
    ----------
    timeout_seconds : float
        Time for all its cells together [s].
    memory_gb : float
        Address space of its kernel [GiB]; 0 is no limit.
    cold : bool
        Start each kernel in the ordinary way.
    """

    timeout_seconds: float = 600.0
    memory_gb: float = 0.0
    cold: bool = False


@dataclass(frozen=True)
class Task:
    """One run, ready to travel.

    Attributes
    ----------
    source : str
        The notebook as JSON.
    parameters : dict
        Its parameters, checked, without the folder for results.
    delivers : tuple of str
        Files that it must write.
    quiet : bool
        Whether anything on stderr is a failure.
    shown_folder : str
        The folder that its executed notebook shall show as the one for results; empty where it takes none.
    home : str
        Current folder of its kernel; where empty, or not there, it gets an empty one of its own.
    batch : str
        Random name of its batch, by which ``kill_all`` finds it.
    inputs : dict
        Content of the files that parameters name, by path.
    """

    source: str
    parameters: dict[str, Any]
    delivers: tuple[str, ...]
    quiet: bool
    shown_folder: str
    home: str
    limits: Limits
    batch: str
    inputs: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Delivery:
    """What a run gave: an empty error means success.

    Attributes
    ----------
    seconds : float
        How long it took [s].
    notebook : str
        The executed notebook as JSON, as far as it got.
    files : dict
        What it wrote, by name relative to its folder.
    read : tuple of str
        The files that it read; those of the project relative to it.
    error : str
        What went wrong.
    cell : int or None
        The failing cell of the executed notebook, counted from 1.
    """

    seconds: float = 0.0
    notebook: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    read: tuple[str, ...] = ()
    error: str = ""
    cell: int | None = None
