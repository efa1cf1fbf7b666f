"""A Jupyter kernel provisioner whose kernels are forked from a process that has its imports behind it.

The kernel ``kwh2token-warm`` uses it, so papermill and JupyterLab can, by that name; its ``kernel.json`` says
what to import besides the libraries. Where nothing can be forked (not on Linux, or the forking process is
gone, or ``KWH2TOKEN_COLD`` is set) a kernel starts in the ordinary way, and so does one of another name.
"""

import asyncio
import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, Dict, Float, List, Unicode

from analysis.runs.kernels import kernel, zygote
from analysis.runs.kernels.kernel import INLINE, KERNEL_NAME, LAUNCHER, NOTES, is_own
from analysis.runs.kernels.workspace import kill_group, private_homes, unwatch, watch, workspace

COLD = "KWH2TOKEN_COLD"
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
_Settings = Mapping[str, str] | tuple[tuple[str, str], ...]
_NAP_SECONDS, _END_SECONDS = 0.005, 1.0
_GIB = 2**30

_starting = threading.Lock()
_stopped: set[str] = set()
_running: defaultdict[str, set[int]] = defaultdict(set)  # the groups of processes of each batch


def kill_all(batch: str) -> None:
    """Kill the kernels of a batch that this process started, with all that they started; it gets no more."""
    _stopped.add(batch)
    for group in list(_running[batch]):
        kill_group(group)


class Zygote:
    """Talks to the process that forks kernels; safe to use from several threads.

    Parameters
    ----------
    preload : iterable of str
        Modules that it imports besides the libraries.
    settings : mapping
        Set in its environment.
    """

    def __init__(self, preload: Iterable[str] = (), settings: _Settings = ()) -> None:
        self._lock = threading.Lock()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, zygote.__file__, str(theirs.fileno()), *preload],
                env={"MPLBACKEND": INLINE, **ONE_THREAD, **os.environ, **private_homes(), **dict(settings)},
                cwd=workspace(),  # where no settings lie that are not the user's everywhere
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        watch(self._process.pid)  # its kernels go with it
        with ours:
            self._stream = ours.makefile("rw", encoding="utf-8")
        atexit.register(self.close)

    def ask(self, **request: Any) -> Any:
        """Return the answer to a request.

        Raises
        ------
        OSError
            If the process is gone.
        """
        with self._lock:
            try:
                self._stream.write(json.dumps(request) + "\n")
                self._stream.flush()
                answer = self._stream.readline()
            except ValueError:  # closed
                answer = ""
        if not answer:
            raise ConnectionError("the process that forks kernels is gone")
        return json.loads(answer)

    def close(self) -> None:
        """End the process and its kernels."""
        with self._lock, contextlib.suppress(OSError):
            self._stream.close()
        self._process.wait()
        unwatch(self._process.pid)


def warm_up(preload: Iterable[str] = (), settings: _Settings = (), cold: bool = False) -> None:
    """Start the forking process, so that its imports run beside those of the caller."""
    if sys.platform == "linux" and not cold and not os.environ.get(COLD):
        with _starting:
            _zygote_of(os.getpid(), tuple(preload), tuple(dict(settings).items()))


def _current_zygote(preload: Iterable[str] = (), settings: _Settings = ()) -> Zygote:
    """Return this process's forking process; a new one when a file that it imported has changed.

    Raises
    ------
    OSError
        If it is gone.
    """
    key = os.getpid(), tuple(preload), tuple(dict(settings).items())
    with _starting:
        if not _zygote_of(*key).ask(do="look")["is_current"]:
            _zygote_of.cache_clear()
        return _zygote_of(*key)


@lru_cache(maxsize=4)  # one for each kind of notebook, and one by the name of the kernel
def _zygote_of(pid: int, preload: tuple[str, ...], settings: tuple[tuple[str, str], ...]) -> Zygote:
    return Zygote(preload, settings)


class ForkedKernel:
    """A forked kernel, with as much of the interface of `subprocess.Popen` as a provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, zygote: Zygote, pid: int) -> None:
        self._zygote, self.pid = zygote, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit status, None while it runs."""
        if self.returncode is None:
            try:
                self.returncode = self._zygote.ask(do="poll", pid=self.pid)["status"]
            except OSError:  # it took its kernels along
                self.returncode = -signal.SIGKILL
        return self.returncode

    wait = poll  # nobody waits for it without a deadline of his own

    def send_signal(self, signum: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def spec_of(name: str) -> KernelSpec:
    """Return how a kernel starts: that of this environment as it is known here, another as it is installed.

    Raises
    ------
    NoSuchKernel
        If it is not installed.
    """
    warm = {"kernel_provisioner": {"provisioner_name": KERNEL_NAME}}
    if is_own(name):
        argv = ["python", "-m", LAUNCHER, "-f", "{connection_file}"]
        names = {"name": KERNEL_NAME, "display_name": "Python 3 (kwh2token, warm)", "language": "python"}
        return KernelSpec(argv=argv, metadata=warm, **names)
    spec = KernelSpecManager().get_kernel_spec(name)
    spec.name, spec.metadata = name, warm | spec.metadata
    return spec


def kernelspec_of(name: str) -> dict[str, str]:
    """Return what a notebook that a kernel has run says of it."""
    spec = spec_of(name)
    return {said: getattr(spec, said) for said in ("display_name", "language", "name")}


class PrivateManager(AsyncKernelManager):
    """A kernel manager that goes by `spec_of`, so that no other kernel that is called like ours starts."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """How its kernel starts."""
        if self._kernel_spec is None:
            self._kernel_spec = spec_of(self.kernel_name)
        return self._kernel_spec


class WarmProvisioner(LocalProvisioner):
    """Forks a kernel where it can, and starts one in the ordinary way where it cannot."""

    environment = Dict(help="set in the kernel's environment").tag(config=True)
    settings = Dict(help="set there and in the environment of the process that forks it").tag(config=True)
    batch = Unicode("", help="kill_all of this batch kills the kernel").tag(config=True)
    log_file = Unicode(os.devnull, help="file for what the kernel's process prints").tag(config=True)
    memory_gb = Float(0.0, help="limit of its address space [GiB]; 0 is none").tag(config=True)
    preload = List(Unicode(), help="modules to import before a fork").tag(config=True)
    cold = Bool(False, help="start in the ordinary way").tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Launch a kernel."""
        given = kwargs.get("env") or os.environ
        kwargs["env"] = {**ONE_THREAD, **given, **self.settings, **self.environment}
        if not await self._is_forked(cmd, kwargs):
            if LAUNCHER in cmd and NOTES in kwargs["env"]:  # -m ipykernel_launcher
                place = cmd.index(LAUNCHER)
                cmd = [*cmd[: place - 1], kernel.__file__, *cmd[place + 1 :]]
            with Path(self.log_file).open("ab") as log:
                await super().launch_kernel(cmd, **{"stdout": log, "stderr": log, **kwargs})
        assert self.process is not None
        watch(self.process.pid)
        _running[self.batch].add(self.process.pid)
        if self.batch in _stopped:
            kill_all(self.batch)
        if self.memory_gb and sys.platform == "linux":
            import resource

            limit = int(self.memory_gb * _GIB)
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(self.process.pid, resource.RLIMIT_AS, (limit, limit))
        return self.connection_info

    async def _is_forked(self, cmd: list[str], kwargs: dict[str, Any]) -> bool:
        """Fork a kernel; tell whether it worked."""
        if self.cold or os.environ.get(COLD) or sys.platform != "linux" or LAUNCHER not in cmd:
            return False
        request = {
            "argv": cmd[cmd.index(LAUNCHER) + 1 :],
            "env": {name: text for name, text in kwargs["env"].items() if name != "JPY_PARENT_PID"},
            "cwd": str(kwargs.get("cwd") or Path.cwd()),
            "log": self.log_file,
        }
        try:
            forking = await asyncio.to_thread(_current_zygote, self.preload, self.settings)
            pid = (await asyncio.to_thread(forking.ask, do="fork", **request))["pid"]
        except OSError as error:
            self.log.warning("kernel starts in the ordinary way: %s", error)
            return False
        if pid is None:
            return False
        self.process = ForkedKernel(forking, pid)  # type: ignore[assignment]
        self.pid = self.pgid = pid
        self.cwd = kwargs.get("cwd")
        return True

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Wait a while for a kernel that was told to end, with shorter naps than Jupyter's."""
        deadline = time.monotonic() + _END_SECONDS
        while await self.poll() is None and time.monotonic() < deadline:
            await asyncio.sleep(_NAP_SECONDS)

    async def cleanup(self, restart: bool = False) -> None:
        """Kill what the kernel started and left running."""
        if self.pid in _running[self.batch]:
            _running[self.batch].discard(self.pid)
            kill_group(self.pid)
            unwatch(self.pid)
        await super().cleanup(restart)
