"""How many tokens texts come to: counted with a model's own tokenizer where it is at hand, else estimated."""
