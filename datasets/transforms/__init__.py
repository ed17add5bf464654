"""Transformations that a producer declares: plain data, done in order on each new file of a dataset.

`steps` says what a step is and reads it; `registry` is the table of what can be done; `run` does it.
"""
