"""Call control without I/O: `switch.py` is the entrance, `README.md` the map."""
