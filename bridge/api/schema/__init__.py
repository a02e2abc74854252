"""Parts of the OpenAPI document: schemas, examples and links."""
