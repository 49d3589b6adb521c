"""The calculus: rules on terms, derivatives through a program, closed forms."""
