"""Jupyter kernels that are forked warm, tell which files they read, and never outlive their process.

The provisioner ``kwh2token-warm`` is what papermill, JupyterLab and the batch engine use. It asks the
`zygote`, a process that has imported what notebooks need, to fork a `kernel`, or starts one in the ordinary
way. `private_kernel` is the kernel of one run: what it is told, how it is talked to, what it noted.
`workspace` clears up after whoever asked for it.

Nothing of the project is known here: what to import before a fork comes from the kernel's ``kernel.json``, or
from whoever starts a kernel, as do the folders whose files count as read.
"""
