"""The parent of everything that `make run` starts: servers, web, worker, beat."""
