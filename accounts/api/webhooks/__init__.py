"""One's own webhooks over REST: made, changed, tried, and their log."""
