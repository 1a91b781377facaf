"""How the installation stands now: gathered while somebody looks, once for everybody who does."""
