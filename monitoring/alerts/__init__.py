"""Alerts: rules over what samples show, how each stands, and whom it was told."""
