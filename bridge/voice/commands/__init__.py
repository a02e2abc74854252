"""From an operation to a T-Server request: checks, sessions and the requests themselves."""
