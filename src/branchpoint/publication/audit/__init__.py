"""The audit of a report: everything in it that can be recomputed is, and each claim gets a verdict.

`verdicts` says what a finding is, `report` runs all checks and keeps the gravest finding of each claim; every other
module is one kind of check. No check reads patients: an audit knows what was printed, and nothing else.
"""
