"""The state of a switch as plain data, and the transition tables of parties and agents."""
