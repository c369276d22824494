"""Pages, tables and pictures for readers: what others have declared or decided, in words.

Here live the words for rules, the synopsis of a protocol and its flow diagram, as text, HTML, SVG and JSON. Nothing is
computed or decided here: a number on a page comes from the protocol, the engine or the analysis, never from reporting.
"""
