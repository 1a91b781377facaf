"""Pictures and files of prompts: taken in, kept sealed, found by their references, opened when they are sent."""
