"""Notebooks: what each takes and delivers, checked before and after it runs.

`suite` declares the notebooks of the project; the model of any other one is `inferred` from its parameters
cell. A `template` is a notebook ready to be run, `parameters` refuses values that it does not take, and
`validity` tells whether what it wrote is what it claims to be.
"""
