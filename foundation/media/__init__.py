"""What a file is, told from its bytes: nothing here trusts a name or a header, and nothing is drawn or executed."""
