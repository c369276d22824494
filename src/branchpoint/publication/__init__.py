"""Published claims of a trial: read them, audit them, reconstruct a patient-level cohort that agrees with them.

What the numbers of a study are lives in ``studies/``; how they are computed from patients lives in
`branchpoint.analysis` and `branchpoint.statistics`.
"""
