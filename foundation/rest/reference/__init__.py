"""The OpenAPI document as pages that people read."""
