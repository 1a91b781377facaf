"""What rules look for; each finder gives where in a text it found something."""
