"""What executions used: one row a run, written at its end."""
