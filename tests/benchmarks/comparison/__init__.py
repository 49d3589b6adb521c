"""Generated code against what else computes the same gradients: the parts of `compare`."""
