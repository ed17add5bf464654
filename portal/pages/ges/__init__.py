"""The page of greenhouse gas: what was saved, where, against what, how it is computed, and an example to change.

`places` finds communes; `trips` reads the form of the example; `reckoning` computes it step by step with the
functions of the published figures; `story` reads those figures; `routes` answers.
"""
