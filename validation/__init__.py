"""Measures of the publication part, each a script that anyone can run; what they find is written to docs/validation.md.

Simulated trials with a known truth, papers printed from them, and checks that share no code with what they check.
"""
