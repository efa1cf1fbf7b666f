"""Jupyter kernels that are forked warm, tell which files they read, and never outlive their process.

The provisioner ``kwh2token-warm`` is what papermill, JupyterLab and the batch engine use. It asks the
`zygote`, a process that has imported what notebooks need, to fork a `kernel`, or starts one in the ordinary
way. `workspace` clears up after whoever asked for it; `client` talks to a kernel without idle waits.
"""
