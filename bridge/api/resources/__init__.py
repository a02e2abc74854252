"""The resources of the GWS v2 API that users read, and the operations they post."""
