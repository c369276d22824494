"""Values: numbers and times that print every summary and survival estimate of a report, in all groups at once.

`printed_fields` and `printed_survival` are what is printed, `within_study` what limits it, `groups`, `setup` and
`shapes` the patients and likely values of one variable, `counting` a feasible start, `moves` and the ``move_`` modules
the compiled search, `soft_p` P values as targets, `numbers` the draw.
"""
