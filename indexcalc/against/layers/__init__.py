"""Backward passes layer by layer: which adjoint is the first that is wrong, which layer's."""
