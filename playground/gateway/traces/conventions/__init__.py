"""How the instrumentations name what a call was asked and answered, a file a family of names."""
