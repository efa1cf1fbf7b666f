"""Today's prices, tariffs and exchange rates: one small client a source, dated snapshots.

Each source (`sources`) names its requests, how an answer is read, and what its table must look like.
`client` asks for them; `snapshots` lays the tables into a folder called by its date, beside those of
earlier days and never over the committed data, and tells what has changed since.
"""
