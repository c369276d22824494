"""Refusal: the one kind of error that means the input, not the program, is at fault."""

__all__ = ["Refused"]


class Refused(Exception):
    """Input that will not be acted on; its text says where it is wrong, what was found and what was expected."""
