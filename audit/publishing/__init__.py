"""The chains' heads, told to places outside the database: each destination one file."""
