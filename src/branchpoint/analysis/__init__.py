"""From decisions to results.

Here live the trial's outcomes, computed from walked protocols and recorded events. Nothing here draws, and nothing here
judges a patient.
"""
