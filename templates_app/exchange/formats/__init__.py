"""What templates can come in as, one format a file: each recognises, reads, maps, and tells what it leaves out."""
