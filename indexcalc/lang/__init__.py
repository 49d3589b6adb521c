"""Text to program: lexer, parser, and the reading of which indices are summed."""
