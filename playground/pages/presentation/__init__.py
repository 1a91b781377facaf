"""What the playground's pages show, as words and numbers with units."""
