"""Traffic splits watched: what calls came to, what that shows, and the end that follows by itself."""
