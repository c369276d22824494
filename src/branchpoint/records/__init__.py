"""What is known about patients.

Here live the study's tables and the single patient, their readers and writers, units at the door, the reasons for what
is missing, and the as-of reading of a record. Nothing here judges a patient: that is the engine's.
"""
