"""What the services around have for a prompt: passages of documents, and personas."""
