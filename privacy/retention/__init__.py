"""How long what is kept is kept: kinds, rules, holds, and the nightly run that removes the rest."""
