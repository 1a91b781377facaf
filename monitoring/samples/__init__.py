"""How the installation stood, one row a minute and host: taken, kept and read."""
