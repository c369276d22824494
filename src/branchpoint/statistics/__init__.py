"""Estimators and tests.

They know arrays, not trials: nothing here has heard of a patient or a protocol.
"""
