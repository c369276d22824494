"""Documents: the tables of a trial report as data, and the page, PDF and Word file that show them.

A table is built once (`trial_tables`) and rendered three times, with the same content. Nothing is computed here:
numbers come from the analysis, rules from the protocol, listings from the records.
"""
