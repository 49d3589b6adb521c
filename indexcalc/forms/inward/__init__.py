"""Matrix notation as people write it, read as a program with indices."""
