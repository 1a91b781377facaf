"""How the admin writes dates: as every other page does."""
