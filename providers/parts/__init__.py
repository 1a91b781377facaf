"""Parts of messages beside text: their shapes, what they count as, and which models and wires take them."""
