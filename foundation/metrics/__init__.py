"""What the service counts for Prometheus: figures of each process, which a scrape of any web process adds up."""
