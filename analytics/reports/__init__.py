"""The weekly report: what was run in a week beside the week before, in sentences that figures bear."""
