"""Protocols written in the words of `branchpoint.language`, and nothing else.

Found through the entry-point group ``branchpoint.protocols``; nobody imports a protocol by name.
"""
