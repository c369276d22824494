"""The engine gives a protocol its meaning.

`explain` reads one patient and gives the whole tree of reasons; `evaluate` reads a table of patient-visits and gives
columns; `walk` moves patients through the pathway. The first two read the same rules and are tested against each other.
"""
