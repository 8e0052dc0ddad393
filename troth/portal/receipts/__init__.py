"""Where providers report what became of messages, and hand over what people answer."""
