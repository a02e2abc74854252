"""Call control without I/O.

`states.py` says how a party moves, `models.py` what is told to whom, `engine.py` carries that out.
"""
