"""Pure, vectorised functions from the decode step to the spread of prices; no number without a row.

On top of them stand the fitted model of energy (`energy_model`, `predict`, `fit`) and the cost of tokens
(`token_cost`), which read their coefficients and tables through `analysis.inputs.datasets`.
"""
