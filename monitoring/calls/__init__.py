"""How long calls of models took, from what every run used."""
