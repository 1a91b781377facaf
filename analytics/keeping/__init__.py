"""How long figures and anomalies are kept, and what of them goes with a person."""
