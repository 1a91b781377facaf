"""Files that somebody takes away: how they are sent, and the tables and texts that several of them are made of."""
