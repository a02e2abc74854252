"""The T-Server: its clients, what they registered for, and who is told what."""
