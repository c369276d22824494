"""What each figure shows, computed: one file a kind of figure, Polars frames and named estimates out of it.

Here live counts, quantiles, curves and tests, with who could not be counted and why. Colors, sizes and words on paper
are those of `branchpoint.reporting.figures`, which computes nothing.
"""
