"""Matrix notation: out of indices and back, with shapes that are held to."""
