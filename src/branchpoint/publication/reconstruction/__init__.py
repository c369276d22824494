"""Reconstruction of patients from any report's claims: who they are, what was measured, when events came.

The result is a table, one row a patient, with a column for every variable of the claims file. What only a protocol
knows (visits, doses, findings day by day) is added by `branchpoint.publication.reconstruct_study` for the trials that
followed one.
"""
