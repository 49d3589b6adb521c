"""The rules of matrix notation: what entries of matrices make together is an entry of a matrix."""
