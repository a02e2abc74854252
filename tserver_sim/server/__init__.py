"""The T-Server: its clients, their requests and registrations, and the distribution of events."""
