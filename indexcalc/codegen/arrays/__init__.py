"""Plans as text on arrays: names, expressions, buffers, and what stands around arithmetic."""
