"""What could make a prompt better: found by rules and models on one part of the cases, measured on the other."""
