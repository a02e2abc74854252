"""Requests and responses in the words of the API: bodies, fields, paths, errors, operation routes."""
