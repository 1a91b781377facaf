"""How long the ledger of quotas is kept, and what of it goes with a person."""
