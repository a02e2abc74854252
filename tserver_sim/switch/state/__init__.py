"""Everything that a switch remembers, as plain data, and the tables of party states."""
