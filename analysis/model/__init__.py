"""Pure, vectorised functions: no files, no constants without a row."""
