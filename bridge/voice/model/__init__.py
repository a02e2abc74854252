"""What is known of devices, calls and agents, and the tables that say what follows from what."""
