"""Conflicts: which printed numbers no patients can have together, as the smallest sets, and the fewest to go without.

`contradictions` puts together what `count_contradictions`, `number_contradictions` and `survival_contradictions` find;
`minimal_sets` is the search that they share.
"""
