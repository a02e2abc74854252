"""HTTP: the GWS v2 resources and operations, authentication, and errors in the words of the API."""
