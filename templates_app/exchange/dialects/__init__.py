"""What single formats are written in: Handlebars, Picoschema, LangChain's trees, promptfoo's prompts, code, columns."""
