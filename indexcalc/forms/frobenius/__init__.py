"""Gradients by differentials and Frobenius products: dℓ = G : dX says that G is ∂ℓ/∂X."""
