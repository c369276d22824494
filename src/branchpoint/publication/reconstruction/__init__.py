"""Reconstruction of patients from any report's claims: who they are, what was measured, when events came.

`cohort` makes tables of patients, one row a draw and patient, with a column for every variable of the claims file;
`drawing` draws one cohort: its categories (`counts`), then its numbers and times (`values`). `conflicts` finds what
cannot be true together and is therefore not followed; `met` and `spread` look at what was drawn. What only a protocol
knows (visits, doses, findings day by day) is added by `branchpoint.publication.reconstruct_study` for the trials that
followed one.
"""
