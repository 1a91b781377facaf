"""What the formats of other tools share: their models, parameters, messages and variables in our words."""
