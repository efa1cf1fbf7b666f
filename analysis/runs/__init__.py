"""Running notebooks in batch: the engine behind ``kwh2token run`` and ``kwh2token sweep``.

The life of a run: the `suite` says what its notebooks take and deliver, and checks values; a `Template` is
one of them, or any other notebook with the model that its parameters cell declares. `plan` and `sweep` make a
`Run` of it for each set of values: which values, and where results go. `engine.run_all` leaves out the runs
that the `manifest` knows as current, has `check_runs` look at the others, and turns each into a `Task`, plain
data that can travel. `execute` runs a task in a kernel of its own (`kernels`), on a thread here or on a
worker of a `cluster` (a `Pool` is where), and gives a `Delivery`: the executed notebook, the files that it
wrote and read, and what went wrong. In the notebook a `Session` checks the parameters and writes `outputs`.
The engine puts the files in place, notes in the manifest what they were made from, and reports an `Outcome`.
`collect` makes one table and one figure of many runs.
"""
