"""The telephone domain without I/O: operations become requests, events become state and notifications."""
