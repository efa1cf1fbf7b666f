"""The client of a run's kernel."""

from __future__ import annotations

import contextlib
import math
import time
from queue import Empty

from jupyter_client.asynchronous.client import AsyncKernelClient

_ASK_AGAIN_SECONDS = 1.0
_SUBSCRIBED_SECONDS = 0.2


class PromptClient(AsyncKernelClient):
    """Is ready as soon as its kernel is.

    Jupyter's own client then listens a fifth of a second more, to drop messages that nbclient does not
    mistake for outputs of a cell anyway.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel has answered and its outputs arrive here.

        Raises
        ------
        RuntimeError
            If the kernel dies before, or takes more than `timeout` seconds.
        """
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        while time.monotonic() < deadline:
            self.kernel_info()
            with contextlib.suppress(Empty):
                reply = await self.get_shell_msg(timeout=_ASK_AGAIN_SECONDS)
                await self.get_iopub_msg(timeout=_SUBSCRIBED_SECONDS)
                self._handle_kernel_info_reply(reply)
                return
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")
