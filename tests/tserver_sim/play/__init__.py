"""Random play over a whole switch: every kind of request, from several clients, and what must always hold."""
