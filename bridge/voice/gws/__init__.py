"""The words of GWS: bodies that are read, resources and notifications that are rendered."""
