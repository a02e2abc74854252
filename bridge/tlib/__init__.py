"""The T-Server protocol, without I/O: messages, numbers, KV lists, frames and session rules.

Both sides of the link use it, and it imports nothing else of this project. `README.md` beside this
file specifies the wire.
"""
