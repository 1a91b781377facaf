"""`POST /v1/traces`: calls of models that were made elsewhere, as OpenTelemetry tells of them, become history."""
