"""Events that wait to be told, written with the change that they are of."""
